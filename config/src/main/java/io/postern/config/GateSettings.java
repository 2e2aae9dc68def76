package io.postern.config;

import io.postern.mapping.LeavingSettings;
import io.postern.mapping.QuotaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What keeps the bridge from harm by those who write, on either side.
 *
 * @param keepRejects how long what was refused can be found, in whole days
 * @param quota how much may come in on a day; nobody is counted where {@code provision} is open
 * @param leaving how much of a peer becomes mail
 * @param blocklists domains of DNS blocklists that are asked about clients
 * @param greylist whether strangers must come a second time
 * @param filter who else is asked about each mail
 */
public record GateSettings(
    Duration keepRejects,
    QuotaSettings quota,
    LeavingSettings leaving,
    List<String> blocklists,
    boolean greylist,
    Optional<FilterSettings> filter) {
  private static final Duration LEAST_KEPT = Duration.ofDays(1);
  private static final Duration LONGEST_KEPT = Duration.ofDays(90);

  /** Each is asked about each client, one after the other. */
  private static final int MAX_BLOCKLISTS = 8;

  /**
   * @throws IllegalArgumentException if a value is out of its range; the message names the key
   */
  public GateSettings {
    Objects.requireNonNull(quota, "quota");
    Objects.requireNonNull(leaving, "leaving");
    Objects.requireNonNull(filter, "filter");
    blocklists = List.copyOf(blocklists);
    if (blocklists.size() > MAX_BLOCKLISTS) {
      throw new IllegalArgumentException(
          "dnsbl names " + blocklists.size() + " lists; write " + MAX_BLOCKLISTS + " at most");
    }
    if (keepRejects.compareTo(LEAST_KEPT) < 0 || keepRejects.compareTo(LONGEST_KEPT) > 0) {
      throw new IllegalArgumentException(
          "rejects.keep is " + keepRejects.toHours() + "h; write 1d to 90d");
    }
  }

  /** What holds where the file says nothing. */
  public static GateSettings defaults() {
    return new GateSettings(
        Duration.ofDays(7),
        QuotaSettings.defaults(),
        LeavingSettings.defaults(),
        List.of(),
        false,
        Optional.empty());
  }

  public GateSettings withKeepRejects(Duration keep) {
    return new GateSettings(keep, quota, leaving, blocklists, greylist, filter);
  }

  public GateSettings withQuota(QuotaSettings other) {
    return new GateSettings(keepRejects, other, leaving, blocklists, greylist, filter);
  }

  public GateSettings withLeaving(LeavingSettings other) {
    return new GateSettings(keepRejects, quota, other, blocklists, greylist, filter);
  }

  public GateSettings withBlocklists(List<String> lists) {
    return new GateSettings(keepRejects, quota, leaving, lists, greylist, filter);
  }

  public GateSettings withGreylist(boolean on) {
    return new GateSettings(keepRejects, quota, leaving, blocklists, on, filter);
  }

  public GateSettings withFilter(FilterSettings asked) {
    return new GateSettings(keepRejects, quota, leaving, blocklists, greylist, Optional.of(asked));
  }
}
