package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A receiver on a free loopback port with a spool in a folder of the test. */
final class TestServer implements AutoCloseable {
  static final String PASSWORD = "correct horse battery";

  final Spool spool;
  final SmtpReceiver receiver;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private TestServer(
      Path folder,
      SmtpSettings settings,
      ClientCheck clients,
      MailJudge judge,
      Consumer<Refusal> refusals)
      throws IOException {
    spool = Spool.open(folder, Clock.systemUTC());
    var loops = new LoopCheck(List.of("bridge.example", settings.hostname()));
    var reception =
        new Reception(
            TestServer::answer, clients, judge, loops, spool, refusals, TestServer::login);
    receiver = SmtpReceiver.open(settings, reception, threads);
  }

  static SmtpSettings settings() {
    return SmtpSettings.of("127.0.0.1:0", "mx.bridge.example")
        .withClientLimits(200, 200, 1_000_000);
  }

  static TestServer open(Path folder) throws IOException {
    return open(folder, settings -> settings);
  }

  static TestServer open(Path folder, UnaryOperator<SmtpSettings> change) throws IOException {
    return open(folder, change.apply(settings()), MailJudge.takingAll());
  }

  static TestServer open(Path folder, SmtpSettings settings, MailJudge judge) throws IOException {
    return new TestServer(folder, settings, ClientCheck.none(), judge, refusal -> {});
  }

  /** Where somebody wants to know what is refused. */
  static TestServer open(
      Path folder, ClientCheck clients, MailJudge judge, Consumer<Refusal> refusals)
      throws IOException {
    return new TestServer(folder, settings(), clients, judge, refusals);
  }

  /** alice, bob and whoever's name begins with an r are served; nobody knows about later. */
  private static RecipientCheck.Answer answer(Mailbox recipient, io.postern.mail.Envelope soFar) {
    if (!recipient.domain().endsWith("bridge.example")) {
      return new RecipientCheck.Refused("5.7.1", "This server does not relay");
    }
    var name = recipient.canonical().localPart();
    if (name.equals("later")) {
      return new RecipientCheck.Unknown("4.4.1", "The network cannot be asked now");
    }
    return name.matches("alice|bob|postmaster|jos\u00e9|r\\d+")
        ? new RecipientCheck.Served()
        : new RecipientCheck.Refused("5.1.1", "Nobody is called so here");
  }

  /** Bob has a login; the name {@code away} stands for a file that cannot be read. */
  private static Optional<Mailbox> login(String name, byte[] password) throws IOException {
    if (name.equals("away")) {
      throw new IOException("the logins cannot be read");
    }
    boolean isBobs = new String(password, StandardCharsets.UTF_8).equals(PASSWORD);
    return name.equals("bob@example.org") && isBobs
        ? Optional.of(new Mailbox("bob", "example.org"))
        : Optional.empty();
  }

  int port() {
    return receiver.port();
  }

  int port(ListenerKind kind) {
    return receiver.port(kind).orElseThrow();
  }

  /** What the spool holds, as it arrived, oldest first. */
  List<String> mails() throws IOException {
    var mails = new ArrayList<String>();
    for (var mail : spooled()) {
      mails.add(new String(mail.arrivedOctets(), StandardCharsets.UTF_8));
    }
    return mails;
  }

  /** The eldest as final delivery hands it on. */
  String handedOn() throws IOException {
    return SpoolContract.handedOn(spooled().get(0));
  }

  List<SpooledMail> spooled() throws IOException {
    return spool.due(Instant.MAX, 10_000);
  }

  @Override
  public void close() throws IOException {
    receiver.close();
    spool.close();
    threads.shutdownNow();
  }
}
