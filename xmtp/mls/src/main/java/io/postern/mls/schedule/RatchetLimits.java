package io.postern.mls.schedule;

/**
 * How far messages may be out of order. With <i>next</i> = newest generation used + 1, generation g
 * is served if it was not used before and {@code next - outOfOrder ≤ g ≤ next + forward}.
 *
 * @param outOfOrder how many skipped keys below <i>next</i> are kept
 * @param forward how far ahead a ratchet is turned at once
 */
public record RatchetLimits(int outOfOrder, int forward) {
  /** The limits of XMTP: 5 and 1000. */
  public static final RatchetLimits XMTP = new RatchetLimits(5, 1000);

  /** Refuses negative limits. */
  public RatchetLimits {
    if (outOfOrder < 0 || forward < 0) {
      throw new IllegalArgumentException("limits must not be negative");
    }
  }
}
