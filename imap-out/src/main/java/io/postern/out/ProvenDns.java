package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The DNS with answers that are validated where the name server lets that happen.
 *
 * <p>There are name servers, in home routers above all, that do not pass signatures on. To a
 * validator every name looks forged behind them, and no mail would leave. So it is first seen
 * whether the root's own records verify. Until they have, once since the start, answers are taken
 * without DNSSEC and none is authentic; from then on a missing signature is a forgery, for good.
 * May be used by several threads.
 */
public final class ProvenDns implements SecureDns {
  private static final Logger LOG = LoggerFactory.getLogger(ProvenDns.class);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMinutes(10);
  private static final String ROOT = ".";

  private final DnsJava validating;
  private final DnsJava plain;
  private final InstantSource clock;
  private volatile boolean proven;
  private volatile Instant lookAgain = Instant.MIN;

  ProvenDns(DnsJava validating, DnsJava plain, InstantSource clock) {
    this.validating = validating;
    this.plain = plain;
    this.clock = clock;
  }

  /**
   * @param servers the name servers to ask; none: those that the operating system names
   */
  public static ProvenDns open(List<InetSocketAddress> servers, Clock clock) {
    return new ProvenDns(DnsJava.validating(servers, clock), DnsJava.plain(servers), clock);
  }

  /**
   * Whether signatures come through and verify.
   *
   * @throws DnsException if the name server does not answer at all
   */
  public boolean isProven() throws DnsException {
    if (proven || clock.instant().isBefore(lookAgain)) {
      return proven;
    }
    plain.ns(ROOT);
    try {
      proven = validating.ns(ROOT).authentic();
    } catch (DnsException unsigned) {
      LOG.warn(
          "dns=unsigned no server can prove its certificate by DANE; name a server that passes"
              + " DNSSEC on at dns: {}",
          unsigned.getMessage());
    }
    lookAgain = clock.instant().plus(LOOK_AGAIN_AFTER);
    return proven;
  }

  private SecureDns dns() throws DnsException {
    return isProven() ? validating : plain;
  }

  @Override
  public Answer<InetAddress> a(String name) throws DnsException {
    return dns().a(name);
  }

  @Override
  public Answer<InetAddress> aaaa(String name) throws DnsException {
    return dns().aaaa(name);
  }

  @Override
  public Answer<Mx> mx(String name) throws DnsException {
    return dns().mx(name);
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    return dns().txt(name);
  }

  @Override
  public Answer<String> ptr(InetAddress address) throws DnsException {
    return dns().ptr(address);
  }

  @Override
  public Answer<Tlsa> tlsa(String name) throws DnsException {
    return dns().tlsa(name);
  }

  @Override
  public HostAddresses host(String name) throws DnsException {
    return dns().host(name);
  }
}
