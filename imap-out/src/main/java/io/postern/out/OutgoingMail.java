package io.postern.out;

import io.postern.mail.MailId;
import jakarta.mail.internet.MailDateFormat;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * The final octets of one mail, checked: what exists can be sent by SMTP or appended by IMAP
 * without a change. RFC 5322 §2.1 and §2.3.
 */
final class OutgoingMail {
  /** RFC 5322 §2.1.1, in octets without CR LF. */
  static final int MAX_LINE = 998;

  // Not a copy, since mails are large: who gets it only writes it.
  private final byte[] octets;
  private final int headerLength;
  private final boolean eightBit;
  private final boolean eightBitHeader;

  private OutgoingMail(byte[] octets, int headerLength, boolean eightBit, boolean eightBitHeader) {
    this.octets = octets;
    this.headerLength = headerLength;
    this.eightBit = eightBit;
    this.eightBitHeader = eightBitHeader;
  }

  /**
   * @param octets nobody changes them while this mail is sent: see {@link MailSender#send}
   * @throws UndeliveredException 5.6.0 if the octets are not lines of at most 998 octets, each
   *     ended by CR LF, without NUL
   */
  static OutgoingMail of(byte[] octets) throws UndeliveredException {
    int lineStart = 0;
    int headerLength = -1;
    boolean eightBit = false;
    boolean eightBitHeader = false;
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      if (octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n') {
        if (i - lineStart > MAX_LINE) {
          throw malformed("a line of " + (i - lineStart) + " octets; 998 is the most", i);
        }
        if (i == lineStart && headerLength < 0) {
          headerLength = lineStart;
          eightBitHeader = eightBit;
        }
        i++;
        lineStart = i + 1;
      } else if (octet == '\r' || octet == '\n') {
        throw malformed("a line end that is not CR LF", i);
      } else if (octet == 0) {
        throw malformed("a NUL octet", i);
      } else {
        eightBit |= octet < 0;
      }
    }
    if (octets.length == 0 || lineStart != octets.length) {
      throw malformed("no CR LF at its end", octets.length);
    }
    boolean headerOnly = headerLength < 0;
    return new OutgoingMail(
        octets,
        headerOnly ? octets.length : headerLength,
        eightBit,
        headerOnly ? eightBit : eightBitHeader);
  }

  private static UndeliveredException malformed(String what, int offset) {
    return UndeliveredException.refused(
        "5.6.0", "the mail cannot be sent as it is: " + what + " (octet " + offset + ")");
  }

  /** The octets themselves, for writing them and for nothing else. */
  byte[] octets() {
    return octets;
  }

  int size() {
    return octets.length;
  }

  /** Whether any octet is above 127: RFC 6152 wants to know. */
  boolean isEightBit() {
    return eightBit;
  }

  /**
   * Whether the header section holds UTF-8, so that the next hop must know SMTPUTF8 (RFC 6532
   * §3.2). Headers of parts inside the body are not looked at: our writer encodes them.
   */
  boolean hasUtf8Header() {
    return eightBitHeader;
  }

  /** The value of Message-ID, if there is one. */
  Optional<MailId> id() {
    return header("Message-ID").flatMap(MailId::parse);
  }

  /** The value of Date, if there is one that can be read. */
  Optional<Instant> date() {
    return header("Date").flatMap(OutgoingMail::parseDate);
  }

  private static Optional<Instant> parseDate(String value) {
    try {
      return Optional.of(new MailDateFormat().parse(value).toInstant());
    } catch (ParseException unreadable) {
      return Optional.empty();
    }
  }

  /** The first field of that name: its value unfolded and trimmed. */
  Optional<String> header(String name) {
    var prefix = name.toLowerCase(Locale.ROOT) + ":";
    var section = new String(octets, 0, headerLength, StandardCharsets.UTF_8);
    for (var field : section.split("\r\n(?![ \t])")) {
      if (field.length() >= prefix.length()
          && field.substring(0, prefix.length()).toLowerCase(Locale.ROOT).equals(prefix)) {
        return Optional.of(field.substring(prefix.length()).replace("\r\n", "").strip());
      }
    }
    return Optional.empty();
  }
}
