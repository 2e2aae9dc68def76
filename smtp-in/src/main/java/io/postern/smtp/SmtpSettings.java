package io.postern.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
 * @param maxMailBytes the largest mail that is taken, as RFC 1870 counts
 * @param maxRecipients per mail; RFC 5321 §4.5.3.1.8 wants 100 at least
 * @param idleTimeout the longest wait for the client's next octets, and for a whole command line;
 *     RFC 5321 §4.5.3.2.7 wants 5 minutes at least
 * @param dataTimeout for a whole mail, from 354 to its last octet
 * @param sessionTimeout for a whole session
 * @param maxSessions at once
 * @param maxSessionsPerAddress at once from one client address (IPv6: one /64)
 * @param maxMailsPerMinutePerAddress from one client address (IPv6: one /64)
 * @param tls certificate and key for STARTTLS; without them it is not offered
 */
public record SmtpSettings(
    String host,
    int port,
    String hostname,
    long maxMailBytes,
    int maxRecipients,
    Duration idleTimeout,
    Duration dataTimeout,
    Duration sessionTimeout,
    int maxSessions,
    int maxSessionsPerAddress,
    int maxMailsPerMinutePerAddress,
    Optional<TlsFiles> tls) {
  public static final long DEFAULT_MAX_MAIL_BYTES = 25L << 20;
  public static final int DEFAULT_MAX_RECIPIENTS = 100;
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);
  public static final Duration DEFAULT_DATA_TIMEOUT = Duration.ofMinutes(30);
  public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofHours(1);
  public static final int DEFAULT_MAX_SESSIONS = 200;
  public static final int DEFAULT_MAX_SESSIONS_PER_ADDRESS = 20;
  public static final int DEFAULT_MAX_MAILS_PER_MINUTE_PER_ADDRESS = 600;

  /** A spooled mail is one day an array. */
  private static final long MAX_MAIL_BYTES_CEILING = 1L << 30;

  private static final Pattern HOSTNAME =
      Pattern.compile("(?i)(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?");

  /**
   * The PEM files for STARTTLS, read when the receiver opens.
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
    if (maxMailBytes < 1024 || maxMailBytes > MAX_MAIL_BYTES_CEILING) {
      throw wrong("maxMailBytes is " + maxMailBytes + "; write one from 1024 to 1073741824");
    }
    requireCount("maxRecipients", maxRecipients, 1_000);
    requireTime("idleTimeout", idleTimeout);
    requireTime("dataTimeout", dataTimeout);
    requireTime("sessionTimeout", sessionTimeout);
    requireCount("maxSessions", maxSessions, 10_000);
    requireCount("maxSessionsPerAddress", maxSessionsPerAddress, 10_000);
    requireCount("maxMailsPerMinutePerAddress", maxMailsPerMinutePerAddress, 1_000_000);
    Objects.requireNonNull(tls, "tls");
  }

  /**
   * Settings with the defaults of this class.
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
        DEFAULT_MAX_MAIL_BYTES,
        DEFAULT_MAX_RECIPIENTS,
        DEFAULT_IDLE_TIMEOUT,
        DEFAULT_DATA_TIMEOUT,
        DEFAULT_SESSION_TIMEOUT,
        DEFAULT_MAX_SESSIONS,
        DEFAULT_MAX_SESSIONS_PER_ADDRESS,
        DEFAULT_MAX_MAILS_PER_MINUTE_PER_ADDRESS,
        Optional.empty());
  }

  /** The same with another {@code maxMailBytes} and {@code maxRecipients}. */
  public SmtpSettings withLimits(long mailBytes, int recipients) {
    return new SmtpSettings(
        host,
        port,
        hostname,
        mailBytes,
        recipients,
        idleTimeout,
        dataTimeout,
        sessionTimeout,
        maxSessions,
        maxSessionsPerAddress,
        maxMailsPerMinutePerAddress,
        tls);
  }

  /** The same with other timeouts. */
  public SmtpSettings withTimeouts(Duration idle, Duration data, Duration session) {
    return new SmtpSettings(
        host,
        port,
        hostname,
        maxMailBytes,
        maxRecipients,
        idle,
        data,
        session,
        maxSessions,
        maxSessionsPerAddress,
        maxMailsPerMinutePerAddress,
        tls);
  }

  /** The same with other limits on sessions at once and mails per minute. */
  public SmtpSettings withClientLimits(int sessions, int perAddress, int mailsPerMinute) {
    return new SmtpSettings(
        host,
        port,
        hostname,
        maxMailBytes,
        maxRecipients,
        idleTimeout,
        dataTimeout,
        sessionTimeout,
        sessions,
        perAddress,
        mailsPerMinute,
        tls);
  }

  /** The same, offering STARTTLS. */
  public SmtpSettings withTls(TlsFiles files) {
    return new SmtpSettings(
        host,
        port,
        hostname,
        maxMailBytes,
        maxRecipients,
        idleTimeout,
        dataTimeout,
        sessionTimeout,
        maxSessions,
        maxSessionsPerAddress,
        maxMailsPerMinutePerAddress,
        Optional.of(files));
  }

  /**
   * Whether only this machine can reach the listener. False if the host does not resolve, or to
   * more than the loopback.
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
