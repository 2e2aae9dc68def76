package io.postern.mapping;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * An instance that carries, of those that have one database in common.
 *
 * @param host its name, for people
 * @param version of its program
 * @param network on which its inboxes are
 * @param domains that it serves, in the order of the configuration
 * @param parts into how many the inboxes are divided, so that as many may carry at once
 * @param since it carries, by its own clock
 */
public record Carrier(
    String host, String version, String network, List<String> domains, int parts, Instant since) {
  public Carrier {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(network, "network");
    domains = List.copyOf(domains);
    Objects.requireNonNull(since, "since");
  }
}
