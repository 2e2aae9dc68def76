package io.postern.out;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.iap.BadCommandException;
import org.eclipse.angus.mail.iap.CommandFailedException;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.imap.protocol.IMAPProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One logged-in connection to an IMAP server, opened when it is needed and again after it has been
 * dropped. Not for several threads at once.
 */
final class ImapSession implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ImapSession.class);
  private final Deliver.Imap settings;
  private final ImapTimeouts timeouts;
  private final ImapSockets sockets;
  private final StepLimit limit;
  private final int maxOctets;
  private Optional<IMAPProtocol> connection = Optional.empty();

  ImapSession(Deliver.Imap settings, ImapTimeouts timeouts, SSLContext authorities) {
    this(settings, timeouts, authorities, ImapSockets.MAX_OCTETS);
  }

  /**
   * @param maxOctets as many octets the server may send in one use
   */
  ImapSession(Deliver.Imap settings, ImapTimeouts timeouts, SSLContext authorities, int maxOctets) {
    this.settings = settings;
    this.timeouts = timeouts;
    this.sockets = new ImapSockets(authorities, maxOctets);
    this.limit = new StepLimit(sockets);
    this.maxOctets = maxOctets;
  }

  /** What to do with the connection. */
  @FunctionalInterface
  interface Use<T> {
    /**
     * @throws ProtocolException if the connection broke or the server made no sense
     */
    T with(IMAPProtocol connection) throws ProtocolException, UndeliveredException;
  }

  /**
   * Does something with the connection, logged in, within the time for one mail.
   *
   * @throws IOException if the connection was lost; the next use opens another
   * @throws UndeliveredException what {@code use} throws, or a deferral: 4.4.1 if the server cannot
   *     be reached, 4.7.4 or 4.7.5 if it must be encrypted and cannot be, 4.7.8 if it refuses the
   *     login
   */
  <T> T use(Use<T> use) throws IOException, UndeliveredException {
    return use(timeouts.mail(), use);
  }

  /** The same, within a time of one's own. */
  <T> T use(Duration time, Use<T> use) throws IOException, UndeliveredException {
    sockets.renew();
    try {
      return limit.within(
          time,
          () -> {
            try {
              return use.with(connection());
            } catch (ProtocolException broken) {
              throw new IOException(words(broken), broken);
            }
          });
    } catch (IOException | RuntimeException | StackOverflowError lost) {
      // Even after a bug: who knows how far its answer has been read.
      drop();
      throw lost;
    }
  }

  private IMAPProtocol connection() throws UndeliveredException {
    if (connection.isEmpty()) {
      connection = Optional.of(open());
    }
    return connection.get();
  }

  private void drop() {
    connection.ifPresent(IMAPProtocol::disconnect);
    connection = Optional.empty();
  }

  /** Ends what another thread does with the connection, and everything later; does not block. */
  void stop() {
    try {
      sockets.stop();
    } catch (IOException alreadyBroken) {
      LOG.debug("host={} stopping: {}", settings.host(), alreadyBroken.getMessage());
    }
  }

  /** Says goodbye. */
  @Override
  public void close() {
    if (connection.isPresent()) {
      try {
        use(
            imap -> {
              imap.logout();
              return imap;
            });
      } catch (IOException | UndeliveredException gone) {
        LOG.debug("host={} logging out: {}", settings.host(), gone.getMessage());
      }
      drop();
    }
  }

  private IMAPProtocol open() throws UndeliveredException {
    IMAPProtocol opened;
    try {
      boolean implicit = settings.tls() == TlsMode.IMPLICIT;
      opened = new BoundedImap(settings.host(), settings.port(), properties(), implicit, maxOctets);
    } catch (IOException | ProtocolException unreachable) {
      throw unreachable(unreachable);
    }
    boolean ready = false;
    try {
      encrypt(opened);
      logIn(opened);
      ready = true;
      return opened;
    } finally {
      if (!ready) {
        opened.disconnect();
      }
    }
  }

  private UndeliveredException unreachable(Exception cause) {
    if (isTlsFailure(cause)) {
      return noTls(cause);
    }
    return UndeliveredException.deferred(
            "4.4.1", "cannot reach " + settings.host() + ": " + words(cause))
        .because(cause);
  }

  private UndeliveredException noTls(Exception cause) {
    return UndeliveredException.deferred(
            "4.7.5", "no TLS with " + settings.host() + ": " + words(cause))
        .because(cause);
  }

  private static boolean isTlsFailure(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  private static String words(Exception failure) {
    return ServerReply.clean(String.valueOf(failure.getMessage()), 200);
  }

  private Properties properties() {
    var properties = new Properties();
    properties.put("mail.imap.connectiontimeout", "" + timeouts.connect().toMillis());
    properties.put("mail.imap.timeout", "" + timeouts.silence().toMillis());
    // Else the library connects a second time with another factory when the first handshake fails.
    properties.put("mail.imap.socketFactory.fallback", "false");
    properties.put("mail.imap.ssl.checkserveridentity", "true");
    properties.put("mail.imap.ssl.socketFactory", sockets.tls());
    properties.put("mail.imap.socketFactory", sockets.plain());
    return properties;
  }

  private void encrypt(IMAPProtocol opened) throws UndeliveredException {
    if (settings.tls() != TlsMode.REQUIRED) {
      return;
    }
    // PREAUTH in the clear leaves no state in which STARTTLS is allowed: a way to hide it.
    if (opened.isAuthenticated() || !opened.hasCapability("STARTTLS")) {
      throw UndeliveredException.deferred(
          "4.7.4", settings.host() + " does not offer STARTTLS, and TLS is required");
    }
    try {
      opened.startTLS();
      // RFC 9051 §6.2.1: what was said before is forgotten.
      opened.capability();
    } catch (CommandFailedException | BadCommandException refused) {
      throw UndeliveredException.deferred(
              "4.7.4", settings.host() + " refused STARTTLS: " + words(refused))
          .because(refused);
    } catch (ProtocolException failed) {
      throw noTls(failed);
    }
  }

  private void logIn(IMAPProtocol opened) throws UndeliveredException {
    if (opened.isAuthenticated()) {
      return;
    }
    var login = settings.login();
    try {
      if (opened.hasCapability("AUTH=PLAIN")) {
        opened.authplain(null, login.user(), login.passwordText());
      } else if (opened.hasCapability("LOGINDISABLED")) {
        throw UndeliveredException.deferred(
            "4.7.4", settings.host() + " offers no login with a password on this connection");
      } else {
        opened.login(login.user(), login.passwordText());
      }
    } catch (CommandFailedException | BadCommandException refused) {
      throw UndeliveredException.deferred(
              "4.7.8",
              settings.host()
                  + " refused our login: "
                  + ImapRefusal.of(refused.getResponse()).text())
          .because(refused);
    } catch (ProtocolException broken) {
      throw UndeliveredException.deferred(
              "4.4.2", "lost " + settings.host() + " in the login: " + words(broken))
          .because(broken);
    }
  }
}
