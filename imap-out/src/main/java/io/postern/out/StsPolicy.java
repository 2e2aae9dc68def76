package io.postern.out;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a domain says of the TLS of its mail hosts. RFC 8461 §3.2.
 *
 * @param hosts names, and {@code *.} before a name for any one label before it
 * @param maxAge how long it holds after it was fetched
 */
record StsPolicy(Mode mode, List<String> hosts, Duration maxAge) {
  private static final Duration LONGEST = Duration.ofSeconds(31_557_600);
  private static final int MAX_HOSTS = 100;
  private static final Pattern SECONDS = Pattern.compile("\\d{1,10}");
  private static final Pattern HOST = Pattern.compile("(?:\\*\\.)?[A-Za-z0-9_.-]{1,253}");

  /** What to do with hosts that do not keep to it. */
  enum Mode {
    /** Nothing is handed to them. */
    ENFORCE,
    /** Mail is delivered all the same; reports (RFC 8460) are not sent. */
    TESTING,
    /** The domain has given it up. */
    NONE
  }

  StsPolicy {
    hosts = List.copyOf(hosts);
    if (hosts.isEmpty() && mode != Mode.NONE) {
      throw new IllegalArgumentException("a policy without a host");
    }
  }

  /**
   * Reads a policy. Unknown keys are passed over; of keys that come twice the first counts, but for
   * {@code mx}.
   *
   * @return empty if it is none
   */
  static Optional<StsPolicy> parse(String text) {
    var fields = new HashMap<String, String>();
    var hosts = new ArrayList<String>();
    for (var line : text.split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      if (line.isBlank()) {
        continue;
      }
      if (colon < 0) {
        return Optional.empty();
      }
      var key = line.substring(0, colon).strip();
      var value = line.substring(colon + 1).strip();
      if (!key.equals("mx")) {
        fields.putIfAbsent(key, value);
      } else if (!HOST.matcher(value).matches() || hosts.size() == MAX_HOSTS) {
        return Optional.empty();
      } else {
        hosts.add(value);
      }
    }
    return of(fields, hosts);
  }

  private static Optional<StsPolicy> of(Map<String, String> fields, List<String> hosts) {
    var age = fields.getOrDefault("max_age", "");
    var mode =
        switch (fields.getOrDefault("mode", "")) {
          case "enforce" -> Optional.of(Mode.ENFORCE);
          case "testing" -> Optional.of(Mode.TESTING);
          case "none" -> Optional.of(Mode.NONE);
          default -> Optional.<Mode>empty();
        };
    if (!"STSv1".equals(fields.get("version"))
        || !SECONDS.matcher(age).matches()
        || mode.isEmpty()
        || hosts.isEmpty() && mode.get() != Mode.NONE) {
      return Optional.empty();
    }
    var asked = Duration.ofSeconds(Long.parseLong(age));
    return Optional.of(
        new StsPolicy(mode.get(), hosts, asked.compareTo(LONGEST) < 0 ? asked : LONGEST));
  }

  /** Whether the host is one of the domain's. RFC 8461 §4.1. */
  boolean names(String host) {
    return hosts.stream().anyMatch(name -> CertificateNames.covers(name, host));
  }
}
