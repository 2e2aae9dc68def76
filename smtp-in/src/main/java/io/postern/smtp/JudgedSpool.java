package io.postern.smtp;

import io.postern.mail.FetchedMail;
import io.postern.mail.MailException;
import io.postern.mail.MailIntake;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks of mail that was fetched what a mail by SMTP is asked at the end of DATA, and spools it. Who
 * is no recipient shows when it is delivered; the author gets a report then. May be used by several
 * threads.
 */
public final class JudgedSpool implements MailIntake {
  private static final Logger log = LoggerFactory.getLogger(JudgedSpool.class);

  private static final int CHUNK = 64 << 10;

  private final Reception reception;

  public JudgedSpool(Reception reception) {
    this.reception = Objects.requireNonNull(reception, "reception");
  }

  @Override
  public void accept(FetchedMail mail, Optional<Mailbox> login) throws MailException, IOException {
    var header = new HeaderBlock();
    var reply = keep(mail, header, login);
    if (reply.isEmpty()) {
      return;
    }
    // What is put off comes again and again; only the end of it is worth a line.
    if (reply.get().code() >= 500) {
      note(
          mail.envelope().reversePath(),
          mail.envelope().forwardPaths(),
          header,
          mail.octets(),
          reply.get());
    }
    throw new MailException(reply.get().status(), String.join(" ", reply.get().lines()));
  }

  @Override
  public void passOver(List<Mailbox> recipients, byte[] header, long octets, MailException reason) {
    note(Optional.empty(), recipients, header(header), octets, SmtpReply.refusing(reason));
  }

  private static HeaderBlock header(byte[] octets) {
    var header = new HeaderBlock();
    header.accept(octets, 0, octets.length);
    return header;
  }

  /** What the content of a mail has thrown, and not the spool. */
  private static final class LostException extends IOException {
    private static final long serialVersionUID = 1L;
    private final IOException reason;

    LostException(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /** Empty if the spool holds it now. */
  private Optional<SmtpReply> keep(FetchedMail mail, HeaderBlock header, Optional<Mailbox> login)
      throws IOException {
    long began = System.nanoTime();
    var spool = reception.spool();
    try {
      if (!spool.hasRoomFor(mail.octets())) {
        return Optional.of(SmtpReply.of(452, "4.3.1", "The disk of the spool is full"));
      }
      try (var incoming = spool.begin()) {
        var flaws = new DataReader.Flaws();
        copy(mail.content(), incoming, header, flaws);
        var fault = fault(flaws, header).or(() -> reception.loops().check(header.fields()));
        if (fault.isPresent()) {
          return fault;
        }
        var judgement =
            reception.judge().judge(incoming.arrived(mail.envelope(), mail.received(), login));
        if (judgement instanceof MailJudge.Refused refused) {
          return Optional.of(refused.reply());
        }
        var verdict = ((MailJudge.Taken) judgement).verdict();
        long octets = incoming.arrivedOctets();
        var id = incoming.commit(mail.envelope(), mail.received(), verdict);
        log.info(
            "spool={} mailbox={} recipients={} octets={} tls={} took={}ms",
            id,
            mail.envelope().forwardPaths().get(0),
            mail.envelope().forwardPaths().size(),
            octets,
            mail.received().tls(),
            (System.nanoTime() - began) / 1_000_000);
        return Optional.empty();
      }
    } catch (LostException lost) {
      throw lost.reason;
    } catch (IOException failed) {
      log.error("the spool could not take a mail; it is fetched again later", failed);
      return Optional.of(SmtpReply.of(451, "4.3.0", "The mail could not be stored"));
    }
  }

  private static void copy(
      InputStream content, IncomingMail incoming, HeaderBlock header, DataReader.Flaws flaws)
      throws IOException {
    var chunk = new byte[CHUNK];
    int count;
    while ((count = next(content, chunk)) >= 0) {
      header.accept(chunk, 0, count);
      flaws.look(chunk, count);
      incoming.write(chunk, 0, count);
    }
  }

  private static int next(InputStream content, byte[] chunk) throws LostException {
    try {
      return content.read(chunk);
    } catch (IOException lost) {
      throw new LostException(lost);
    }
  }

  private static Optional<SmtpReply> fault(DataReader.Flaws flaws, HeaderBlock header) {
    return flaws
        .first()
        .map(flaw -> SmtpReply.of(554, "5.6.0", "The mail holds " + flaw.text))
        .or(
            () ->
                header.isTooLong()
                    ? Optional.of(
                        SmtpReply.of(
                            552,
                            "5.3.4",
                            "The header is larger than " + HeaderBlock.MAX_OCTETS + " octets"))
                    : Optional.empty());
  }

  private void note(
      Optional<Mailbox> reversePath,
      List<Mailbox> recipients,
      HeaderBlock header,
      long octets,
      SmtpReply reply) {
    var fields = header.fields();
    new Refusal(
            reception.spool().now(),
            "",
            "",
            reversePath,
            recipients,
            Refusal.from(fields),
            Refusal.mailId(fields),
            header.hash(),
            octets,
            reply)
        .tell(reception.refusals());
  }
}
