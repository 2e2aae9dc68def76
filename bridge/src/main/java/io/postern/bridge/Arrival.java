package io.postern.bridge;

import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.mail.ReadableMail;
import io.postern.mapping.IdempotencyKey;
import io.postern.smtp.SpooledMail;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;

/** A mail of the spool, read once for all its recipients ({@link Arrivals}). */
final class Arrival implements AutoCloseable {
  private final SpooledMail spooled;
  private final Mail mail;
  private final IdempotencyKey.Name name;
  private final Runnable release;

  /** Made when it is first asked for: a mail is carried by one thread. */
  private Optional<ReadableMail> readable = Optional.empty();

  /**
   * @param release what was taken for it
   */
  Arrival(SpooledMail spooled, Mail mail, IdempotencyKey.Name name, Runnable release) {
    this.spooled = spooled;
    this.mail = mail;
    this.name = name;
    this.release = release;
  }

  /** Its files cannot be read any more, and its memory is another mail's. */
  @Override
  public void close() {
    release.run();
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
   * without what claims to be that. To be closed.
   */
  InputStream handedOn() throws IOException {
    return spooled.open();
  }

  /** The key of one part: of the mail's id or, where it has none, of its octets. */
  IdempotencyKey key(Mailbox recipient, int part) {
    return IdempotencyKey.of(name, recipient, part);
  }
}
