package io.postern.out;

import io.postern.mail.Mailbox;

/** How a mailbox stands in a command, and which domain is asked for its mail hosts. */
final class SmtpPath {
  private SmtpPath() {}

  /**
   * The mailbox with its domain in ASCII, which every server understands: then only a local part in
   * UTF-8 needs SMTPUTF8.
   *
   * @throws UndeliveredException 5.1.3 if the domain has no ASCII form, or none that is certain
   */
  static Mailbox ascii(Mailbox mailbox) throws UndeliveredException {
    var ascii = Mailbox.asciiDomain(mailbox.domain());
    if (!ascii.chars().allMatch(c -> c < 0x80)) {
      throw UndeliveredException.refused(
          "5.1.3", "no ASCII form of the domain of " + mailbox + " is certain; write it as xn--…");
    }
    return new Mailbox(mailbox.localPart(), ascii);
  }
}
