package io.postern.bridge;

import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.ReadableMail;
import io.postern.mapping.IdempotencyKey;
import io.postern.smtp.SpooledMail;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** A mail of the spool, read once for all its recipients. */
final class Arrival {
  private final SpooledMail spooled;
  private final Mail mail;
  private final IdempotencyKey.Name name;

  /** Made when it is first asked for: a mail is carried by one thread. */
  private Optional<ReadableMail> readable = Optional.empty();

  private Arrival(SpooledMail spooled, Mail mail, IdempotencyKey.Name name) {
    this.spooled = spooled;
    this.mail = mail;
    this.name = name;
  }

  /**
   * @throws io.postern.smtp.DamagedFileException if the file is not what the spool wrote
   * @throws MailException if what it holds is no mail that can be read
   */
  static Arrival read(SpooledMail spooled) throws IOException, MailException {
    var octets = spooled.arrivedOctets();
    var mail = MailReader.read(octets);
    return new Arrival(
        spooled, mail, IdempotencyKey.Name.of(mail, new ByteArrayInputStream(octets)));
  }

  /** The spool id: the journey's id, and the key of everything that the mail becomes. */
  String id() {
    return spooled.id().toString();
  }

  SpooledMail spooled() {
    return spooled;
  }

  Instant at() {
    return spooled.received().at();
  }

  /** What its readers should know of how far its author is verified. */
  Optional<String> caution() {
    return Optional.of(spooled.received().verdict().caution()).filter(line -> !line.isEmpty());
  }

  Mail mail() {
    return mail;
  }

  /** What the mail says to people, made once for all its recipients: HTML is costly to read. */
  ReadableMail readable() {
    if (readable.isEmpty()) {
      readable = Optional.of(ReadableMail.of(mail));
    }
    return readable.get();
  }

  /**
   * The mail as final delivery hands it on: with what this server found out about its sender, and
   * without what claims to be that.
   */
  byte[] handedOn() throws IOException {
    return spooled.octets();
  }

  /** The key of one part: of the mail's id or, where it has none, of its octets. */
  IdempotencyKey key(Mailbox recipient, int part) {
    return IdempotencyKey.of(name, recipient, part);
  }
}
