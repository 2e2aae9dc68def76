package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class ThreadLinksTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final Mailbox EVE = mailbox("eve@example.org");
  private static final ConversationId LUNCH = ConversationId.ofGroup(group(1));
  private static final ConversationId WORK = ConversationId.ofGroup(group(2));

  @TempDir Path folder;
  private MappingDatabase database;
  private ThreadLinks links;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    links = new ThreadLinks(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void readsBackAllThatItWasTold() {
    var link =
        new ThreadLink(
            new MailId("<CamelCase@Example.ORG>"),
            Optional.of(new MailId("<Before@outlook.example>")),
            ThreadLink.Direction.MAIL_TO_XMTP,
            LUNCH,
            group(9),
            BOB,
            inbox(4),
            "lunch – über alles",
            List.of(new MailId("<A@x>"), new MailId("<b@x>")),
            List.of(message(3), message(1), message(2)),
            Instant.parse("2026-02-03T10:00:00.123456Z"));

    assertTrue(links.link(link));

    var found = links.last(LUNCH, BOB).orElseThrow();
    assertEquals(link, found);
    assertEquals("<CamelCase@Example.ORG>", found.mailId().asWritten());
    assertEquals("<A@x>", found.references().get(0).asWritten());
    assertEquals(message(3), found.primaryMessage());
  }

  @Test
  void whatIsKnownStands() {
    links.link(link("<a@x>", LUNCH, BOB, 1, T0));

    assertFalse(links.link(link("<A@X>", LUNCH, BOB, 2, T0)));

    assertEquals(message(1), links.last(LUNCH, BOB).orElseThrow().primaryMessage());
  }

  @Test
  void oneMailToTwoPeersIsALinkInEachConversation() {
    links.link(link("<a@x>", LUNCH, BOB, 1, T0));
    links.link(link("<a@x>", WORK, BOB, 2, T0));

    var answer = List.of(new MailId("<a@x>"));
    assertEquals(
        message(2), links.answered(BOB, WORK, answer, List.of()).orElseThrow().primaryMessage());
    assertEquals(
        message(1), links.answered(BOB, LUNCH, answer, List.of()).orElseThrow().primaryMessage());
    assertEquals(2, links.known(BOB, answer, List.of()).size());
  }

  @Test
  void inReplyToComesBeforeReferencesAndLateReferencesBeforeEarly() {
    links.link(link("<early@x>", LUNCH, BOB, 1, T0));
    links.link(link("<late@x>", LUNCH, BOB, 2, T0));
    links.link(link("<parent@x>", LUNCH, BOB, 3, T0));
    var references = List.of(id("<early@x>"), id("<late@x>"), id("<unknown@x>"));

    assertEquals(message(3), answered(List.of(id("<none@x>"), id("<parent@x>")), references));
    assertEquals(message(2), answered(List.of(id("<none@x>")), references));
    assertEquals(message(1), answered(List.of(), references.subList(0, 1)));
  }

  @Test
  void theFirstKnownIdOfInReplyToCounts() {
    links.link(link("<one@x>", LUNCH, BOB, 1, T0));
    links.link(link("<two@x>", LUNCH, BOB, 2, T0.plusSeconds(1)));

    assertEquals(message(1), answered(List.of(id("<one@x>"), id("<two@x>")), List.of()));
  }

  @Test
  void whoWasOnlyWrittenToHasNotWritten() {
    links.link(link("<request@x>", LUNCH, BOB, 1, T0));
    assertFalse(links.hasWritten(LUNCH, BOB));

    links.link(
        new ThreadLink(
            id("<answer@x>"),
            Optional.empty(),
            ThreadLink.Direction.MAIL_TO_XMTP,
            LUNCH,
            group(9),
            BOB,
            inbox(4),
            "lunch",
            List.of(),
            List.of(message(2)),
            T0));

    assertTrue(links.hasWritten(LUNCH, BOB));
    assertFalse(links.hasWritten(LUNCH, EVE));
  }

  @Test
  void anIdAuthorisesNobodyElse() {
    links.link(link("<a@x>", LUNCH, BOB, 1, T0));

    assertEquals(Optional.empty(), links.answered(EVE, LUNCH, List.of(id("<a@x>")), List.of()));
    assertEquals(List.of(), links.known(EVE, List.of(id("<a@x>")), List.of()));
    assertEquals(Optional.empty(), links.carrying(message(1), EVE));
    assertEquals(Optional.empty(), links.last(LUNCH, EVE));
  }

  @Test
  void theCaseOfAMailboxAndOfAnIdDoesNotMatter() {
    links.link(link("<a@x>", LUNCH, BOB, 1, T0));

    assertTrue(
        links
            .answered(mailbox("BOB@example.org"), LUNCH, List.of(id("<A@X>")), List.of())
            .isPresent());
  }

  @Test
  void anIdThatAServerReplacedIsFoundUnderBothNames() {
    var sent = link("<new@outlook.example>", LUNCH, BOB, 1, T0);
    links.link(
        new ThreadLink(
            sent.mailId(),
            Optional.of(id("<old@outlook.example>")),
            sent.direction(),
            sent.conversation(),
            sent.groupId(),
            sent.person(),
            sent.peer(),
            sent.subjectBase(),
            sent.references(),
            sent.messageIds(),
            sent.at()));

    assertEquals(message(1), answered(List.of(id("<old@outlook.example>")), List.of()));
    assertEquals(message(1), answered(List.of(id("<new@outlook.example>")), List.of()));
  }

  @Test
  void theLastMailIsTheLatestAndOfTwoAtOnceTheOneToldLater() {
    links.link(link("<late@x>", LUNCH, BOB, 1, T0.plusSeconds(9)));
    links.link(link("<early@x>", LUNCH, BOB, 2, T0));

    assertEquals(message(1), links.last(LUNCH, BOB).orElseThrow().primaryMessage());

    links.link(link("<same@x>", LUNCH, BOB, 3, T0.plusSeconds(9)));
    assertEquals(message(3), links.last(LUNCH, BOB).orElseThrow().primaryMessage());
  }

  @Test
  void everyMessageOfAMailFindsIt() {
    var mail = link("<a@x>", LUNCH, BOB, IntStream.range(0, 12).toArray(), T0);
    links.link(mail);

    for (int n = 0; n < 12; n++) {
      assertEquals(Optional.of(mail), links.carrying(message(n), BOB));
    }
    assertEquals(Optional.empty(), links.carrying(message(12), BOB));
  }

  @Test
  void aLinkInATransactionThatFailsWasNeverMade() {
    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      links.link(handle, link("<a@x>", LUNCH, BOB, 1, T0));
                      assertTrue(links.last(handle, LUNCH, BOB).isPresent());
                      throw new MappingDatabase.Crash();
                    }));

    assertEquals(Optional.empty(), links.last(LUNCH, BOB));
    assertTrue(links.link(link("<a@x>", LUNCH, BOB, 1, T0)));
  }

  @Test
  void anIdAsLongAsAnyIsKeptWhole() {
    var longest = new MailId("<" + "漢".repeat(MailId.MAX_LENGTH - 4) + "@x>");
    links.link(link(longest.value(), LUNCH, BOB, 1, T0));

    assertEquals(longest, links.last(LUNCH, BOB).orElseThrow().mailId());
    assertEquals(message(1), answered(List.of(longest), List.of()));
  }

  @Test
  void hostileSubjectsAndIdsAreOnlyText() {
    var id = "<');drop_table_thread_link;--@x>";
    var link = link(id, LUNCH, BOB, 1, T0);
    links.link(link);

    assertEquals(message(1), answered(List.of(id(id)), List.of()));
  }

  @Test
  void expiryForgetsTheOldAndKeepsTheRest() {
    links.link(link("<old@x>", LUNCH, BOB, 1, T0));
    links.link(link("<new@x>", LUNCH, BOB, 2, T0.plusSeconds(60)));

    assertEquals(1, links.expire(T0.plusSeconds(60)));

    assertEquals(Optional.empty(), links.carrying(message(1), BOB));
    assertTrue(links.carrying(message(2), BOB).isPresent());
  }

  @Test
  void expiryForgetsAnyNumberButNotThatTheTwoHaveWritten() {
    for (int i = 0; i < 1_100; i++) {
      links.link(link("<mail" + i + "@x>", LUNCH, BOB, i, T0.plusSeconds(i)));
    }

    assertEquals(1_099, links.expire(T0.plusSeconds(5_000)));

    assertEquals(0, links.expire(T0.plusSeconds(5_000)));
    assertTrue(links.last(LUNCH, BOB).isPresent());
  }

  @Test
  void aMailWithoutMessagesIsNoLink() {
    assertThrows(IllegalArgumentException.class, () -> link("<a@x>", LUNCH, BOB, new int[0], T0));
  }

  private String answered(List<MailId> inReplyTo, List<MailId> references) {
    return links.answered(BOB, LUNCH, inReplyTo, references).orElseThrow().primaryMessage();
  }

  private static MailId id(String text) {
    return new MailId(text);
  }

  private static ThreadLink link(
      String id, ConversationId conversation, Mailbox person, int message, Instant at) {
    return link(id, conversation, person, new int[] {message}, at);
  }

  private static ThreadLink link(
      String id, ConversationId conversation, Mailbox person, int[] messages, Instant at) {
    return new ThreadLink(
        new MailId(id),
        Optional.empty(),
        ThreadLink.Direction.XMTP_TO_MAIL,
        conversation,
        group(9),
        person,
        inbox(4),
        "lunch",
        List.of(),
        IntStream.of(messages).mapToObj(MappingDatabase::message).toList(),
        at);
  }
}
