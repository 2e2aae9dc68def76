package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  /** One round of renewals takes no longer; a fetch that has begun ends first. */
  private static final Duration LONGEST_ROUND = Duration.ofMinutes(2);

  /** A policy of a domain that nobody has mailed for so long is not renewed. */
  private static final Duration UNUSED_AFTER = Duration.ofDays(30);

  private static final int MAX_FAILURES = 1_000;

  private final SecureDns dns;
  private final StsSource source;
  private final StsCache cache;
  private final InstantSource clock;
  private final Map<String, Instant> failures = new ConcurrentHashMap<>();

  /** With which the last round of renewals ended: the next goes on behind it. */
  private volatile String lastOfRound = "";

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
    var fetched =
        id.isEmpty() || isKnown || mayNotAsk(domain)
            ? Optional.<StsPolicy>empty()
            : fetch(domain, id.get());
    var policy = fetched.or(() -> kept.map(StsCache.Kept::policy));
    if (policy.isPresent()) {
      use(domain);
    }
    return policy;
  }

  private void use(String domain) {
    try {
      cache.use(domain, clock.instant());
    } catch (IOException unnoted) {
      LOG.debug("domain={} that it is mailed cannot be noted", domain, unnoted);
    }
  }

  /**
   * Fetches what is kept anew, so that it does not end while its domain has one and is mailed, and
   * forgets what has ended. RFC 8461 §10.2. What takes too long goes on at the next call.
   *
   * @throws IOException if the kept policies cannot be read or written
   */
  public void refresh() throws IOException {
    var end = clock.instant().plus(LONGEST_ROUND);
    for (var domain : round()) {
      if (!clock.instant().isBefore(end)) {
        return;
      }
      lastOfRound = domain;
      var kept = cache.find(domain);
      if (kept.isEmpty() || !kept.get().holdsAt(clock.instant())) {
        cache.forget(domain);
      } else if (isDue(domain, kept.get())) {
        fetch(domain, id(domain).orElse(kept.get().id()));
      }
    }
  }

  private boolean isDue(String domain, StsCache.Kept kept) throws IOException {
    var now = clock.instant();
    return kept.isOlder(RENEW_AFTER, now)
        && cache.usedAt(domain).isAfter(now.minus(UNUSED_AFTER))
        && !mayNotAsk(domain);
  }

  /** All that are kept, beginning behind the one with which the last round ended. */
  private List<String> round() throws IOException {
    var last = lastOfRound;
    var domains = cache.domains();
    var behind = domains.stream().filter(domain -> domain.compareTo(last) > 0);
    var before = domains.stream().filter(domain -> domain.compareTo(last) <= 0);
    return Stream.concat(behind, before).toList();
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
