package io.postern.mail.auth;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One header field as its octets stand, since a signature covers those. RFC 5322 §2.2.
 *
 * @param name in lower case; empty for a line that is no field, which no signature can name
 * @param text name, colon and value with inner CR LF but without the last one; each octet is a char
 *     up to U+00FF
 */
record RawField(String name, String text) {
  static RawField of(String text) {
    int colon = text.indexOf(':');
    var name = colon < 0 ? "" : text.substring(0, colon).stripTrailing();
    boolean isName = !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
    return new RawField(isName ? name.toLowerCase(Locale.ROOT) : "", text);
  }

  /** What stands after the colon, still folded. */
  String value() {
    return text.substring(text.indexOf(':') + 1);
  }

  /** The value on one line, its octets read as UTF-8. */
  String unfolded() {
    var octets = value().replace("\r\n", "").strip().getBytes(StandardCharsets.ISO_8859_1);
    return new String(octets, StandardCharsets.UTF_8);
  }

  /** The same field with the value of its tag {@code b=} taken out. RFC 6376 §3.5, §3.7. */
  RawField withoutSignature() {
    int start = text.indexOf(':') + 1;
    while (start <= text.length()) {
      int semicolon = text.indexOf(';', start);
      int end = semicolon < 0 ? text.length() : semicolon;
      int equals = text.indexOf('=', start);
      if (equals >= 0 && equals < end && text.substring(start, equals).strip().equals("b")) {
        return new RawField(name, text.substring(0, equals + 1) + text.substring(end));
      }
      start = end + 1;
    }
    return this;
  }
}
