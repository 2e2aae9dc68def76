package io.postern.smtp;

import io.postern.mail.auth.IpNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the receiver listens and what it allows.
 *
 * @param host IP address or name to listen on; {@code 0.0.0.0} or {@code ::} for all
 * @param port 0 for any free one
 * @param hostname what the server calls itself in its greeting and its trace fields: the name that
 *     the MX record gives
 * @param tls certificate and key; without them STARTTLS is not offered
 * @param submission where people send from their own mail programs; empty: nowhere
 * @param proxies the networks of those whose connections begin with the header of the PROXY
 *     protocol, and who are believed what it says
 */
public record SmtpSettings(
    String host,
    int port,
    String hostname,
    MailLimits mails,
    Timeouts timeouts,
    ClientLimits clients,
    Optional<TlsFiles> tls,
    Optional<Submission> submission,
    List<IpNetwork> proxies) {
  private static final Pattern HOSTNAME =
      Pattern.compile("(?i)(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?");

  /**
   * What one mail may be.
   *
   * @param maxMailBytes the largest mail that is taken, as RFC 1870 counts
   * @param maxRecipients per mail; RFC 5321 §4.5.3.1.8 wants 100 at least
   */
  public record MailLimits(long maxMailBytes, int maxRecipients) {
    public static final MailLimits DEFAULT = new MailLimits(25L << 20, 100);

    /** A spooled mail is one day an array. */
    private static final long MAX_MAIL_BYTES_CEILING = 1L << 30;

    public MailLimits {
      if (maxMailBytes < 1024 || maxMailBytes > MAX_MAIL_BYTES_CEILING) {
        throw wrong("maxMailBytes is " + maxMailBytes + "; write one from 1024 to 1073741824");
      }
      requireCount("maxRecipients", maxRecipients, 1_000);
    }
  }

  /**
   * How long the receiver waits.
   *
   * @param idle the longest wait for the client's next octets, and for a whole command line; RFC
   *     5321 §4.5.3.2.7 wants 5 minutes at least
   * @param data for a whole mail, from 354 to its last octet
   * @param session for a whole session
   */
  public record Timeouts(Duration idle, Duration data, Duration session) {
    public static final Timeouts DEFAULT =
        new Timeouts(Duration.ofMinutes(5), Duration.ofMinutes(30), Duration.ofHours(1));

    public Timeouts {
      requireTime("idleTimeout", idle);
      requireTime("dataTimeout", data);
      requireTime("sessionTimeout", session);
    }
  }

  /**
   * What clients may ask for.
   *
   * @param maxSessions at once
   * @param maxSessionsPerAddress at once from one client address (IPv6: one /64)
   * @param maxMailsPerMinutePerAddress from one client address (IPv6: one /64)
   */
  public record ClientLimits(
      int maxSessions, int maxSessionsPerAddress, int maxMailsPerMinutePerAddress) {
    public static final ClientLimits DEFAULT = new ClientLimits(200, 20, 600);

    public ClientLimits {
      requireCount("maxSessions", maxSessions, 10_000);
      requireCount("maxSessionsPerAddress", maxSessionsPerAddress, 10_000);
      requireCount("maxMailsPerMinutePerAddress", maxMailsPerMinutePerAddress, 1_000_000);
    }
  }

  /**
   * The PEM files for TLS, read when the receiver opens.
   *
   * @param certificate the server's certificate, then those that signed it
   * @param key its private key, not encrypted: PKCS #8, PKCS #1 or SEC 1
   */
  public record TlsFiles(Path certificate, Path key) {
    public TlsFiles {
      Objects.requireNonNull(certificate, "certificate");
      Objects.requireNonNull(key, "key");
    }
  }

  /**
   * Where people send from their own mail programs, with a login. RFC 6409, RFC 8314 §3.3.
   *
   * @param starttls where TLS begins by STARTTLS, usually port 587
   * @param implicitTls where TLS begins with the first octet, usually port 465
   * @param logins the file of those who may log in
   */
  public record Submission(
      Optional<InetSocketAddress> starttls, Optional<InetSocketAddress> implicitTls, Path logins) {
    public Submission {
      Objects.requireNonNull(logins, "logins");
      if (starttls.isEmpty() && implicitTls.isEmpty()) {
        throw wrong(
            "submission listens nowhere; write starttls: \"0.0.0.0:587\" or"
                + " implicitTls: \"0.0.0.0:465\"");
      }
    }
  }

  /**
   * @throws IllegalArgumentException if a value cannot work; its message says what to write
   */
  public SmtpSettings {
    if (host.isBlank()) {
      throw wrong("listen has no host; write host:port, for example 0.0.0.0:25");
    }
    if (port < 0 || port > 65_535) {
      throw wrong("the port of listen is " + port + "; write one from 1 to 65535");
    }
    if (!HOSTNAME.matcher(hostname).matches() || hostname.contains("..")) {
      throw wrong(
          "hostname is \"" + hostname + "\"; write a domain name, for example mx.example.org");
    }
    Objects.requireNonNull(mails, "mails");
    Objects.requireNonNull(timeouts, "timeouts");
    Objects.requireNonNull(clients, "clients");
    // A password never goes over the net in the clear.
    if (submission.isPresent() && tls.isEmpty()) {
      throw wrong("submission needs TLS; write tls with certificate and key beside it");
    }
    proxies = List.copyOf(proxies);
  }

  /**
   * Settings with the defaults.
   *
   * @param listen {@code host:port}; an IPv6 address in brackets
   * @throws IllegalArgumentException if a value cannot work; its message says what to write
   */
  public static SmtpSettings of(String listen, String hostname) {
    int colon = listen.lastIndexOf(':');
    var host = colon < 0 ? "" : listen.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.isEmpty()
        || (!bracketed && host.contains(":"))
        || !listen.substring(colon + 1).matches("\\d{1,5}")) {
      throw wrong("listen is \"" + listen + "\"; write host:port, for example 0.0.0.0:25");
    }
    return new SmtpSettings(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(listen.substring(colon + 1)),
        hostname,
        MailLimits.DEFAULT,
        Timeouts.DEFAULT,
        ClientLimits.DEFAULT,
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  /** The same, listening elsewhere. */
  public SmtpSettings withListen(String otherHost, int otherPort) {
    return new SmtpSettings(
        otherHost, otherPort, hostname, mails, timeouts, clients, tls, submission, proxies);
  }

  /** The same under another name. */
  public SmtpSettings withHostname(String name) {
    return new SmtpSettings(host, port, name, mails, timeouts, clients, tls, submission, proxies);
  }

  /** The same with another {@code maxMailBytes} and {@code maxRecipients}. */
  public SmtpSettings withLimits(long mailBytes, int recipients) {
    var limits = new MailLimits(mailBytes, recipients);
    return new SmtpSettings(
        host, port, hostname, limits, timeouts, clients, tls, submission, proxies);
  }

  /** The same with other timeouts. */
  public SmtpSettings withTimeouts(Duration idle, Duration data, Duration session) {
    var times = new Timeouts(idle, data, session);
    return new SmtpSettings(host, port, hostname, mails, times, clients, tls, submission, proxies);
  }

  /** The same with other limits on sessions at once and mails per minute. */
  public SmtpSettings withClientLimits(int sessions, int perAddress, int mailsPerMinute) {
    var limits = new ClientLimits(sessions, perAddress, mailsPerMinute);
    return new SmtpSettings(
        host, port, hostname, mails, timeouts, limits, tls, submission, proxies);
  }

  /** The same, offering STARTTLS. */
  public SmtpSettings withTls(TlsFiles files) {
    return new SmtpSettings(
        host, port, hostname, mails, timeouts, clients, Optional.of(files), submission, proxies);
  }

  /** The same with a place for people to send from; it needs TLS. */
  public SmtpSettings withSubmission(Submission place) {
    return new SmtpSettings(
        host, port, hostname, mails, timeouts, clients, tls, Optional.of(place), proxies);
  }

  /** The same behind other proxies. */
  public SmtpSettings withProxies(List<IpNetwork> networks) {
    return new SmtpSettings(
        host, port, hostname, mails, timeouts, clients, tls, submission, networks);
  }

  /** How many places the receiver listens at; each costs a thread. */
  public int listeners() {
    return 1
        + submission
            .map(s -> (s.starttls().isPresent() ? 1 : 0) + (s.implicitTls().isPresent() ? 1 : 0))
            .orElse(0);
  }

  /**
   * Whether only this machine can reach the listener of the MX. False if the host does not resolve,
   * or to more than the loopback.
   */
  public boolean isLoopback() {
    try {
      return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (IOException unresolved) {
      return false;
    }
  }

  private static void requireCount(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw wrong(name + " is " + value + "; write one from 1 to " + most);
    }
  }

  private static void requireTime(String name, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw wrong(name + " is " + value + "; write one of a day at most, for example 5m");
    }
  }

  private static IllegalArgumentException wrong(String message) {
    return new IllegalArgumentException("smtp." + message);
  }
}
