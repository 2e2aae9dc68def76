package io.postern.smtp;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often somebody may fail to log in: a few times at once, then with a wait that doubles each
 * time. RFC 4954 §9. Kept in memory; for many threads. Counted three times:
 *
 * <ul>
 *   <li>by client, an IPv4 address or an IPv6 /64: {@value #FREE_FAILURES} are free, the longest
 *       wait is an hour;
 *   <li>by IPv6 /48, which holds 65,536 of these and is given to one customer, or to many: {@value
 *       #FREE_FAILURES_OF_NETWORK}, five minutes;
 *   <li>by the name that is tried, whether anybody has it or not, so that the wait tells nothing:
 *       {@value #FREE_FAILURES_OF_NAME}, and 30 seconds, because it is not the name's owner who
 *       fails. It bounds what very many clients may guess together, at some 120 an hour.
 * </ul>
 *
 * <p>A client from which this name has logged in before is not made to wait for what others do: of
 * the three only its own count holds for it. So a stranger who tries a name without end keeps its
 * owner from logging in only where they have not been since this server was started, and there the
 * owner's program must come again until it is first after a wait.
 *
 * <p>Where no more fit into a count, nothing is forgotten that matters, but who is new has to wait
 * for a minute ({@link FailureCounts}).
 */
final class LoginLimits {
  /** Failures that cost no wait: somebody types their password. */
  static final int FREE_FAILURES = 5;

  static final int FREE_FAILURES_OF_NETWORK = 25;
  static final int FREE_FAILURES_OF_NAME = 50;

  private static final int IPV6_NETWORK_OCTETS = 6;

  /** Of those that have logged in; beyond, the one is forgotten that did longest ago. */
  private static final int MAX_TRUSTED = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final FailureCounts clients = new FailureCounts(FREE_FAILURES, FailureCounts.MEMORY);
  private final FailureCounts networks =
      new FailureCounts(FREE_FAILURES_OF_NETWORK, Duration.ofMinutes(5));
  private final FailureCounts names =
      new FailureCounts(FREE_FAILURES_OF_NAME, Duration.ofSeconds(30));
  private final Set<String> trusted =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MAX_TRUSTED;
            }
          });

  /**
   * Under what one attempt is counted.
   *
   * @param name a digest: names may be long, and passwords by mistake
   */
  private record Keys(String client, Optional<String> network, String name) {
    static Keys of(InetAddress address, String name) {
      return new Keys(SenderLimits.clientOf(address), networkOf(address), digest(name));
    }

    String pair() {
      return client + " " + name;
    }
  }

  /**
   * Begins an attempt, which counts as failed until it has {@link #succeeded}: so many at once get
   * no more guesses than one after the other.
   *
   * @param name that is tried: anything
   * @param now {@link System#nanoTime}
   * @return why the client has to wait; then nothing was counted
   */
  Optional<SmtpReply> attempt(InetAddress address, String name, long now) {
    var keys = Keys.of(address, name);
    lock.lock();
    try {
      var wait = later("from your address", clients.left(keys.client(), now));
      if (wait.isEmpty() && !trusted.contains(keys.pair())) {
        wait = strangersWait(keys, now);
      }
      if (wait.isEmpty()) {
        clients.add(keys.client(), now);
        keys.network().ifPresent(network -> networks.add(network, now));
        names.add(keys.name(), now);
      }
      return wait;
    } finally {
      lock.unlock();
    }
  }

  private Optional<SmtpReply> strangersWait(Keys keys, long now) {
    boolean hasRoom =
        clients.hasRoomFor(keys.client(), now)
            && keys.network().map(network -> networks.hasRoomFor(network, now)).orElse(true)
            && names.hasRoomFor(keys.name(), now);
    return keys.network()
        .flatMap(network -> later("from your network", networks.left(network, now)))
        .or(() -> later("for this name", names.left(keys.name(), now)))
        .or(() -> hasRoom ? Optional.empty() : later("from everywhere", FailureCounts.FULL));
  }

  private static Optional<SmtpReply> later(String whose, Duration wait) {
    return wait.isZero() || wait.isNegative()
        ? Optional.empty()
        : Optional.of(
            SmtpReply.of(
                454,
                "4.7.0",
                "Too many failed logins "
                    + whose
                    + "; try again in "
                    + (wait.toSeconds() + 1)
                    + " seconds"));
  }

  /** Takes back the one attempt, and remembers who has been here. */
  void succeeded(InetAddress address, String name) {
    var keys = Keys.of(address, name);
    lock.lock();
    try {
      takeBack(keys);
      // Removed first, so that those who come last stand last.
      trusted.remove(keys.pair());
      trusted.add(keys.pair());
    } finally {
      lock.unlock();
    }
  }

  /** Takes back the one attempt that could not be judged. */
  void untried(InetAddress address, String name) {
    lock.lock();
    try {
      takeBack(Keys.of(address, name));
    } finally {
      lock.unlock();
    }
  }

  /** One only: those of others who share the address or the name stay. */
  private void takeBack(Keys keys) {
    clients.takeBack(keys.client());
    keys.network().ifPresent(networks::takeBack);
    names.takeBack(keys.name());
  }

  private static Optional<String> networkOf(InetAddress address) {
    return address instanceof Inet6Address
        ? Optional.of(
            HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_OCTETS)))
        : Optional.empty();
  }

  /** Of the address in its canonical form, if it is one. */
  private static String digest(String name) {
    String canonical;
    try {
      canonical = Mailbox.parse(name).canonical().toString();
    } catch (MailException noAddress) {
      canonical = name;
    }
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(canonical.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }
}
