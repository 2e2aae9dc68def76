package io.postern.out;

import io.postern.mail.Mailbox;
import java.net.IDN;
import java.util.regex.Pattern;

/** How a mailbox stands in a command, and which domain is asked for its mail hosts. */
final class SmtpPath {
  /**
   * What IDNA2003, all that Java knows, maps to something else and IDNA2008 does not (RFC 5894
   * §7.2): the mail would go to another domain.
   */
  private static final Pattern DEVIATION = Pattern.compile("[\u00df\u03c2\u200c\u200d]");

  private SmtpPath() {}

  /**
   * The mailbox with its domain in ASCII, which every server understands: then only a local part in
   * UTF-8 needs SMTPUTF8.
   *
   * @throws UndeliveredException 5.1.3 if the domain has no ASCII form, or none that is certain
   */
  static Mailbox ascii(Mailbox mailbox) throws UndeliveredException {
    if (mailbox.domain().chars().allMatch(c -> c < 0x80)) {
      return mailbox;
    }
    if (DEVIATION.matcher(mailbox.domain()).find()) {
      throw UndeliveredException.refused(
          "5.1.3", "write the domain of " + mailbox + " in its ASCII form (xn--…)");
    }
    try {
      var domain = IDN.toASCII(mailbox.domain(), IDN.USE_STD3_ASCII_RULES);
      return new Mailbox(mailbox.localPart(), domain);
    } catch (IllegalArgumentException noForm) {
      throw UndeliveredException.refused(
              "5.1.3", "the domain of " + mailbox + " is not a valid internationalized name")
          .because(noForm);
    }
  }
}
