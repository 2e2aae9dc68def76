package io.postern.smtp;

import io.postern.mail.auth.AuthenticationResults;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes out of a mail what somebody else has written in our name: Authentication-Results fields
 * that claim to be of this host. RFC 8601 §5.
 */
final class ForgedResults {
  private static final String FIELD = "authentication-results:";

  private ForgedResults() {}

  /**
   * @param mail lines ended by CR LF
   * @param host our {@code authserv-id}
   * @return the mail without those fields, else octet for octet the same
   */
  static byte[] removed(byte[] mail, String host) {
    var out = new ByteArrayOutputStream(mail.length);
    int at = 0;
    while (at < mail.length && mail[at] != '\r' && mail[at] != '\n') {
      int end = endOfField(mail, at);
      if (!isForged(mail, at, end, host)) {
        out.write(mail, at, end - at);
      }
      at = end;
    }
    out.write(mail, at, mail.length - at);
    return out.toByteArray();
  }

  /** Behind the line end that no folded line follows. */
  private static int endOfField(byte[] mail, int from) {
    int at = from;
    while (at < mail.length) {
      while (at < mail.length && mail[at] != '\n') {
        at++;
      }
      at = Math.min(at + 1, mail.length);
      if (at == mail.length || mail[at] != ' ' && mail[at] != '\t') {
        return at;
      }
    }
    return at;
  }

  private static boolean isForged(byte[] mail, int from, int end, String host) {
    if (end - from < FIELD.length()) {
      return false;
    }
    var name = new String(mail, from, FIELD.length(), StandardCharsets.ISO_8859_1);
    if (!name.equalsIgnoreCase(FIELD)) {
      return false;
    }
    int start = from + FIELD.length();
    var value = new String(mail, start, end - start, StandardCharsets.ISO_8859_1);
    return AuthenticationResults.isForgery(value, host);
  }
}
