package io.postern.mls.group;

import io.postern.mls.schedule.RatchetLimits;
import java.util.Optional;

/**
 * What a member tolerates; local, never on the wire.
 *
 * @param limits how far messages of one sender may be out of order
 * @param pastEpochs how many epochs before the current one stay readable
 * @param appData what AppDataUpdates do; without it they are not served
 */
public record GroupSettings(RatchetLimits limits, int pastEpochs, Optional<AppDataFold> appData) {
  /** The settings of XMTP: 5 out of order, 1000 forward, 3 past epochs. */
  public static final GroupSettings XMTP = new GroupSettings(RatchetLimits.XMTP, 3);

  /** Refuses a negative number. */
  public GroupSettings {
    if (pastEpochs < 0) {
      throw new IllegalArgumentException("pastEpochs must not be negative");
    }
  }

  /** The same without an application data dictionary. */
  public GroupSettings(RatchetLimits limits, int pastEpochs) {
    this(limits, pastEpochs, Optional.empty());
  }

  /** The same with an application data dictionary. */
  public GroupSettings with(AppDataFold fold) {
    return new GroupSettings(limits, pastEpochs, Optional.of(fold));
  }
}
