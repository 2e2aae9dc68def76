package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.installation;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuietTest {
  private final Quiet quiet = new Quiet(Duration.ofSeconds(20));

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  @Test
  void linesThatFollowCloselyAreOneMail() {
    var bundles = quiet.bundles(List.of(line(1, 0), line(2, 20), line(3, 35)));

    assertEquals(1, bundles.size());
    assertEquals(List.of(message(1), message(2), message(3)), bundles.get(0).messageIds());
    assertEquals(T0.plusSeconds(55), bundles.get(0).closesAt());
  }

  @Test
  void aLongerSilenceBeginsAnotherMail() {
    var bundles = quiet.bundles(List.of(line(1, 0), line(2, 21)));

    assertEquals(
        List.of(List.of(message(1)), List.of(message(2))),
        bundles.stream().map(OpenBundle::messageIds).toList());
    assertEquals(T0.plusSeconds(20), bundles.get(0).closesAt());
  }

  @Test
  void whoNeverPausesIsMailedAfterTwoMinutes() {
    var lines = IntStream.range(0, 31).mapToObj(i -> line(i, 10 * i)).toList();

    var bundles = quiet.bundles(lines);

    assertEquals(List.of(13, 13, 5), bundles.stream().map(b -> b.lines().size()).toList());
    assertEquals(T0.plusSeconds(120), bundles.get(0).closesAt());
  }

  @Test
  void zeroMakesEachLineAMailOfItsOwnAtOnce() {
    var bundles = new Quiet(Duration.ZERO).bundles(List.of(line(1, 0), line(2, 0)));

    assertEquals(2, bundles.size());
    assertEquals(T0, bundles.get(0).closesAt());
  }

  @Test
  void aBacklogThatArrivesInOneSecondIsStillManyMails() {
    var lines = IntStream.range(0, 10).mapToObj(i -> line(i, 3600 * i, 40_000)).toList();

    assertEquals(10, quiet.bundles(lines).size());
  }

  @Test
  void linesThatArriveInAnotherOrderStandInTheirs() {
    var bundles = quiet.bundles(List.of(line(2, 5, 100), line(1, 0, 101)));

    assertEquals(List.of(message(1), message(2)), bundles.get(0).messageIds());
    assertEquals(T0.plusSeconds(121), bundles.get(0).closesAt());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 121})
  void refusesAGapThatIsNone(long seconds) {
    var gap = Duration.ofSeconds(seconds);

    assertThrows(IllegalArgumentException.class, () -> new Quiet(gap));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyLineIsInOneMailAndTheOrderOfArrivalDoesNotMatter(long seed) {
    var random = new SplittableRandom(seed);
    var lines = new ArrayList<OutboxLine>();
    int second = 0;
    for (int i = 0; i < random.nextInt(1, 400); i++) {
      second += 1 + random.nextInt(30);
      lines.add(line(i, second, second));
    }
    var shuffled = new ArrayList<>(lines);
    Collections.shuffle(shuffled, new Random(seed));

    var bundles = quiet.bundles(lines);

    assertEquals(lines, bundles.stream().flatMap(bundle -> bundle.lines().stream()).toList());
    assertEquals(bundles, quiet.bundles(shuffled));
    for (var bundle : bundles) {
      var last = bundle.lines().get(bundle.lines().size() - 1);
      assertTrue(
          !last.sentAt().isAfter(bundle.first().sentAt().plus(Quiet.LONGEST)), "spans too much");
      assertTrue(bundle.lines().size() <= Quiet.MAX_LINES);
    }
  }

  private static OutboxLine line(int message, int sent) {
    return line(message, sent, sent);
  }

  private static OutboxLine line(int message, int sent, int arrived) {
    return new OutboxLine(
        installation(1),
        message(message),
        mailbox("bob@example.org"),
        ConversationId.ofGroup(group(1)),
        inbox(4),
        T0.plusSeconds(sent),
        T0.plusSeconds(arrived),
        0);
  }
}
