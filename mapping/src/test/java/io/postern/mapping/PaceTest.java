package io.postern.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mapping.LoopCeiling.Turn;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Instant T0 = Instant.parse("2026-02-03T10:00:00Z");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private int message;
  private Instant now = T0;

  @Test
  void holdsTheTwentyFirstQuickAnswerInARow() {
    var pace = turns(Pace.NONE, 20, SECOND, MINUTE);
    assertFalse(pace.isHeld(now));

    pace = turns(pace, 1, SECOND, MINUTE);

    assertTrue(pace.isHeld(now));
    assertEquals(now.plus(Duration.ofMinutes(10)), pace.heldUntil());
  }

  @Test
  void holdsQuickAnswersHoweverSlowTheMailIs() {
    var pace = turns(Pace.NONE, 21, SECOND, Duration.ofHours(30));

    assertTrue(pace.isHeld(now));
  }

  @Test
  void oneSlowAnswerTellsAPerson() {
    var pace = turns(Pace.NONE, 20, SECOND, MINUTE);
    pace = turns(pace, 1, MINUTE, MINUTE);

    pace = turns(pace, 20, SECOND, MINUTE);

    assertFalse(pace.isHeld(now));
  }

  @Test
  void holdsASlowMachineAfterAHundredTurnsInADay() {
    var pace = turns(Pace.NONE, 100, MINUTE, MINUTE);
    assertFalse(pace.isHeld(now));

    assertTrue(turns(pace, 1, MINUTE, MINUTE).isHeld(now));
  }

  @Test
  void aHundredTurnsInTwoDaysAreNone() {
    var pace = turns(Pace.NONE, 60, MINUTE, Duration.ofMinutes(24));

    assertFalse(turns(pace, 60, MINUTE, Duration.ofMinutes(24)).isHeld(now));
  }

  @Test
  void linesThatAnswerTheSameMessageAreOneTurn() {
    var pace = turns(Pace.NONE, 20, SECOND, MINUTE);

    assertSame(pace, pace.after(turn(message, SECOND), now));
  }

  @Test
  void aThreadThatWasHeldHasLessRopeAndIsHeldLonger() {
    var pace = turns(Pace.NONE, 21, SECOND, MINUTE);
    now = pace.heldUntil();
    pace = turns(pace, 5, SECOND, MINUTE);
    assertFalse(pace.isHeld(now));

    pace = turns(pace, 1, SECOND, MINUTE);

    assertTrue(pace.isHeld(now));
    assertEquals(now.plus(Duration.ofHours(1)), pace.heldUntil());
  }

  @Test
  void aCalmWeekMakesItForgotten() {
    var pace = turns(Pace.NONE, 21, SECOND, MINUTE);
    now = pace.heldUntil().plus(Duration.ofDays(7));

    pace = turns(pace, 20, SECOND, MINUTE);

    assertFalse(pace.isHeld(now));
    assertEquals(0, pace.holds());
  }

  @Test
  void aLoopThatNobodyEndsComesDownToSixTurnsInTenDays() {
    var pace = Pace.NONE;
    int turns = 0;
    while (now.isBefore(T0.plus(Duration.ofDays(3650)))) {
      turns++;
      pace = turns(pace, 1, SECOND, MINUTE);
      now = pace.isHeld(now) ? pace.heldUntil() : now;
    }

    assertTrue(turns < 366 * 6 + 40, turns + " turns");
  }

  private Pace turns(Pace pace, int count, Duration after, Duration apart) {
    var turned = pace;
    for (int i = 0; i < count; i++) {
      now = now.plus(apart);
      turned = turned.after(turn(++message, after), now);
    }
    return turned;
  }

  private static Turn turn(int message, Duration after) {
    return new Turn(String.format("%064x", message), after);
  }
}
