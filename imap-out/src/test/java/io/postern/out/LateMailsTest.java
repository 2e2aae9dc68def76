package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LateMailsTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private final LateMails late = new LateMails();

  @Test
  void whatHadNoTroubleIsDueAndNeverOver() {
    assertThat(late.isDue(1, NOW)).isTrue();
    assertThat(late.isOver(1, NOW)).isFalse();
    assertThat(late.untilNext(NOW)).isEmpty();
  }

  @Test
  void isTriedEverMoreRarelyButEachHourAtLeast() {
    var at = NOW;
    var longest = Duration.ZERO;
    for (int i = 0; i < 100; i++) {
      assertThat(late.note(1, at, "busy", true)).isEqualTo(i == 0);
      var pause = late.untilNext(at).orElseThrow();

      assertThat(pause).isGreaterThanOrEqualTo(longest).isLessThanOrEqualTo(Duration.ofHours(1));
      assertThat(late.isDue(1, at)).isFalse();
      at = at.plus(pause);
      assertThat(late.isDue(1, at)).isTrue();
      longest = pause;
    }
    assertThat(longest).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void isGivenUpAfterTwoDays() {
    var end = NOW.plus(LateMails.GIVE_UP_AFTER);
    late.note(1, NOW, "first", true);
    late.note(1, end.minusSeconds(1), "last", true);

    assertThat(late.isOver(1, end.minusSeconds(1))).isFalse();
    assertThat(late.isOver(1, end)).isTrue();
    assertThat(late.unfetchable(1, end)).as("it could be had").isEmpty();
  }

  @Test
  void whatCannotEvenBeFetchedIsNotLookedAtAgainThen() {
    for (int i = 0; i < 10; i++) {
      late.note(1, NOW, "damaged", false);
    }

    assertThat(late.unfetchable(1, NOW)).isEmpty();
    assertThat(late.unfetchable(1, NOW.plus(LateMails.GIVE_UP_AFTER))).contains("damaged");
  }

  /** Its server was away all the time, say: then nobody has asked for the mail again. */
  @Test
  void whatWasTriedOnceIsTriedAgainHoweverLateItIs() {
    late.note(1, NOW, "connection lost", false);

    assertThat(late.unfetchable(1, NOW.plus(LateMails.GIVE_UP_AFTER))).isEmpty();
  }

  @Test
  void forgetsWhatIsTakenOrGone() {
    late.note(1, NOW, "x", true);
    late.note(2, NOW, "x", true);
    late.note(3, NOW, "x", true);

    late.forget(1);
    late.keepOnly(Set.of(3L));

    assertThat(late.isDue(1, NOW)).isTrue();
    assertThat(late.isDue(2, NOW)).isTrue();
    assertThat(late.isDue(3, NOW)).isFalse();
  }
}
