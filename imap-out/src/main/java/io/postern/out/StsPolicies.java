package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the MTA-STS policy of a domain and keeps it as long as it holds. RFC 8461 §3 and §5.1. May
 * be used by several threads.
 *
 * <p>A policy that is kept counts until its time is over, even while the domain's DNS or host does
 * not answer; only a newer policy takes its place. One that was never seen cannot be missed.
 */
public final class StsPolicies {
  private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);
  private static final Pattern VERSION = Pattern.compile("v=STSv1[ \t]*;");
  private static final Pattern ID = Pattern.compile("id=([A-Za-z0-9]{1,32})");

  /** RFC 8461 §3.3: a host that has none is not asked for each mail. */
  private static final Duration ASK_AGAIN_AFTER = Duration.ofMinutes(5);

  private static final Duration RENEW_AFTER = Duration.ofHours(12);
  private static final int MAX_FAILURES = 1_000;

  private final SecureDns dns;
  private final StsSource source;
  private final StsCache cache;
  private final InstantSource clock;
  private final Map<String, Instant> failures = new ConcurrentHashMap<>();

  /**
   * @param folder where policies are kept; made if it is absent
   */
  public static StsPolicies open(SecureDns dns, Path folder, InstantSource clock)
      throws IOException {
    return new StsPolicies(dns, new HttpsStsSource(dns), StsCache.open(folder), clock);
  }

  StsPolicies(SecureDns dns, StsSource source, StsCache cache, InstantSource clock) {
    this.dns = dns;
    this.source = source;
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * The policy that holds now; empty if there is none.
   *
   * @param domain of recipients, in ASCII
   */
  Optional<StsPolicy> policy(String domain) {
    if (!StsCache.isName(domain)) {
      return Optional.empty(); // An address literal, say.
    }
    var kept = cache.find(domain).filter(k -> k.holdsAt(clock.instant()));
    var id = id(domain);
    boolean isKnown = kept.isPresent() && (id.isEmpty() || id.get().equals(kept.get().id()));
    if (id.isEmpty() || isKnown || mayNotAsk(domain)) {
      return kept.map(StsCache.Kept::policy);
    }
    return fetch(domain, id.get()).or(() -> kept.map(StsCache.Kept::policy));
  }

  /**
   * Fetches what is kept anew, so that it never ends while its domain has one, and forgets what has
   * ended. RFC 8461 §10.2.
   *
   * @throws IOException if the kept policies cannot be read or written
   */
  public void refresh() throws IOException {
    for (var domain : cache.domains()) {
      var kept = cache.find(domain);
      if (kept.isEmpty() || !kept.get().holdsAt(clock.instant())) {
        cache.forget(domain);
      } else if (kept.get().isOlder(RENEW_AFTER, clock.instant())) {
        fetch(domain, id(domain).orElse(kept.get().id()));
      }
    }
  }

  private Optional<StsPolicy> fetch(String domain, String id) {
    try {
      var text = source.fetch(domain);
      var policy = StsPolicy.parse(text);
      if (policy.isEmpty()) {
        throw new IOException("what mta-sts." + domain + " serves is no policy");
      }
      cache.keep(domain, id, clock.instant(), text);
      failures.remove(domain);
      return policy;
    } catch (IOException failed) {
      LOG.warn(
          "domain={} its MTA-STS policy cannot be had: {}",
          domain,
          ServerReply.clean(String.valueOf(failed.getMessage()), 200));
      if (failures.size() >= MAX_FAILURES) {
        failures.clear();
      }
      failures.put(domain, clock.instant());
      return Optional.empty();
    }
  }

  private boolean mayNotAsk(String domain) {
    var failed = failures.get(domain);
    return failed != null && clock.instant().isBefore(failed.plus(ASK_AGAIN_AFTER));
  }

  /**
   * What the DNS calls the policy: RFC 8461 §3.1. Empty if it says that there is none, or fails.
   */
  private Optional<String> id(String domain) {
    try {
      var records =
          dns.txt("_mta-sts." + domain).records().stream()
              .filter(text -> VERSION.matcher(text).lookingAt())
              .toList();
      // RFC 8461 §3.1: several are as good as none.
      return records.size() == 1 ? id(records.get(0).split(";", -1)) : Optional.empty();
    } catch (DnsException unknown) {
      LOG.debug("domain={} has MTA-STS? {}", domain, unknown.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<String> id(String[] fields) {
    return Arrays.stream(fields)
        .map(field -> ID.matcher(field.strip()))
        .filter(Matcher::matches)
        .map(match -> match.group(1))
        .findFirst();
  }
}
