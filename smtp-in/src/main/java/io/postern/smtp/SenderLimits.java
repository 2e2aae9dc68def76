package io.postern.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one client may ask for: sessions at once, mails per minute. A client is an IPv4 address or
 * an IPv6 /64, the smallest that is given to one customer. Kept in memory; for many threads.
 */
final class SenderLimits {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** Beyond so many clients those who have been silent long enough are forgotten. */
  private static final int MANY_CLIENTS = 10_000;

  private static final int IPV6_PREFIX_OCTETS = 8;

  private final int maxSessions;
  private final int maxSessionsPerAddress;
  private final int mailsPerMinute;
  private final AtomicInteger sessions = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> sessionsOf = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Allowance> allowances = new ConcurrentHashMap<>();

  /**
   * How many mails a client may still send now; it grows with time up to a minute's worth.
   *
   * @param asOf {@link System#nanoTime}
   */
  private record Allowance(double mails, long asOf) {}

  SenderLimits(SmtpSettings settings) {
    maxSessions = settings.clients().maxSessions();
    maxSessionsPerAddress = settings.clients().maxSessionsPerAddress();
    mailsPerMinute = settings.clients().maxMailsPerMinutePerAddress();
  }

  /** Lets one session in, whose client may not be known yet; or says why not. */
  Entry enter() {
    if (sessions.incrementAndGet() > maxSessions) {
      sessions.decrementAndGet();
      return new Full(SmtpReply.of(421, "4.3.2", "Too many sessions; try again later"));
    }
    return new Place();
  }

  /** What {@link #enter} answers. */
  sealed interface Entry {}

  /** There are too many sessions. */
  record Full(SmtpReply reply) implements Entry {}

  /** One session's place, until it is closed. Used by one thread at a time. */
  final class Place implements Entry, AutoCloseable {
    private Optional<String> client = Optional.empty();

    /** Counts the session for its client, once; or says why the client may have no more. */
    Optional<SmtpReply> of(InetAddress address) {
      client = Optional.of(clientOf(address));
      return sessionsOf.merge(client.get(), 1, Integer::sum) > maxSessionsPerAddress
          ? Optional.of(
              SmtpReply.of(421, "4.7.0", "Too many sessions from your address; try again later"))
          : Optional.empty();
    }

    @Override
    public void close() {
      client.ifPresent(
          left -> sessionsOf.computeIfPresent(left, (key, count) -> count > 1 ? count - 1 : null));
      sessions.decrementAndGet();
    }
  }

  /**
   * Counts one mail; or says why it has to wait.
   *
   * @param now {@link System#nanoTime}
   */
  Optional<SmtpReply> mail(InetAddress address, long now) {
    if (allowances.size() > MANY_CLIENTS) {
      allowances.values().removeIf(allowance -> now - allowance.asOf() > MINUTE_NANOS);
    }
    var left =
        allowances.compute(
            clientOf(address),
            (client, before) -> new Allowance(Math.max(-1, available(before, now) - 1), now));
    return left.mails() < 0
        ? Optional.of(
            SmtpReply.of(
                450, "4.7.1", "More than " + mailsPerMinute + " mails a minute; try again later"))
        : Optional.empty();
  }

  private double available(Allowance before, long now) {
    if (before == null) {
      return mailsPerMinute;
    }
    double grown =
        Math.max(0, before.mails())
            + (double) (now - before.asOf()) * mailsPerMinute / MINUTE_NANOS;
    return Math.min(mailsPerMinute, grown);
  }

  /** What one client is: an IPv4 address or an IPv6 /64. */
  static String clientOf(InetAddress address) {
    var octets = address.getAddress();
    return address instanceof Inet6Address
        ? HexFormat.of().formatHex(Arrays.copyOf(octets, IPV6_PREFIX_OCTETS))
        : address.getHostAddress();
  }
}
