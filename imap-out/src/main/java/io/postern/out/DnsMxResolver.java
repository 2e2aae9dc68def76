package io.postern.out;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/** Asks the DNS for mail hosts: RFC 5321 §5.1, RFC 7505. May be used by several threads. */
public final class DnsMxResolver implements MxResolver {
  /** As many hosts of one domain are considered, the preferred ones. */
  static final int MAX_HOSTS = 16;

  /** As many addresses of one host and family are considered. */
  static final int MAX_ADDRESSES = 8;

  private static final int MAX_ALIASES = 8;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final LookupSession session;
  private final Random random;

  /** Asks the name servers that the operating system names. */
  public static DnsMxResolver ofSystem() {
    var resolver = new ExtendedResolver();
    resolver.setTimeout(TIMEOUT);
    return new DnsMxResolver(resolver, new Random());
  }

  /**
   * @param resolver whom to ask; its timeout bounds each question
   * @param random shuffles hosts of one preference
   */
  public DnsMxResolver(Resolver resolver, Random random) {
    this.session = LookupSession.builder().resolver(resolver).maxRedirects(MAX_ALIASES).build();
    this.random = random;
  }

  @Override
  public List<MailHost> mailHosts(String domain) throws UndeliveredException {
    var answer = ask(domain, Type.MX);
    if (answer.isEmpty()) {
      return List.of(new MailHost(domain, 0));
    }
    var records = new ArrayList<MXRecord>();
    for (var each : answer) {
      if (each instanceof MXRecord mx && !mx.getTarget().equals(Name.root)) {
        records.add(mx);
      }
    }
    if (records.isEmpty()) {
      throw UndeliveredException.refused("5.1.10", domain + " says that it takes no mail");
    }
    Collections.shuffle(records, random);
    return records.stream()
        .sorted(Comparator.comparingInt(MXRecord::getPriority))
        .limit(MAX_HOSTS)
        .map(mx -> new MailHost(mx.getTarget().toString(true), mx.getPriority()))
        .toList();
  }

  @Override
  public List<InetAddress> addresses(String host) throws UndeliveredException {
    var found = new ArrayList<InetAddress>();
    Optional<UndeliveredException> unanswered = Optional.empty();
    for (int type : new int[] {Type.AAAA, Type.A}) {
      try {
        ask(host, type).stream()
            .flatMap(DnsMxResolver::address)
            .limit(MAX_ADDRESSES)
            .forEach(found::add);
      } catch (UndeliveredException stop) {
        if (stop.isDeferral()) {
          unanswered = Optional.of(stop);
        }
      }
    }
    if (!found.isEmpty()) {
      return List.copyOf(found);
    }
    throw unanswered.orElseGet(
        () -> UndeliveredException.refused("5.1.2", "host " + host + " has no address"));
  }

  private static Stream<InetAddress> address(Record each) {
    if (each instanceof ARecord v4) {
      return Stream.of(v4.getAddress());
    }
    return each instanceof AAAARecord v6 ? Stream.of(v6.getAddress()) : Stream.empty();
  }

  /** The records of that type, aliases followed; none if the name exists without them. */
  private List<Record> ask(String host, int type) throws UndeliveredException {
    try {
      var name = Name.fromString(host, Name.root);
      return session.lookupAsync(name, type).toCompletableFuture().join().getRecords();
    } catch (TextParseException malformed) {
      throw UndeliveredException.refused("5.1.2", host + " is not a name of the DNS")
          .because(malformed);
    } catch (CompletionException failed) {
      var cause = failed.getCause();
      if (cause instanceof NoSuchRRSetException) {
        return List.of();
      }
      if (cause instanceof NoSuchDomainException) {
        throw UndeliveredException.refused("5.1.2", "domain " + host + " does not exist")
            .because(cause);
      }
      var why = cause instanceof IOException ? "no answer" : String.valueOf(cause.getMessage());
      throw UndeliveredException.deferred(
              "4.4.3",
              "the DNS cannot say the "
                  + Type.string(type)
                  + " records of "
                  + host
                  + ": "
                  + ServerReply.clean(why, 200))
          .because(cause);
    }
  }
}
