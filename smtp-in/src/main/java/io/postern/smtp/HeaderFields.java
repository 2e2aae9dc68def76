package io.postern.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiPredicate;

/** The fields of a mail's header as octets, folded as they are. RFC 5322 §2.2. */
final class HeaderFields {
  private HeaderFields() {}

  /**
   * @param mail lines ended by CR LF
   * @param unwanted of a field's name, in lower case, and its value
   * @return the mail without those fields, else octet for octet the same
   */
  static byte[] removed(byte[] mail, BiPredicate<String, String> unwanted) {
    var out = new ByteArrayOutputStream(mail.length);
    int at = 0;
    while (at < mail.length && mail[at] != '\r' && mail[at] != '\n') {
      int end = endOfField(mail, at);
      var field = new String(mail, at, end - at, StandardCharsets.ISO_8859_1);
      int colon = field.indexOf(':');
      // RFC 5322 §4.5: white space may stand before the colon.
      if (colon < 0
          || !unwanted.test(
              field.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              field.substring(colon + 1))) {
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
}
