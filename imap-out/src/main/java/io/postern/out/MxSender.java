package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.xbill.DNS.Address;

/**
 * Delivers mail to the mail hosts of its recipients' domain. RFC 5321 §5.1.
 *
 * <p>Strangers choose these hosts: each name is looked up once and connected to by that address;
 * addresses that are not public, and our own, are refused. What TLS they need is asked of {@link
 * TlsPolicies} for each host.
 */
public final class MxSender implements MailSender {
  /** As many addresses are tried for one mail before it waits. */
  static final int MAX_TRIES = 8;

  /** Enough for a DNS and for servers that are slow, too little to hold a thread for long. */
  private static final Patience PATIENCE =
      new Patience(Duration.ofMinutes(2), Duration.ofMinutes(10));

  private static final int SMTP_PORT = 25;

  /**
   * How long one walk along the hosts of a domain may take before no further one is tried. What has
   * begun goes on to its end.
   *
   * @param asking the DNS and policies, in all
   * @param walk everything
   */
  record Patience(Duration asking, Duration walk) {}

  private final SmtpClient client;
  private final MxResolver resolver;
  private final TlsPolicies policies;
  private final Predicate<InetAddress> reachable;
  private final Predicate<InetAddress> own;
  private final int port;
  private final Patience patience;

  /**
   * @param ownName what we call ourselves in EHLO: a domain name that resolves to us
   * @param policies of MTA-STS
   */
  public MxSender(String ownName, SecureDns dns, StsPolicies policies) {
    this(
        new SmtpClient(ownName, SmtpTimeouts.standard(), TlsTrust.authorities()),
        new DnsMxResolver(dns, new Random()),
        new TlsPolicies(dns, policies::policy),
        PublicAddress::isPublic,
        PublicAddress::isOurs,
        SMTP_PORT,
        PATIENCE);
  }

  /** For tests, whose mail hosts are on the loopback and on a port of their own. */
  MxSender(
      SmtpClient client,
      MxResolver resolver,
      TlsPolicies policies,
      Predicate<InetAddress> reachable,
      Predicate<InetAddress> own,
      int port) {
    this(client, resolver, policies, reachable, own, port, PATIENCE);
  }

  MxSender(
      SmtpClient client,
      MxResolver resolver,
      TlsPolicies policies,
      Predicate<InetAddress> reachable,
      Predicate<InetAddress> own,
      int port,
      Patience patience) {
    this.client = client;
    this.resolver = resolver;
    this.policies = policies;
    this.reachable = reachable;
    this.own = own;
    this.port = port;
    this.patience = patience;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the forward-paths are of several domains
   */
  @Override
  public Delivery send(Envelope envelope, byte[] octets) {
    try {
      var mail = OutgoingMail.of(octets);
      var domain = domain(envelope);
      return new Attempt(envelope, mail, domain).deliver();
    } catch (UndeliveredException stop) {
      return stop.outcome();
    }
  }

  private static String domain(Envelope envelope) throws UndeliveredException {
    var domain = SmtpPath.ascii(envelope.forwardPaths().get(0)).domain();
    for (var mailbox : envelope.forwardPaths()) {
      if (!SmtpPath.ascii(mailbox).domain().equals(domain)) {
        throw new IllegalArgumentException("recipients of several domains in one envelope");
      }
    }
    return domain;
  }

  private List<MailHost> hosts(String domain) throws UndeliveredException {
    return domain.startsWith("[")
        ? List.of(new MailHost(domain, 0, false))
        : resolver.mailHosts(domain);
  }

  private HostAddresses addresses(MailHost host) throws UndeliveredException {
    var name = host.name();
    if (!name.startsWith("[")) {
      return resolver.addresses(name);
    }
    var literal = name.substring(1, name.length() - 1);
    try {
      var address =
          literal.startsWith("ipv6:")
              ? Address.getByAddress(literal.substring("ipv6:".length()), Address.IPv6)
              : Address.getByAddress(literal, Address.IPv4);
      return new HostAddresses(List.of(address), name, false);
    } catch (UnknownHostException malformed) {
      throw UndeliveredException.refused("5.1.3", name + " is not an address literal")
          .because(malformed);
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask() throws UndeliveredException;
  }

  /** One walk along the hosts of a domain, until one of them talks to us. */
  private final class Attempt {
    private final Envelope envelope;
    private final OutgoingMail mail;
    private final String domain;
    private final List<UndeliveredException> failures = new ArrayList<>();
    private final long begun = System.nanoTime();
    private Duration asked = Duration.ZERO;
    private int tries;

    Attempt(Envelope envelope, OutgoingMail mail, String domain) {
      this.envelope = envelope;
      this.mail = mail;
      this.domain = domain;
    }

    Delivery deliver() {
      try {
        return over(ask(() -> hosts(domain)));
      } catch (UndeliveredException unknown) {
        return unknown.outcomeOfRoute();
      }
    }

    private Delivery over(List<MailHost> hosts) {
      for (var host : hosts) {
        if (isTooLate()) {
          return verdict();
        }
        HostAddresses where;
        try {
          where = ask(() -> addresses(host));
        } catch (UndeliveredException unknown) {
          failures.add(unknown);
          continue;
        }
        if (host.name().equalsIgnoreCase(client.ownName())
            || where.addresses().stream().anyMatch(own)) {
          // RFC 5321 §5.1: hosts behind ourselves in the order would hand the mail back to us.
          failures.add(
              UndeliveredException.refused(
                  "5.4.6", "mail for " + domain + " would come back to this server"));
          return verdict();
        }
        var answer = at(host, where);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
      return verdict();
    }

    /** The answer of the first address that talks to us, or nothing if another host may answer. */
    private Optional<Delivery> at(MailHost host, HostAddresses where) {
      TlsPolicy policy;
      try {
        policy = ask(() -> policies.policy(domain, host, where, port));
      } catch (UndeliveredException unknown) {
        failures.add(unknown);
        return Optional.empty();
      }
      for (var address : where.addresses()) {
        var answer = at(host, address, policy);
        if (answer.isPresent()) {
          return answer;
        }
      }
      return Optional.empty();
    }

    /** The host's answer, or nothing if another may answer instead. */
    private Optional<Delivery> at(MailHost host, InetAddress address, TlsPolicy policy) {
      if (!reachable.test(address)) {
        failures.add(
            UndeliveredException.refused(
                "5.4.4", "mail host " + host.name() + " of " + domain + " has no public address"));
        return Optional.empty();
      }
      if (++tries > MAX_TRIES || isTooLate()) {
        return Optional.of(verdict());
      }
      var server = client.mailHost(host.name(), new InetSocketAddress(address, port), policy);
      try (var session = client.open(server)) {
        return Optional.of(told(session.send(envelope, mail), session, policy));
      } catch (UndeliveredException stop) {
        failures.add(stop);
        return Optional.empty();
      }
    }

    private <T> T ask(Question<T> question) throws UndeliveredException {
      long start = System.nanoTime();
      try {
        return question.ask();
      } finally {
        asked = asked.plusNanos(System.nanoTime() - start);
      }
    }

    /** Whether patience ends before the next try; the first one is always made. */
    private boolean isTooLate() {
      var walked = Duration.ofNanos(System.nanoTime() - begun);
      boolean late =
          !failures.isEmpty()
              && (asked.compareTo(patience.asking()) >= 0
                  || walked.compareTo(patience.walk()) >= 0);
      if (late) {
        failures.add(
            UndeliveredException.deferred(
                "4.4.1", "the mail hosts of " + domain + " and their DNS are too slow"));
      }
      return late;
    }

    /** With how the mail has travelled, for the journey. */
    private Delivery told(Delivery delivery, SmtpSession session, TlsPolicy policy) {
      if (delivery instanceof Delivery.Delivered delivered) {
        var how = session.isTls() ? "TLS" + policy.proof() : "without TLS";
        return new Delivery.Delivered(delivered.reference() + "; " + how);
      }
      return delivery;
    }

    /** Of all failures the first that leaves hope, else the first. */
    private Delivery verdict() {
      return failures.stream()
          .filter(UndeliveredException::isDeferral)
          .findFirst()
          .orElseGet(() -> failures.get(0))
          .outcomeOfRoute();
    }
  }
}
