package io.postern.out;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Asks the DNS for mail hosts: RFC 5321 §5.1, RFC 7505. May be used by several threads. */
public final class DnsMxResolver implements MxResolver {
  /** As many hosts of one domain are considered, the preferred ones. */
  static final int MAX_HOSTS = 16;

  /** As many addresses of one host and family are considered. */
  static final int MAX_ADDRESSES = 8;

  private final SecureDns dns;
  private final Random random;

  /**
   * @param random shuffles hosts of one preference
   */
  public DnsMxResolver(SecureDns dns, Random random) {
    this.dns = dns;
    this.random = random;
  }

  @Override
  public List<MailHost> mailHosts(String domain) throws UndeliveredException {
    var answer = asked(() -> dns.mx(domain));
    if (!answer.nameExists()) {
      throw UndeliveredException.refused("5.1.2", "domain " + domain + " does not exist")
          .ofRecipient();
    }
    if (answer.records().isEmpty()) {
      return List.of(new MailHost(domain, 0, answer.authentic()));
    }
    var hosts = new ArrayList<Dns.Mx>();
    answer.records().stream().filter(mx -> !mx.host().isEmpty()).forEach(hosts::add);
    if (hosts.isEmpty()) {
      throw UndeliveredException.refused("5.1.10", domain + " says that it takes no mail")
          .ofRecipient();
    }
    Collections.shuffle(hosts, random);
    return hosts.stream()
        .sorted(Comparator.comparingInt(Dns.Mx::preference))
        .limit(MAX_HOSTS)
        .map(mx -> new MailHost(mx.host(), mx.preference(), answer.authentic()))
        .toList();
  }

  @Override
  public HostAddresses addresses(String host) throws UndeliveredException {
    var found = asked(() -> dns.host(host));
    if (found.addresses().isEmpty()) {
      throw UndeliveredException.refused("5.1.2", "host " + host + " has no address");
    }
    var some =
        Stream.of(Inet6Address.class, Inet4Address.class)
            .flatMap(
                family ->
                    found.addresses().stream().filter(family::isInstance).limit(MAX_ADDRESSES))
            .toList();
    return new HostAddresses(some, found.canonicalName(), found.authentic());
  }

  private interface Question<T> {
    T ask() throws DnsException;
  }

  private static <T> T asked(Question<T> question) throws UndeliveredException {
    try {
      return question.ask();
    } catch (DnsException failed) {
      throw UndeliveredException.deferred("4.4.3", failed.getMessage()).because(failed);
    }
  }
}
