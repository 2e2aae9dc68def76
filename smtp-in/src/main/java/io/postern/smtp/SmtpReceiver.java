package io.postern.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SMTP server: opens and closes the listeners, gives each connection its session. RFC 5321, RFC
 * 6409.
 *
 * <p>All methods may be called by any thread.
 */
public final class SmtpReceiver implements Closeable {
  /** How long {@link #close} lets mails that are arriving go on. */
  static final Duration CLOSE_GRACE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(SmtpReceiver.class);

  private final SmtpSettings settings;
  private final Executor executor;
  private final List<SmtpListener> listeners;
  private final SenderLimits limits;
  private final Surroundings around;
  private final OpenSessions sessions = new OpenSessions();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch stopped;
  private volatile Optional<SSLSocketFactory> tls;

  /** Of the files that are in use. */
  private volatile Optional<TlsIdentity.Version> tlsVersion;

  private SmtpReceiver(
      SmtpSettings settings,
      Reception reception,
      Executor executor,
      List<SmtpListener> listeners,
      Optional<SSLSocketFactory> tls,
      Optional<TlsIdentity.Version> tlsVersion) {
    this.settings = settings;
    this.executor = executor;
    this.listeners = List.copyOf(listeners);
    this.tls = tls;
    this.tlsVersion = tlsVersion;
    this.limits = new SenderLimits(settings);
    this.stopped = new CountDownLatch(listeners.size());
    this.around =
        new Surroundings(
            settings, reception, limits, new LoginLimits(), () -> this.tls, closing::get);
  }

  /**
   * Opens the listeners and begins to take mail.
   *
   * @param executor runs the listeners and each session, so it should have {@code maxSessions}
   *     threads and one for each of the {@link SmtpSettings#listeners}; a session that it rejects
   *     gets 421
   * @throws IOException if an address cannot be listened on or the TLS files cannot be used; the
   *     message says which
   */
  public static SmtpReceiver open(SmtpSettings settings, Reception reception, Executor executor)
      throws IOException {
    Objects.requireNonNull(reception, "reception");
    Objects.requireNonNull(executor, "executor");
    // Before the files are read: what is replaced meanwhile counts as changed.
    var tlsVersion = tlsVersion(settings);
    var tls = readTls(settings);
    var listeners = SmtpListener.openAll(settings);
    var receiver = new SmtpReceiver(settings, reception, executor, listeners, tls, tlsVersion);
    try {
      for (var listener : listeners) {
        executor.execute(() -> receiver.listen(listener));
        log.info("smtp listen={} kind={}", listener, listener.kind());
      }
      return receiver;
    } catch (RuntimeException failed) {
      receiver.closing.set(true);
      for (var listener : listeners) {
        listener.close();
      }
      throw failed;
    }
  }

  /** The port on which other servers bring mail; the one found free if the settings say 0. */
  public int port() {
    return port(ListenerKind.MX).orElseThrow();
  }

  /** The port of a listener, if there is one of that kind. */
  public OptionalInt port(ListenerKind kind) {
    return listeners.stream()
        .filter(listener -> listener.kind() == kind)
        .mapToInt(SmtpListener::port)
        .findFirst();
  }

  /**
   * Reads the TLS files again, for sessions that begin from now on. If that fails the old ones stay
   * in use.
   *
   * @throws IOException as {@link #open} does
   */
  public void reloadTls() throws IOException {
    tls = readTls(settings);
  }

  /**
   * {@linkplain #reloadTls Reloads} the TLS files if they are others than those in use, so that a
   * renewed certificate needs no restart. To be called now and then, by one thread at a time.
   *
   * @return whether new ones are in use
   * @throws IOException as {@link #open} does, at each call until the files are right
   */
  public boolean reloadChangedTls() throws IOException {
    var found = tlsVersion(settings);
    if (found.equals(tlsVersion)) {
      return false;
    }
    reloadTls();
    tlsVersion = found;
    log.info("smtp tls=reloaded certificate={}", settings.tls().orElseThrow().certificate());
    return true;
  }

  /**
   * Takes no more connections, lets arriving mails finish for ten seconds, ends the sessions. When
   * it returns no session is left.
   */
  @Override
  public void close() throws IOException {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    for (var listener : listeners) {
      listener.close();
    }
    awaitStop();
    sessions.end(CLOSE_GRACE);
    sessions.abortAll();
    sessions.end(CLOSE_GRACE);
  }

  private void listen(SmtpListener listener) {
    try {
      while (!closing.get()) {
        turn(listener);
      }
    } finally {
      stopped.countDown();
    }
  }

  private void turn(SmtpListener listener) {
    try {
      var socket = listener.accept();
      try {
        admit(socket, listener.kind());
      } catch (IOException | RuntimeException failed) {
        log.warn("a connection could not be served: {}", failed.toString());
        socket.close();
      }
    } catch (SocketTimeoutException quiet) {
      // Nobody called; the sessions are looked after below.
    } catch (IOException failed) {
      if (!closing.get()) {
        log.error("cannot accept connections; trying on", failed);
        pause();
      }
    }
    sessions.abortOverdue();
  }

  private void admit(Socket socket, ListenerKind kind) throws IOException {
    var entry = limits.enter();
    if (entry instanceof SenderLimits.Full full) {
      turnAway(socket, kind, full.reply());
      return;
    }
    var place = (SenderLimits.Place) entry;
    var address = socket.getInetAddress();
    boolean begun = false;
    try {
      // What a proxy says of its client is read by the session: it may be long in coming.
      boolean behindProxy = settings.proxies().stream().anyMatch(each -> each.contains(address));
      var refusal = behindProxy ? Optional.<SmtpReply>empty() : place.of(address);
      if (refusal.isPresent()) {
        turnAway(socket, kind, refusal.get());
        return;
      }
      var wire = new Wire(socket, settings);
      var session = new SmtpSession(wire, address, kind, place, behindProxy, around);
      sessions.add(session);
      try {
        executor.execute(() -> run(session, place));
        begun = true;
      } finally {
        if (!begun) {
          sessions.remove(session);
        }
      }
    } catch (RejectedExecutionException busy) {
      turnAway(socket, kind, SmtpReply.of(421, "4.3.2", "Too busy; try again later"));
    } finally {
      if (!begun) {
        place.close();
      }
    }
  }

  private void run(SmtpSession session, SenderLimits.Place place) {
    try (place) {
      session.run();
    } finally {
      sessions.remove(session);
    }
  }

  /**
   * One short line into an empty send buffer, which does not block; nothing where TLS was to begin.
   */
  private static void turnAway(Socket socket, ListenerKind kind, SmtpReply reply)
      throws IOException {
    try (socket) {
      if (!kind.isImplicitTls()) {
        socket.getOutputStream().write(reply.octets());
      }
    }
  }

  private static Optional<SSLSocketFactory> readTls(SmtpSettings settings) throws IOException {
    if (settings.tls().isEmpty()) {
      return Optional.empty();
    }
    SSLContext context = TlsIdentity.read(settings.tls().get());
    return Optional.of(context.getSocketFactory());
  }

  private static Optional<TlsIdentity.Version> tlsVersion(SmtpSettings settings)
      throws IOException {
    return settings.tls().isEmpty()
        ? Optional.empty()
        : Optional.of(TlsIdentity.version(settings.tls().get()));
  }

  private void pause() {
    try {
      stopped.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitStop() {
    try {
      stopped.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
