package io.postern.node;

import java.time.Duration;
import java.util.Objects;

/**
 * How long the node keeps what clients are to fetch; then it deletes it. Commits and identity
 * updates stay: without them nobody could follow a group or an inbox.
 *
 * @param messages since a group message was sent
 * @param welcomes since a welcome was sent
 * @param keyPackages since an installation put its first one, however new the present one is
 */
public record Retention(Duration messages, Duration welcomes, Duration keyPackages) {
  public Retention {
    Objects.requireNonNull(messages, "messages");
    Objects.requireNonNull(welcomes, "welcomes");
    Objects.requireNonNull(keyPackages, "keyPackages");
  }

  /** As the public network does it. */
  public static Retention ofPublicNetwork() {
    return new Retention(Duration.ofDays(30), Duration.ofDays(90), Duration.ofDays(90));
  }
}
