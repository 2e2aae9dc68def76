package io.postern.bridge;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.out.Deliver;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.MailJudge;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.Spool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A listener whose mails, all of them by bob at example.org, pass one gate. */
final class GateServer implements AutoCloseable {
  static final Mailbox BOB = new Mailbox("bob", "example.org");
  static final Mailbox ALICE = new Mailbox("alice", "bridge.example");

  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Spool spool;
  private final SmtpReceiver receiver;

  GateServer(Path folder, MailGate gate) throws IOException {
    spool = Spool.open(folder, Clock.systemUTC());
    MailJudge bobs =
        mail ->
            new MailJudge.Taken(
                Verdict.of("example.org"), Optional.of(new MailJudge.Author(BOB, "example.org")));
    var reception =
        new Reception(
            (recipient, soFar) -> new RecipientCheck.Served(),
            new MailGates(bobs, List.of(gate)),
            new LoopCheck(List.of("bridge.example")),
            spool);
    receiver =
        SmtpReceiver.open(SmtpSettings.of("127.0.0.1:0", "mx.bridge.example"), reception, workers);
  }

  /** What SMTP says of a mail. */
  Delivery mail(String... lines) {
    return mail(Envelope.of(BOB, List.of(ALICE)), lines);
  }

  Delivery mail(Envelope envelope, String... lines) {
    var smtp =
        new SmarthostSender(
            new Deliver.Smarthost("127.0.0.1", receiver.port(), Optional.empty(), TlsMode.NONE),
            "client.example.org");
    var text = String.join("\r\n", lines) + "\r\n";
    return smtp.send(envelope, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Of the mail that was taken. */
  Verdict verdict() throws IOException {
    return spool.due(Instant.MAX, 1).get(0).received().verdict();
  }

  @Override
  public void close() throws IOException {
    receiver.close();
    spool.close();
    workers.shutdownNow();
  }
}
