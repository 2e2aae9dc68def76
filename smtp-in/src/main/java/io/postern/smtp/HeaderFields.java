package io.postern.smtp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiPredicate;

/** The fields of a mail's header as octets, folded as they are. RFC 5322 §2.2. */
final class HeaderFields {
  private final InputStream mail;
  private final BiPredicate<String, String> unwanted;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final ByteArrayOutputStream field = new ByteArrayOutputStream();

  private HeaderFields(InputStream mail, BiPredicate<String, String> unwanted) {
    this.mail = mail;
    this.unwanted = unwanted;
  }

  /**
   * Reads the header into memory, which nobody takes who takes no large ones ({@link
   * HeaderBlock#MAX_OCTETS}); the body stays in its stream.
   *
   * @param mail lines ended by CR LF
   * @param unwanted of a field's name, in lower case, and its value
   * @return the mail without those fields, else octet for octet the same
   */
  static InputStream removed(InputStream mail, BiPredicate<String, String> unwanted)
      throws IOException {
    return new HeaderFields(mail, unwanted).rest();
  }

  private InputStream rest() throws IOException {
    int octet = mail.read();
    while (octet >= 0 && octet != '\r' && octet != '\n') {
      octet = field(octet);
    }
    if (octet >= 0) {
      kept.write(octet);
    }
    return new SequenceInputStream(new ByteArrayInputStream(kept.toByteArray()), mail);
  }

  /**
   * Reads one field, which ends at the line end that no folded line follows.
   *
   * @return the octet behind it
   */
  private int field(int first) throws IOException {
    field.reset();
    int octet = first;
    do {
      while (octet >= 0 && octet != '\n') {
        field.write(octet);
        octet = mail.read();
      }
      if (octet >= 0) {
        field.write(octet);
        octet = mail.read();
      }
    } while (octet == ' ' || octet == '\t');
    var text = field.toString(StandardCharsets.ISO_8859_1);
    int colon = text.indexOf(':');
    // RFC 5322 §4.5: white space may stand before the colon.
    if (colon < 0
        || !unwanted.test(
            text.substring(0, colon).strip().toLowerCase(Locale.ROOT), text.substring(colon + 1))) {
      field.writeTo(kept);
    }
    return octet;
  }
}
