package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The DNS with answers that are validated where the name server lets that happen.
 *
 * <p>There are name servers, in home routers above all, that do not pass signatures on. To a
 * validator every name looks forged behind them, and no mail would leave. So it is first seen
 * whether the root's own records verify. As long as they come without signatures, answers are taken
 * without DNSSEC and none is authentic; once they have verified, a missing signature is a forgery,
 * for good: a file remembers it over a restart. While they do not come at all nothing is known, and
 * no question is answered: whoever can lose a packet would else take everybody's DANE away. May be
 * used by several threads.
 */
public final class ProvenDns implements SecureDns {
  private static final Logger LOG = LoggerFactory.getLogger(ProvenDns.class);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMinutes(10);
  private static final String ROOT = ".";

  private final DnsJava validating;
  private final DnsJava plain;
  private final InstantSource clock;
  private final Optional<Path> marker;
  private volatile boolean proven;
  private volatile Instant lookAgain = Instant.MIN;

  ProvenDns(DnsJava validating, DnsJava plain, InstantSource clock, Optional<Path> marker) {
    this.validating = validating;
    this.plain = plain;
    this.clock = clock;
    this.marker = marker;
    this.proven = marker.isPresent() && Files.exists(marker.get());
    if (proven) {
      LOG.info(
          "dns=proven by an earlier run; if dns: names servers now that do not pass DNSSEC on, and"
              + " that is meant, delete {}",
          marker.get());
    }
  }

  /**
   * Remembers nothing.
   *
   * @param servers the name servers to ask; none: those that the operating system names
   */
  public static ProvenDns open(List<InetSocketAddress> servers, Clock clock) {
    return open(servers, clock, Optional.empty());
  }

  /**
   * Remembers over a restart that signatures have come through.
   *
   * @param marker the file that says so; its folder must exist by the first question
   */
  public static ProvenDns open(List<InetSocketAddress> servers, Clock clock, Path marker) {
    return open(servers, clock, Optional.of(marker));
  }

  private static ProvenDns open(
      List<InetSocketAddress> servers, Clock clock, Optional<Path> marker) {
    return new ProvenDns(DnsJava.validating(servers, clock), DnsJava.plain(servers), clock, marker);
  }

  /**
   * Whether signatures come through and verify.
   *
   * @throws DnsException if the name server does not answer, so that nobody knows
   */
  public boolean isProven() throws DnsException {
    if (proven || clock.instant().isBefore(lookAgain)) {
      return proven;
    }
    plain.ns(ROOT);
    try {
      if (validating.ns(ROOT).authentic()) {
        remember();
        proven = true;
      }
    } catch (DnsException failed) {
      if (failed.getCause() != null) {
        // No answer came, as its cause says. RFC 7672 §2.1.2: that is not "insecure".
        throw new DnsException(
            "whether the DNS is signed is not known yet, since "
                + failed.getMessage()
                + "; if this lasts, name a server that passes DNSSEC on at dns",
            failed);
      }
      LOG.warn(
          "dns=unsigned no server can prove its certificate by DANE; name a server that passes"
              + " DNSSEC on at dns: {}",
          failed.getMessage());
    }
    lookAgain = clock.instant().plus(LOOK_AGAIN_AFTER);
    return proven;
  }

  private void remember() {
    if (marker.isEmpty()) {
      return;
    }
    try {
      Files.createFile(marker.get());
    } catch (FileAlreadyExistsException known) {
      LOG.debug("dns=proven by another thread");
    } catch (IOException unwritable) {
      LOG.warn("dns=proven until the next start only: {} cannot be made", marker.get(), unwritable);
    }
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
