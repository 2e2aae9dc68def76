package io.postern.bridge;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * The DNS for the checks of one mail: each question is asked once, and all of them have a bounded
 * time together, so that a domain of slow name servers cannot hold a session. For one thread.
 */
final class MailDns implements Dns {
  /** RFC 7208 §4.6.4 wants 20 seconds at least. */
  static final Duration LONGEST = Duration.ofSeconds(20);

  private final Dns dns;
  private final InstantSource clock;
  private final Instant end;
  private final Map<String, Object> known = new HashMap<>();

  private interface Question<T> {
    Answer<T> ask() throws DnsException;
  }

  MailDns(Dns dns, InstantSource clock) {
    this(dns, clock, LONGEST);
  }

  /**
   * @param longest after that no question is begun
   */
  MailDns(Dns dns, InstantSource clock, Duration longest) {
    this.dns = dns;
    this.clock = clock;
    this.end = clock.instant().plus(longest);
  }

  @Override
  public Answer<InetAddress> a(String name) throws DnsException {
    return once("a " + name, () -> dns.a(name));
  }

  @Override
  public Answer<InetAddress> aaaa(String name) throws DnsException {
    return once("aaaa " + name, () -> dns.aaaa(name));
  }

  @Override
  public Answer<Mx> mx(String name) throws DnsException {
    return once("mx " + name, () -> dns.mx(name));
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    return once("txt " + name, () -> dns.txt(name));
  }

  @Override
  public Answer<String> ptr(InetAddress address) throws DnsException {
    return once("ptr " + address.getHostAddress(), () -> dns.ptr(address));
  }

  /** What could not be had is not asked for again either. */
  @SuppressWarnings("unchecked") // The key names the type of record.
  private <T> Answer<T> once(String key, Question<T> question) throws DnsException {
    var before = known.get(key);
    if (before instanceof DnsException failed) {
      throw failed;
    }
    if (before != null) {
      return (Answer<T>) before;
    }
    if (!clock.instant().isBefore(end)) {
      throw new DnsException("the DNS takes too long");
    }
    try {
      var answer = question.ask();
      known.put(key, answer);
      return answer;
    } catch (DnsException failed) {
      known.put(key, failed);
      throw failed;
    }
  }
}
