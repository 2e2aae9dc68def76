package io.postern.out;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens sessions with SMTP servers: connects, greets, encrypts, logs in. RFC 5321 §3.1 and §3.2,
 * RFC 3207, RFC 4954. May be used by several threads.
 */
final class SmtpClient {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpClient.class);

  private final String ownName;
  private final SmtpTimeouts timeouts;
  private final SSLContext authorities;

  /**
   * @param ownName what we call ourselves in EHLO: a domain name or an address literal
   * @param authorities whom to believe where a certificate is required
   */
  SmtpClient(String ownName, SmtpTimeouts timeouts, SSLContext authorities) {
    if (ownName.isEmpty() || ownName.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("our own name must be a domain name in ASCII");
    }
    this.ownName = ownName;
    this.timeouts = timeouts;
    this.authorities = authorities;
  }

  /**
   * A server to talk to.
   *
   * @param name what people call it
   * @param address where it is, looked up already
   * @param peer who must be at the other end of TLS
   * @param login empty to talk to it as a stranger
   */
  record Server(
      String name, InetSocketAddress address, TlsMode tls, TlsPeer peer, Optional<Login> login) {
    private Server withoutTls() {
      return new Server(name, address, TlsMode.NONE, peer, login);
    }
  }

  /** A server that is known by its name, which its certificate must bear where TLS is required. */
  Server named(String name, InetSocketAddress address, TlsMode tls, Optional<Login> login) {
    boolean isProved = tls == TlsMode.REQUIRED || tls == TlsMode.IMPLICIT;
    var peer = isProved ? TlsPeer.byAuthorities(name, authorities) : TlsPeer.anybody(name);
    return new Server(name, address, tls, peer, login);
  }

  /** A mail host of a domain, as a stranger. */
  Server mailHost(String name, InetSocketAddress address, TlsPolicy policy) {
    return new Server(
        name, address, policy.mode(), policy.peer(name, authorities), Optional.empty());
  }

  String ownName() {
    return ownName;
  }

  /**
   * A session ready for a mail; the caller closes it.
   *
   * @throws UndeliveredException 4.4.1 if the server cannot be reached, 4.4.2 if the connection
   *     broke, 4.7.4 or 4.7.5 if it must be encrypted and cannot be, else what its reply says
   */
  SmtpSession open(Server server) throws UndeliveredException {
    try {
      return attempt(server);
    } catch (TlsFailedException failed) {
      if (server.tls() != TlsMode.OPPORTUNISTIC) {
        throw UndeliveredException.deferred(
                "4.7.5", "no TLS with " + server.name() + ": " + failed.getMessage())
            .because(failed);
      }
      LOG.warn("host={} tls=failed going on in the clear: {}", server.name(), failed.getMessage());
    }
    try {
      return attempt(server.withoutTls());
    } catch (TlsFailedException impossible) {
      throw new IllegalStateException("a handshake without TLS", impossible);
    }
  }

  private SmtpSession attempt(Server server) throws UndeliveredException, TlsFailedException {
    SmtpConnection connection;
    try {
      connection = SmtpConnection.open(server.address(), timeouts);
    } catch (IOException unreachable) {
      throw UndeliveredException.deferred(
              "4.4.1", "cannot reach " + server.name() + ": " + unreachable.getMessage())
          .because(unreachable);
    }
    try {
      return converse(server, connection);
    } catch (UndeliveredException stop) {
      connection.quit();
      throw stop;
    } catch (TlsFailedException failed) {
      connection.close();
      throw failed;
    } catch (IOException broken) {
      connection.close();
      throw UndeliveredException.deferred(
              "4.4.2", "lost " + server.name() + " in its opening: " + broken.getMessage())
          .because(broken);
    } catch (MalformedReplyException malformed) {
      connection.close();
      throw UndeliveredException.deferred("4.5.0", server.name() + ": " + malformed.getMessage())
          .because(malformed);
    }
  }

  private SmtpSession converse(Server server, SmtpConnection connection)
      throws IOException, MalformedReplyException, UndeliveredException, TlsFailedException {
    if (server.tls() == TlsMode.IMPLICIT) {
      connection.startTls(server.peer());
    }
    var extensions = greeted(server, connection);
    if (mayStartTls(server, connection, extensions)) {
      connection.startTls(server.peer());
      // RFC 3207 §4.2: what was said before is forgotten.
      extensions = hello(server, connection);
    }
    if (server.login().isPresent()) {
      var offered = extensions.getOrDefault("AUTH", "");
      new SmtpLogin(server.name(), connection).logIn(server.login().get(), offered);
    }
    return new SmtpSession(server.name(), connection, extensions);
  }

  /** What the server offers at first. RFC 5321 §3.1. */
  private Map<String, String> greeted(Server server, SmtpConnection connection)
      throws IOException, MalformedReplyException, UndeliveredException {
    try {
      var greeting = connection.reply();
      if (greeting.code() != 220) {
        throw greeting.failure(server.name(), "our connection");
      }
      return hello(server, connection);
    } catch (UndeliveredException stop) {
      // Where TLS must prove the server, whoever is on the way may have said what came before it.
      throw server.tls() == TlsMode.REQUIRED ? stop.unproved() : stop;
    }
  }

  private boolean mayStartTls(
      Server server, SmtpConnection connection, Map<String, String> extensions)
      throws IOException, MalformedReplyException, UndeliveredException {
    if (server.tls() != TlsMode.REQUIRED && server.tls() != TlsMode.OPPORTUNISTIC) {
      return false;
    }
    var refusal = "does not offer STARTTLS";
    if (extensions.containsKey("STARTTLS")) {
      var reply = connection.command("STARTTLS");
      if (reply.code() == 220) {
        return true;
      }
      refusal = "answered STARTTLS with: " + reply;
    }
    if (server.tls() == TlsMode.REQUIRED) {
      throw UndeliveredException.deferred(
          "4.7.4", server.name() + " " + refusal + ", and TLS is required");
    }
    return false;
  }

  /** The extensions that the server offers: RFC 5321 §4.1.1.1. */
  private Map<String, String> hello(Server server, SmtpConnection connection)
      throws IOException, MalformedReplyException, UndeliveredException {
    var reply = connection.command("EHLO " + ownName);
    if (reply.isPermanent()) {
      // RFC 5321 §3.2: a server from before extensions.
      var old = connection.command("HELO " + ownName);
      if (!old.isPositive()) {
        throw old.failure(server.name(), "HELO");
      }
      return Map.of();
    }
    if (!reply.isPositive()) {
      throw reply.failure(server.name(), "EHLO");
    }
    var extensions = new HashMap<String, String>();
    for (var line : reply.lines().subList(1, reply.lines().size())) {
      var words = line.strip().split(" +", 2);
      extensions.put(words[0].toUpperCase(Locale.ROOT), words.length == 2 ? words[1] : "");
    }
    return extensions;
  }
}
