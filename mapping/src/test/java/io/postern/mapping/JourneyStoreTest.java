package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.Journey.Kind;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class JourneyStoreTest {
  private static final Mailbox ALICE = mailbox("alice@bridge.example");
  private static final Mailbox CAROL = mailbox("carol@bridge.example");

  @TempDir Path folder;
  private MappingDatabase database;
  private JourneyStore journeys;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    journeys = new JourneyStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aDelayIsToldOnceForEachWhoWaits() {
    begin("spool-1", List.of(ALICE, CAROL), step(0, Place.SPOOL, "kept"));
    journeys.end("spool-1", CAROL, Outcome.DELIVERED, step(1, Place.NODE, "published"));
    assertEquals(List.of(ALICE), journeys.untoldOfDelay("spool-1"));

    boolean first = tellOfDelay("spool-1");
    boolean second = tellOfDelay("spool-1");

    assertTrue(first);
    assertFalse(second);
    assertFalse(tellOfDelay("spool-2"));
    assertEquals(List.of(), journeys.untoldOfDelay("spool-1"));
  }

  private boolean tellOfDelay(String id) {
    return database
        .jdbi()
        .inTransaction(handle -> journeys.tellOfDelay(handle, id, ALICE, T0.plusSeconds(9)));
  }

  @Test
  void tellsWhatHappenedInOrder() {
    begin("spool-1", List.of(ALICE), step(0, Place.SPOOL, "kept, 812 octets"));
    journeys.step("spool-1", step(1, Place.MAIL_TO_XMTP, "a text"));
    journeys.end("spool-1", ALICE, Outcome.DELIVERED, step(2, Place.NODE, "published"));

    assertEquals(
        Optional.of(
            new Journey(
                "spool-1",
                Kind.MAIL,
                T0,
                T0.plusSeconds(2),
                Map.of(ALICE, Outcome.DELIVERED),
                List.of(
                    step(0, Place.SPOOL, "kept, 812 octets"),
                    step(1, Place.MAIL_TO_XMTP, "a text"),
                    step(2, Place.NODE, "published")))),
        journeys.byId("spool-1"));
  }

  @Test
  void beginningTwiceIsBeginningOnce() {
    assertTrue(begin("spool-1", ALICE));
    journeys.end("spool-1", ALICE, Outcome.DELIVERED, step(1, Place.NODE, "published"));

    assertFalse(begin("spool-1", ALICE));

    assertEquals(Outcome.DELIVERED, outcome("spool-1"));
    assertEquals(2, journeys.byId("spool-1").orElseThrow().steps().size());
  }

  @Test
  void eachRecipientHasAnOutcomeAndTheWholeThatWhichNeedsALook() {
    begin("spool-1", ALICE, CAROL);
    assertEquals(Outcome.PENDING, outcome("spool-1"));

    journeys.end("spool-1", ALICE, Outcome.DELIVERED, step(1, Place.NODE, "published"));
    assertEquals(Outcome.PENDING, outcome("spool-1"));

    journeys.end("spool-1", CAROL, Outcome.REFUSED, step(2, Place.NODE, "no inbox"));
    assertEquals(Outcome.REFUSED, outcome("spool-1"));
    assertEquals(
        Map.of(ALICE, Outcome.DELIVERED, CAROL, Outcome.REFUSED),
        journeys.byId("spool-1").orElseThrow().outcomes());
  }

  @Test
  void theCaseOfARecipientDoesNotMatter() {
    begin("spool-1", mailbox("Alice@bridge.example"), ALICE);

    journeys.end(
        "spool-1",
        mailbox("ALICE@Bridge.example"),
        Outcome.DELIVERED,
        step(1, Place.NODE, "published"));

    assertEquals(
        Map.of(ALICE, Outcome.DELIVERED), journeys.byId("spool-1").orElseThrow().outcomes());
  }

  @Test
  void aBounceTurnsDeliveredIntoRefused() {
    begin("m", ALICE);
    journeys.end("m", ALICE, Outcome.DELIVERED, step(1, Place.MAIL_SENDER, "250 ok"));

    assertTrue(journeys.end("m", ALICE, Outcome.REFUSED, step(2, Place.MAIL_SENDER, "bounced")));

    assertEquals(Outcome.REFUSED, outcome("m"));
  }

  @Test
  void isFoundByEveryNameInAnyCase() {
    begin("spool-1", ALICE);
    name("spool-1", "<Mail@Example.org>");
    name("spool-1", "ab".repeat(32));
    name("spool-1", "ab".repeat(32));

    for (var name : List.of("spool-1", "<mail@example.ORG>", "AB".repeat(32))) {
      assertEquals(
          List.of("spool-1"), journeys.find(name).stream().map(Journey::id).toList(), name);
    }
    assertEquals(List.of(), journeys.find("<other@example.org>"));
  }

  @Test
  void aMailThatCameTwiceHasTwoJourneysTheLatestFirst() {
    begin("spool-1", List.of(ALICE), step(0, Place.SPOOL, "kept"));
    begin("spool-2", List.of(ALICE), step(5, Place.SPOOL, "kept"));
    name("spool-1", "<a@x>");
    name("spool-2", "<a@x>");

    assertEquals(
        List.of("spool-2", "spool-1"), journeys.find("<a@x>").stream().map(Journey::id).toList());
  }

  @Test
  void theLastAreThoseInWhichSomethingHappenedLast() {
    begin("one", ALICE);
    begin("two", ALICE);
    begin("three", ALICE);
    journeys.step("one", step(9, Place.NODE, "published"));
    journeys.step("three", step(3, Place.NODE, "published"));

    assertEquals(List.of("one", "three"), journeys.last(2).stream().map(Journey::id).toList());
  }

  @Test
  void expiryKeepsWhatIsPending() {
    begin("done", ALICE);
    begin("pending", ALICE);
    begin("dead", ALICE);
    begin("half", ALICE, CAROL);
    begin("young", ALICE);
    journeys.end("done", ALICE, Outcome.DELIVERED, step(1, Place.NODE, "published"));
    journeys.end("dead", ALICE, Outcome.DEAD, step(1, Place.NODE, "given up"));
    journeys.end("half", ALICE, Outcome.DELIVERED, step(1, Place.NODE, "published"));
    journeys.end("young", ALICE, Outcome.WITHHELD, step(60, Place.NODE, "a receipt"));

    assertEquals(2, journeys.expire(T0.plusSeconds(60)));

    assertEquals(List.of(), journeys.find("done"));
    assertFalse(journeys.step("done", step(61, Place.MAIL_SENDER, "a late bounce")));
    for (var kept : List.of("pending", "half", "young")) {
      assertTrue(journeys.byId(kept).isPresent(), kept);
    }
  }

  @Test
  void anEndForSomebodyElseIsOurMistakeAndLeavesNoStep() {
    begin("spool-1", ALICE);

    assertThrows(
        IllegalStateException.class,
        () -> journeys.end("spool-1", CAROL, Outcome.DELIVERED, step(1, Place.NODE, "published")));

    assertEquals(1, journeys.byId("spool-1").orElseThrow().steps().size());
  }

  @Test
  void aJourneyToNobodyIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> begin("spool-1"));
  }

  @Test
  void wordsFromOutsideDoNotMakeAStepADocument() {
    begin("spool-1", ALICE);
    journeys.step("spool-1", step(1, Place.MAIL_SENDER, "x".repeat(100_000)));

    var words = journeys.byId("spool-1").orElseThrow().steps().get(1).words();
    assertEquals(Step.MAX_WORDS, words.length());
    assertTrue(words.endsWith("…"));
  }

  @Test
  void isFoundByEachNameItBeganWithOrGotLaterOnceEach() {
    database
        .jdbi()
        .useTransaction(
            handle -> {
              journeys.begin(
                  handle,
                  "spool-1",
                  Kind.MAIL,
                  List.of("<a@x>", "<A@x>", "spool-1"),
                  List.of(ALICE),
                  step(0, Place.SPOOL, "kept"));
              journeys.name(handle, "spool-1", List.of("message-1", "<a@x>", "message-1"));
            });

    for (var name : List.of("spool-1", "<a@x>", "message-1")) {
      assertEquals(1, journeys.find(name).size(), name);
    }
  }

  @Test
  void saysForWhomItCameToWhat() {
    begin("spool-1", ALICE, CAROL);

    journeys.end("spool-1", ALICE, Outcome.DELIVERED, step(1, Place.NODE, "published"));

    assertEquals(List.of(CAROL), journeys.recipients("spool-1", Outcome.PENDING));
    assertEquals(List.of(ALICE), journeys.recipients("spool-1", Outcome.DELIVERED));
    assertEquals(List.of(), journeys.recipients("spool-2", Outcome.PENDING));
  }

  @Test
  void takesPartInALargerTransaction() {
    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      journeys.begin(
                          handle,
                          "m",
                          Kind.MESSAGE,
                          List.of("<a@x>"),
                          List.of(ALICE),
                          step(0, Place.SPOOL, "kept"));
                      journeys.end(
                          handle, "m", ALICE, Outcome.WITHHELD, step(1, Place.SPOOL, "denied"));
                      throw new MappingDatabase.Crash();
                    }));

    assertEquals(Optional.empty(), journeys.byId("m"));
    assertEquals(List.of(), journeys.find("<a@x>"));
  }

  private boolean begin(String id, Mailbox... recipients) {
    return begin(id, List.of(recipients), step(0, Place.SPOOL, "kept"));
  }

  private boolean begin(String id, List<Mailbox> recipients, Step first) {
    return database
        .jdbi()
        .inTransaction(
            handle -> journeys.begin(handle, id, Kind.MAIL, List.of(), recipients, first));
  }

  private void name(String id, String... names) {
    database.jdbi().useTransaction(handle -> journeys.name(handle, id, List.of(names)));
  }

  private Outcome outcome(String id) {
    return journeys.byId(id).orElseThrow().outcome();
  }

  private static Step step(int second, Place place, String words) {
    return new Step(T0.plusSeconds(second), place, words);
  }
}
