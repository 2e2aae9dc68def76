package io.postern.mail;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Where mail goes that is fetched from a mailbox, and who is told of what is not taken there. */
public interface MailIntake {
  /**
   * Takes responsibility for the mail, if it passes what a mail by SMTP must pass. When this
   * returns, the mail is durable and its folder may be read on.
   *
   * @param login who speaks by it without further proof; empty if the mail must show that itself
   * @throws MailException if it was not taken, which is noted if it is final; its status says
   *     whether a later try can help
   * @throws IOException what the content of the mail has thrown; then nothing was taken
   */
  void accept(FetchedMail mail, Optional<Mailbox> login) throws MailException, IOException;

  /**
   * Notes a mail that is not even offered.
   *
   * @param recipients those that are ours, as far as they are known
   * @param header as far as it is known
   * @param octets of the whole mail
   */
  void passOver(List<Mailbox> recipients, byte[] header, long octets, MailException reason);
}
