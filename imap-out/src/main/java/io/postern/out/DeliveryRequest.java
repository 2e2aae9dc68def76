package io.postern.out;

import io.postern.mail.Mailbox;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a server that can report deliveries is asked for: a word on failures and delays, with the
 * header of the mail alone, and with the marks by which it is known. RFC 3461 §4.
 */
final class DeliveryRequest {
  /** RFC 3461 §4.4. */
  private static final int MAX_ENVELOPE_ID = 100;

  /** RFC 3461 §4.2. */
  private static final int MAX_ORIGINAL = 500;

  private DeliveryRequest() {}

  /**
   * Behind MAIL FROM: the return path is the mail's envelope id, too, since it is used once. What
   * xtext stands for must be ASCII: Postfix refuses the mail otherwise.
   */
  static String ofMail(Mailbox reversePath) {
    var path = reversePath.toString();
    var id = xtext(path);
    return " RET=HDRS" + (isAscii(path) && id.length() <= MAX_ENVELOPE_ID ? " ENVID=" + id : "");
  }

  /** Behind RCPT TO. An address in UTF-8 would need RFC 6533, and is not repeated. */
  static String ofRecipient(Mailbox recipient) {
    var address = recipient.toString();
    var original = xtext(address);
    return " NOTIFY=FAILURE,DELAY"
        + (isAscii(address) && original.length() <= MAX_ORIGINAL
            ? " ORCPT=rfc822;" + original
            : "");
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  /** RFC 3461 §4; more is encoded than must be, so that no parameter looks like a path. */
  private static String xtext(String text) {
    var out = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          octet >= '0' && octet <= '9'
              || octet >= 'A' && octet <= 'Z'
              || octet >= 'a' && octet <= 'z'
              || "@.-_".indexOf(octet) >= 0;
      out.append(plain ? (char) octet : String.format(Locale.ROOT, "+%02X", octet));
    }
    return out.toString();
  }
}
