package io.postern.out;

import io.postern.mail.AddressList;
import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What the header of a mail in a folder says of where it goes. RFC 5322 §3.6.3.
 *
 * @param author empty unless there is one alone
 * @param recipients those that are ours, each once
 * @param delivered whether a mail server has put it there, and not the mailbox's owner: final
 *     delivery writes Return-Path on top, RFC 5321 §4.4, and nobody before it can prevent that
 * @param automatic whether its reverse-path is the null sender, as that of a report
 */
record FolderMail(
    Optional<Mailbox> author, List<Mailbox> recipients, boolean delivered, boolean automatic) {
  /** As many as one mail may have that comes by SMTP. */
  private static final int MAX_RECIPIENTS = 100;

  private static final String RETURN_PATH = "Return-Path";
  private static final String DELIVERED_TO = "Delivered-To";

  FolderMail {
    recipients = List.copyOf(recipients);
  }

  /**
   * @param header with the empty line after it
   * @param served whether a recipient is one of ours; the others have been mailed by somebody else
   * @throws MailException if it cannot be read
   */
  static FolderMail read(byte[] header, Predicate<Mailbox> served) throws MailException {
    var mail = MailReader.read(header);
    var fields = mail.header();
    var bcc = fields.all("Bcc").stream().flatMap(field -> AddressList.parse(field).stream());
    var recipients =
        Stream.of(mail.to().stream(), mail.cc().stream(), bcc)
            .flatMap(field -> field)
            .map(NamedMailbox::mailbox)
            .filter(served)
            .map(Mailbox::canonical)
            .distinct()
            .toList();
    var returnPath = fields.first(RETURN_PATH).map(String::strip);
    return new FolderMail(
        mail.author().map(NamedMailbox::mailbox),
        recipients,
        returnPath.isPresent() || fields.has(DELIVERED_TO),
        returnPath.filter(path -> path.equals("<>") || path.isEmpty()).isPresent());
  }

  /**
   * Reports come back to the author, whom alone a check can prove: whose any other reverse-path is,
   * nobody here can know.
   *
   * @throws MailException 5.5.3 if it goes to too many, 5.6.0 if nobody has written it
   */
  Envelope envelope() throws MailException {
    if (recipients.size() > MAX_RECIPIENTS) {
      throw new MailException("5.5.3", "It has more than " + MAX_RECIPIENTS + " recipients");
    }
    if (automatic) {
      return Envelope.fromNobody(recipients);
    }
    if (author.isEmpty()) {
      throw new MailException("5.6.0", "It has no From with one mailbox");
    }
    return Envelope.of(author.get(), recipients);
  }
}
