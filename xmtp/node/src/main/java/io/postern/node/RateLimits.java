package io.postern.node;

import java.util.Objects;

/**
 * How much one client address may ask for, as the public network limits it.
 *
 * @param reads for queries, look-ups and the opening of streams
 * @param publishes for what is stored; a request costs as much as it has messages
 */
public record RateLimits(Bucket reads, Bucket publishes) {
  public RateLimits {
    Objects.requireNonNull(reads, "reads");
    Objects.requireNonNull(publishes, "publishes");
  }

  /** The limits of the public network. */
  public static RateLimits ofPublicNetwork() {
    return new RateLimits(new Bucket(20_000, 4_000), new Bucket(3_000, 600));
  }

  /**
   * @param capacity tokens of a client that has been quiet
   * @param refillPerMinute tokens that come back for each whole minute without a request
   */
  public record Bucket(int capacity, int refillPerMinute) {
    public Bucket {
      if (capacity < 1 || refillPerMinute < 0) {
        throw new IllegalArgumentException(
            "capacity is " + capacity + ", refillPerMinute is " + refillPerMinute);
      }
    }
  }
}
