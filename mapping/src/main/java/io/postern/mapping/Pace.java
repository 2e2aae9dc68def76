package io.postern.mapping;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * How a peer has answered a person of late, and whether that is a machine's way. A value: {@link
 * LoopCeiling} keeps it. docs/adr/0007.
 *
 * @param answered the person's message that the peer answered last; empty before the first
 * @param quickRun answers in a row that came quickly
 * @param dayBegun since when {@code dayTurns} are counted
 * @param dayTurns answers of any pace
 * @param holds how often the thread was held, a calm week since then makes it 0
 * @param heldUntil the end of the last hold; in the past if nothing is held
 */
record Pace(
    String answered, int quickRun, Instant dayBegun, int dayTurns, int holds, Instant heldUntil) {
  static final Pace NONE = new Pace("", 0, Instant.EPOCH, 0, 0, Instant.EPOCH);

  private static final int QUICK_IN_A_ROW = 20;
  private static final int IN_A_DAY = 100;

  /** A thread that was held before has a quarter of the rope. */
  private static final int SUSPECT = 4;

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration CALM = Duration.ofDays(7);
  private static final Duration FIRST_HOLD = Duration.ofMinutes(10);
  private static final Duration LONGEST_HOLD = Duration.ofDays(10);
  private static final int GROWTH = 6;

  Pace {
    Objects.requireNonNull(answered, "answered");
    Objects.requireNonNull(dayBegun, "dayBegun");
    Objects.requireNonNull(heldUntil, "heldUntil");
  }

  boolean isHeld(Instant now) {
    return now.isBefore(heldUntil);
  }

  /** The same after an answer of the peer's. All that answers one message is one turn. */
  Pace after(LoopCeiling.Turn turn, Instant now) {
    if (isHeld(now) || turn.answered().equals(answered)) {
      return this;
    }
    int held = now.isBefore(heldUntil.plus(CALM)) ? holds : 0;
    boolean newDay = !now.isBefore(dayBegun.plus(DAY));
    var next =
        new Pace(
            turn.answered(),
            turn.isQuick() ? quickRun + 1 : 0,
            newDay ? now : dayBegun,
            newDay ? 1 : dayTurns + 1,
            held,
            heldUntil);
    int rope = held > 0 ? SUSPECT : 1;
    boolean over = next.quickRun > QUICK_IN_A_ROW / rope || next.dayTurns > IN_A_DAY / rope;
    return over ? next.held(now) : next;
  }

  private Pace held(Instant now) {
    return new Pace(answered, 0, now, 0, holds + 1, now.plus(length(holds)));
  }

  private static Duration length(int before) {
    var length = FIRST_HOLD;
    for (int i = 0; i < before && length.compareTo(LONGEST_HOLD) < 0; i++) {
      length = length.multipliedBy(GROWTH);
    }
    return length.compareTo(LONGEST_HOLD) < 0 ? length : LONGEST_HOLD;
  }
}
