package io.postern.mail;

/** Where accepted mail goes in: the spool, whoever brings the mail. */
public interface MailSink {
  /**
   * Takes responsibility for the mail. When this returns, the mail is durable and the far side may
   * forget it.
   *
   * @throws MailException if it was not taken; its status says whether a later try can help
   */
  void accept(AcceptedMail mail) throws MailException;
}
