package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEachDatabase
class RejectStoreTest {
  @TempDir Path folder;
  private MappingDatabase database;
  private RejectStore store;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    store = new RejectStore(database.jdbi(), 3);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static Reject reject(Instant at, String words) {
    return reject(at, "192.0.2.1", words);
  }

  private static Reject reject(Instant at, String client, String words) {
    return reject(at, client, "<Id@example.org>", "", words);
  }

  private static Reject reject(
      Instant at, String client, String mailId, String headerHash, String words) {
    return new Reject(
        at,
        client,
        "mx.example.org",
        "Bounces@lists.example.org",
        List.of("alice@bridge.example", "carol@b\u00fccher.example"),
        2,
        "Bob@Example.org",
        mailId,
        headerHash,
        1234,
        550,
        "5.7.26",
        words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bounces@LISTS.example.org",
        "lists.example.org",
        "bob@example.org",
        "example.org",
        "alice@bridge.example",
        "bridge.example",
        "carol@xn--bcher-kva.example",
        "b\u00fccher.example",
        "192.0.2.1",
        " <id@example.org> ",
      })
  void isFoundByWhateverIsKnownOfIt(String name) {
    var reject = reject(T0, "not you");
    store.add(List.of(reject));

    assertThat(store.find(name, 10)).containsExactly(reject);
  }

  /** A server makes its folder anew, with other UIDs, and all of it is read again. */
  @Test
  void whatIsFetchedAgainIsNotedOnce() {
    store.add(List.of(reject(T0, "", "not you")));

    store.add(List.of(reject(T0.plusSeconds(60), "", "still not you")));

    assertThat(store.find("", 10)).containsExactly(reject(T0, "", "not you"));
  }

  @Test
  void whatIsFetchedAgainWithoutAMessageIdIsKnownByItsHeader() {
    store.add(List.of(reject(T0, "", "", "one", "not you")));

    store.add(List.of(reject(T0.plusSeconds(60), "", "", "one", "still not you")));
    store.add(List.of(reject(T0.plusSeconds(60), "", "", "two", "another")));
    store.add(List.of(reject(T0.plusSeconds(60), "192.0.2.1", "", "", "by a client")));

    assertThat(store.find("", 10))
        .extracting(Reject::words)
        .containsExactly("by a client", "another", "not you");
  }

  /** Their headers could not be fetched. */
  @Test
  void ofWhatNothingIsKnownIsNotedEachTime() {
    store.add(List.of(reject(T0, "", "", "", "one"), reject(T0, "", "", "", "two")));

    assertThat(store.find("", 10)).hasSize(2);
  }

  @Test
  void whatAClientOffersAgainIsNotedAgain() {
    store.add(List.of(reject(T0, "not you"), reject(T0, "", "not you")));

    store.add(List.of(reject(T0.plusSeconds(60), "not you")));

    assertThat(store.find("", 10)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"org", "bob", "bob@", "%", "*", "' or '1'='1", "mx.example.org", "\u0000"})
  void isNotFoundByAnythingElse(String name) {
    store.add(List.of(reject(T0, "not you")));

    assertThat(store.find(name, 10)).isEmpty();
  }

  @Test
  void theLatestStandsFirst() {
    store.add(List.of(reject(T0, "one"), reject(T0.plusSeconds(1), "two")));
    store.add(List.of(reject(T0.plusSeconds(2), "three")));

    assertThat(store.find("", 2)).extracting(Reject::words).containsExactly("three", "two");
    assertThat(store.find("bob@example.org", 2))
        .extracting(Reject::words)
        .containsExactly("three", "two");
  }

  @Test
  void ofOneDayTheEldestGo() {
    store.add(List.of(reject(T0.minus(Duration.ofDays(1)), "yesterday")));
    store.add(IntStream.range(0, 5).mapToObj(n -> reject(T0, "today " + n)).toList());

    assertThat(store.find("", 10))
        .extracting(Reject::words)
        .containsExactly("today 4", "today 3", "today 2", "yesterday");
    assertThat(store.find("bob@example.org", 10)).hasSize(4);
  }

  @Test
  void forgetsWholeDays() {
    store.add(List.of(reject(T0.minus(Duration.ofDays(1)), "old"), reject(T0, "new")));

    assertThat(store.expire(T0.minus(Duration.ofDays(1)))).isZero();
    assertThat(store.expire(T0)).isEqualTo(1);
    assertThat(store.find("", 10)).extracting(Reject::words).containsExactly("new");
  }

  @Test
  void keepsStrangersWordsShortAndHarmless() {
    var many = Collections.nCopies(500, "\u202ex\r\ny@example.org\u0000");
    var huge = "\u202e<\r\n".repeat(100_000);
    store.add(
        List.of(
            new Reject(
                T0, "2001:db8::1", huge, huge, many, 500, huge, huge, "", 1, 550, "5.7.1", huge)));

    var kept = store.find("2001:DB8::1", 10).get(0);
    assertThat(kept.recipients()).hasSize(Reject.MAX_RECIPIENTS).contains("x y@example.org");
    assertThat(kept.recipientCount()).isEqualTo(500);
    assertThat(kept.helo()).hasSizeLessThanOrEqualTo(255);
    assertThat(List.of(kept.reversePath(), kept.author(), kept.mailId(), kept.words()))
        .allSatisfy(
            text ->
                assertThat(text).hasSizeLessThan(1100).doesNotContainPattern("\\p{Cntrl}|\u202e"));
  }

  @Test
  void nothingIsNoHarm() {
    store.add(List.of());

    assertThat(store.find("", 10)).isEmpty();
  }
}
