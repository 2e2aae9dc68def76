package io.postern.bench;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A mail of 4 KB of plain text that says its number, so that it is known again as a message.
 *
 * @param from its author and envelope sender
 * @param to its recipient
 * @param number unique in a run
 */
public record SampleMail(String from, String to, int number) {
  /** Octets of the whole mail. */
  public static final int OCTETS = 4096;

  private static final Pattern NUMBER = Pattern.compile("\\bload-(\\d+)\\b");
  private static final String LINE =
      "It was a bright cold day in April, and all clocks were right. 67\r\n";

  /** What is put at the head of a text so that {@link #number} finds it. */
  static String word(int number) {
    return "load-" + number;
  }

  /** The number in a text that a mail or a message carried. */
  static OptionalInt number(String text) {
    var found = NUMBER.matcher(text);
    return found.find() ? OptionalInt.of(Integer.parseInt(found.group(1))) : OptionalInt.empty();
  }

  /** Header and body as they travel, without dot-stuffing: no line begins with a dot. */
  public byte[] octets() {
    var text = new StringBuilder(OCTETS);
    text.append("From: <").append(from).append(">\r\n");
    text.append("To: <").append(to).append(">\r\n");
    text.append("Subject: Load\r\n");
    text.append("Date: Wed, 25 Nov 2026 12:00:00 +0000\r\n");
    text.append("Message-ID: <load-").append(number).append("@bench.example>\r\n");
    text.append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
    text.append(word(number)).append("\r\n\r\n");
    while (text.length() + LINE.length() <= OCTETS) {
      text.append(LINE);
    }
    while (text.length() < OCTETS - 2) {
      text.append('x');
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }
}
