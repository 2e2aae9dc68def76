package io.postern.out;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an SMTP server answers: RFC 5321 §4.2.
 *
 * @param code 200 to 599
 * @param lines one or more, the text after the code; from a stranger, so not to be printed as they
 *     are: {@link #text} is
 */
record ServerReply(int code, List<String> lines) {
  // RFC 5321 §4.5.3.1.5 allows 512; some servers put whole paragraphs on a line.
  static final int MAX_LINE = 4_096;
  static final int MAX_LINES = 200;
  private static final int MAX_TEXT = 500;

  private static final Pattern ENHANCED_STATUS =
      Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?: +|$)");

  ServerReply {
    if (code < 200 || code > 599 || lines.isEmpty()) {
      throw new IllegalArgumentException("not an SMTP reply: " + code);
    }
    lines = List.copyOf(lines);
  }

  /**
   * Reads one reply to the end of its last line and not an octet further.
   *
   * @throws MalformedReplyException if the octets are no reply, or more than our limits
   * @throws EOFException if the connection ends before the reply does
   */
  static ServerReply read(InputStream in) throws IOException, MalformedReplyException {
    var lines = new ArrayList<String>();
    int code = 0;
    while (true) {
      var line = readLine(in);
      int lineCode = code(line);
      if (!lines.isEmpty() && lineCode != code) {
        throw new MalformedReplyException("one reply has the codes " + code + " and " + lineCode);
      }
      code = lineCode;
      lines.add(line.length() > 4 ? line.substring(4) : "");
      // RFC 5321 §4.2: the space may be missing where there is no text.
      if (line.length() == 3 || line.charAt(3) == ' ') {
        return new ServerReply(code, lines);
      }
      if (lines.size() == MAX_LINES) {
        throw new MalformedReplyException("a reply has more than " + MAX_LINES + " lines");
      }
    }
  }

  private static int code(String line) throws MalformedReplyException {
    boolean wellFormed =
        line.length() >= 3
            && line.charAt(0) >= '2'
            && line.charAt(0) <= '5'
            && isDigit(line.charAt(1))
            && isDigit(line.charAt(2))
            && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
    if (!wellFormed) {
      throw new MalformedReplyException("expected an SMTP reply, got \"" + clean(line, 60) + "\"");
    }
    return Integer.parseInt(line.substring(0, 3));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static String readLine(InputStream in) throws IOException, MalformedReplyException {
    var line = new ByteArrayOutputStream(80);
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException("the connection ended");
      }
      if (octet == '\n') {
        // Bare LF: some servers end their lines so although RFC 5321 §2.3.8 forbids it.
        var text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() == MAX_LINE) {
        throw new MalformedReplyException("a reply line is longer than " + MAX_LINE + " octets");
      }
      line.write(octet);
    }
  }

  /** 2yz: done. */
  boolean isPositive() {
    return code / 100 == 2;
  }

  /** 4yz: not now. */
  boolean isTransient() {
    return code / 100 == 4;
  }

  /** 5yz: no. */
  boolean isPermanent() {
    return code / 100 == 5;
  }

  /**
   * The enhanced status code (RFC 2034) that opens the text, or {@code class.0.0} if there is none
   * or its class contradicts the reply code: the reply code decides.
   */
  String status() {
    var found = ENHANCED_STATUS.matcher(lines.get(0));
    if (found.lookingAt() && found.group(1).charAt(0) == '0' + code / 100) {
      return found.group(1);
    }
    return code / 100 + ".0.0";
  }

  /**
   * All lines as one, at most 500 characters, safe to print: no controls, no bidirectional marks.
   * The enhanced status stands once, at the beginning.
   */
  String text() {
    var rest = lines.stream().skip(1).map(ServerReply::withoutStatus);
    return clean(lines.get(0) + " " + rest.collect(Collectors.joining(" ")), MAX_TEXT);
  }

  private static String withoutStatus(String line) {
    var status = ENHANCED_STATUS.matcher(line);
    return status.lookingAt() ? line.substring(status.end()) : line;
  }

  /** Code and text. */
  @Override
  public String toString() {
    return (code + " " + text()).strip();
  }

  /**
   * What this reply means for a mail, if it is not the one that was hoped for.
   *
   * @param host who said it
   * @param step what it was said to
   */
  UndeliveredException failure(String host, String step) {
    var said = host + " answered " + step + " with: " + this;
    if (isTransient()) {
      return UndeliveredException.deferred(status(), said);
    }
    if (isPermanent()) {
      return UndeliveredException.refused(status(), said);
    }
    return UndeliveredException.deferred("4.5.0", said + " (which has no meaning there)");
  }

  /** One line of at most {@code max} characters from what a stranger wrote. */
  static String clean(String text, int max) {
    var out = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      if (isPrintable(c) && c != ' ') {
        out.appendCodePoint(c);
      } else if (out.length() > 0 && out.charAt(out.length() - 1) != ' ') {
        out.append(' ');
      }
      if (out.length() >= max) {
        break;
      }
    }
    return out.toString().strip();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
