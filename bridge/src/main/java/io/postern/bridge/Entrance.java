package io.postern.bridge;

import io.postern.config.Config;
import io.postern.mail.auth.Dns;
import io.postern.mapping.RejectStore;
import io.postern.smtp.ListenerKind;
import io.postern.smtp.Reception;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.Spool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.jdbi.v3.core.Jdbi;

/**
 * Where mail comes in: the listeners, what each mail must pass, and the note of what was refused.
 * It is the same for whoever carries and for whoever stands by: they differ in the spool and in who
 * is asked for peers. docs/adr/0021.
 */
final class Entrance implements AutoCloseable {
  private static final Duration RELOAD_TLS_AFTER = Duration.ofMinutes(1);

  private final Config config;
  private final Reception reception;
  private final Rejects refusals;
  private final SmtpReceiver receiver;

  private Entrance(Config config, Reception reception, Rejects refusals, SmtpReceiver receiver) {
    this.config = config;
    this.reception = reception;
    this.refusals = refusals;
    this.receiver = receiver;
  }

  /** What is asked about clients. */
  record Surroundings(Dns dns, Predicate<InetAddress> strangers, Clock clock) {}

  /**
   * Mail is taken when this returns.
   *
   * @param jdbi of the tables that tell what may come in
   * @param spool is closed by the caller, after this
   * @param workers with as many threads as {@link #threads}
   * @param jobs get what has to be done now and then
   * @throws BridgeException if it cannot listen, or a file that it needs is not right
   */
  static Entrance open(
      Config config,
      Surroundings around,
      Jdbi jdbi,
      Peers peers,
      Spool spool,
      Workers workers,
      Jobs jobs)
      throws BridgeException, IOException {
    var gates = new Gates(config, jdbi, around.dns(), around.strangers(), around.clock(), jobs);
    var refusals = new Rejects(new RejectStore(jdbi));
    var reception = gates.reception(peers, spool, refusals);
    var receiver = receiver(config, reception, workers);
    refusals.start();
    var entrance = new Entrance(config, reception, refusals, receiver);
    try {
      jobs.every(RELOAD_TLS_AFTER, "TLS certificate", receiver::reloadChangedTls);
      return entrance;
    } catch (BridgeException | RuntimeException | Error failed) {
      entrance.closeAfter(failed);
      throw failed;
    }
  }

  private static SmtpReceiver receiver(Config config, Reception reception, Workers workers)
      throws BridgeException {
    try {
      return SmtpReceiver.open(config.smtp(), reception, workers.sessions());
    } catch (IOException unusable) {
      throw new BridgeException(
          "smtp: "
              + Words.of(unusable)
              + "; end what uses the address, or write another one at smtp.listen or"
              + " smtp.submission",
          unusable);
    }
  }

  /** So many sessions and listeners it has at most. */
  static int threads(Config config) {
    return config.smtp().clients().maxSessions() + config.smtp().listeners();
  }

  /** For what comes in by other ways. */
  Reception reception() {
    return reception;
  }

  /** Where other servers bring mail. */
  InetSocketAddress address() {
    return new InetSocketAddress(config.smtp().host(), receiver.port());
  }

  /** The port of a listener, if there is one of that kind. */
  OptionalInt port(ListenerKind kind) {
    return receiver.port(kind);
  }

  private void closeAfter(Throwable failed) {
    try {
      close();
    } catch (IOException again) {
      failed.addSuppressed(again);
    }
  }

  /** Mails that are arriving have some seconds to come to their end; no session is left then. */
  @Override
  public void close() throws IOException {
    try {
      receiver.close();
    } finally {
      refusals.close();
    }
  }
}
