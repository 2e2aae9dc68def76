package io.postern.smtp;

import io.postern.mail.MailException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One answer of the server: code, enhanced status, text. RFC 5321 §4.2, RFC 3463, RFC 2034.
 *
 * @param code three digits
 * @param status enhanced status code of the same class as {@code code}; empty where RFC 2034 §4
 *     wants none: the greeting, the answers to EHLO and HELO, 334 and 354
 * @param lines one or more of printable ASCII, each short enough for one reply line
 */
public record SmtpReply(int code, String status, List<String> lines) {
  /** RFC 5321 §4.5.3.1.5 allows 512 octets with code, status and CR LF. */
  private static final int MAX_LINE = 480;

  private static final int MAX_LINES = 20;
  private static final Pattern STATUS = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}");
  private static final Pattern LINE = Pattern.compile("[\\x20-\\x7e]{0," + MAX_LINE + "}");

  /**
   * @throws IllegalArgumentException if a part is malformed or code and status are of two classes
   */
  public SmtpReply {
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("expected a reply code from 200 to 599, got " + code);
    }
    boolean sameClass =
        STATUS.matcher(status).matches() && status.charAt(0) == Character.forDigit(code / 100, 10);
    if (!status.isEmpty() && !sameClass) {
      throw new IllegalArgumentException("status \"" + status + "\" does not go with " + code);
    }
    lines = List.copyOf(lines);
    if (lines.isEmpty() || lines.size() > MAX_LINES) {
      throw new IllegalArgumentException("a reply has 1 to " + MAX_LINES + " lines");
    }
    for (var line : lines) {
      if (!LINE.matcher(line).matches()) {
        throw new IllegalArgumentException("a reply line is too long or not printable ASCII");
      }
    }
  }

  /**
   * A reply with the given text, folded where it is long. Characters that a reply cannot carry
   * become question marks, line ends become spaces.
   */
  public static SmtpReply of(int code, String status, String text) {
    return new SmtpReply(code, status, folded(text));
  }

  /**
   * The refusal for a status alone: 451 for class 4; for class 5 the code that RFC 5321 §4.2.3
   * gives to its subject, else 550.
   */
  public static SmtpReply refusing(String status, String advice) {
    if (status.startsWith("4.")) {
      return of(451, status, advice);
    }
    if (status.equals("5.3.4")) {
      return of(552, status, advice);
    }
    boolean aboutTheMail = status.startsWith("5.6.") || status.equals("5.4.6");
    return of(aboutTheMail ? 554 : 550, status, advice);
  }

  /** The refusal of a mail that could not be read or taken. */
  public static SmtpReply refusing(MailException refused) {
    return refusing(refused.status(), refused.advice());
  }

  /** Whether the command failed, for now (class 4) or for good (class 5). */
  public boolean isRefusal() {
    return code >= 400;
  }

  /** Whether it says no because of what is allowed: RFC 3463 §3.8, security or policy. */
  public boolean isPolicy() {
    return status.startsWith("4.7.") || status.startsWith("5.7.");
  }

  /** The octets that go out, each line with its CR LF. */
  public byte[] octets() {
    var out = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      out.append(code).append(i < lines.size() - 1 ? '-' : ' ');
      out.append(status).append(status.isEmpty() ? "" : " ");
      out.append(lines.get(i)).append("\r\n");
    }
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** On one line, for logs. */
  @Override
  public String toString() {
    return code + " " + status + (status.isEmpty() ? "" : " ") + String.join(" ", lines);
  }

  private static List<String> folded(String text) {
    var rest = text.replaceAll("[\\r\\n\\t]+", " ").replaceAll("[^\\x20-\\x7e]", "?").strip();
    var lines = new ArrayList<String>();
    while (rest.length() > MAX_LINE && lines.size() < MAX_LINES - 1) {
      int space = rest.lastIndexOf(' ', MAX_LINE);
      int cut = space > 0 ? space : MAX_LINE;
      lines.add(rest.substring(0, cut));
      rest = rest.substring(cut).stripLeading();
    }
    lines.add(rest.substring(0, Math.min(rest.length(), MAX_LINE)));
    return lines;
  }
}
