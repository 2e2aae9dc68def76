package io.postern.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
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
 * The SMTP server: opens and closes the listener, gives each connection its session. RFC 5321.
 *
 * <p>All methods may be called by any thread.
 */
public final class SmtpReceiver implements Closeable {
  /** How long {@link #close} lets mails that are arriving go on. */
  static final Duration CLOSE_GRACE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(SmtpReceiver.class);
  private static final int BACKLOG = 100;
  private static final int TURN_MILLIS = 500;

  private final SmtpSettings settings;
  private final Reception reception;
  private final Executor executor;
  private final ServerSocket listener;
  private final SenderLimits limits;
  private final OpenSessions sessions = new OpenSessions();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Optional<SSLSocketFactory> tls;

  /** Of the files that are in use. */
  private volatile Optional<TlsIdentity.Version> tlsVersion;

  private SmtpReceiver(
      SmtpSettings settings,
      Reception reception,
      Executor executor,
      ServerSocket listener,
      Optional<SSLSocketFactory> tls,
      Optional<TlsIdentity.Version> tlsVersion) {
    this.settings = settings;
    this.reception = reception;
    this.executor = executor;
    this.listener = listener;
    this.tls = tls;
    this.tlsVersion = tlsVersion;
    this.limits = new SenderLimits(settings);
  }

  /**
   * Opens the listener and begins to take mail.
   *
   * @param executor runs the listener and each session, so it should have {@code maxSessions + 1}
   *     threads; a session that it rejects gets 421
   * @throws IOException if the address cannot be listened on or the TLS files cannot be used; the
   *     message says which
   */
  public static SmtpReceiver open(SmtpSettings settings, Reception reception, Executor executor)
      throws IOException {
    Objects.requireNonNull(reception, "reception");
    Objects.requireNonNull(executor, "executor");
    // Before the files are read: what is replaced meanwhile counts as changed.
    var tlsVersion = tlsVersion(settings);
    var tls = readTls(settings);
    var listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.setSoTimeout(TURN_MILLIS);
      listener.bind(new InetSocketAddress(settings.host(), settings.port()), BACKLOG);
      var receiver = new SmtpReceiver(settings, reception, executor, listener, tls, tlsVersion);
      executor.execute(receiver::listen);
      log.info("smtp listen={}:{}", settings.host(), receiver.port());
      return receiver;
    } catch (IOException | RuntimeException failed) {
      listener.close();
      if (failed instanceof IOException) {
        throw new IOException(
            "cannot listen on "
                + settings.host()
                + ":"
                + settings.port()
                + ": "
                + failed.getMessage(),
            failed);
      }
      throw failed;
    }
  }

  /** The port that is listened on; the one found free if the settings say 0. */
  public int port() {
    return listener.getLocalPort();
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
    listener.close();
    awaitStop();
    sessions.end(CLOSE_GRACE);
    sessions.abortAll();
    sessions.end(CLOSE_GRACE);
  }

  private void listen() {
    try {
      while (!closing.get()) {
        turn();
      }
    } finally {
      stopped.countDown();
    }
  }

  private void turn() {
    try {
      var socket = listener.accept();
      try {
        admit(socket);
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

  private void admit(Socket socket) throws IOException {
    var address = socket.getInetAddress();
    var refusal = limits.enter(address);
    if (refusal.isPresent()) {
      turnAway(socket, refusal.get());
      return;
    }
    boolean begun = false;
    try {
      var session =
          new SmtpSession(
              new Wire(socket, settings),
              address,
              settings,
              reception,
              limits,
              () -> tls,
              closing::get);
      sessions.add(session);
      try {
        executor.execute(
            () -> {
              try {
                session.run();
              } finally {
                sessions.remove(session);
                limits.leave(address);
              }
            });
        begun = true;
      } finally {
        if (!begun) {
          sessions.remove(session);
        }
      }
    } catch (RejectedExecutionException busy) {
      turnAway(socket, SmtpReply.of(421, "4.3.2", "Too busy; try again later"));
    } finally {
      if (!begun) {
        limits.leave(address);
      }
    }
  }

  /** One short line into an empty send buffer: this does not block. */
  private static void turnAway(Socket socket, SmtpReply reply) throws IOException {
    try (socket) {
      socket.getOutputStream().write(reply.octets());
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
