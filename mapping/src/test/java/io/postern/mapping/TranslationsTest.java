package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class TranslationsTest {
  private static final Mailbox ALICE = mailbox("alice@bridge.example");
  private static final Mailbox CAROL = mailbox("carol@bridge.example");

  @TempDir Path folder;
  private MappingDatabase database;
  private Translations translations;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    translations = new Translations(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private List<StandingPart> commit(List<Translation> parts) {
    return database
        .jdbi()
        .inTransaction(handle -> translations.commit(handle, parts, T0, part -> {}));
  }

  @Test
  void aMailIsTranslatedOnce() {
    commit(List.of(part("s1", ALICE, 0, 1), part("s1", ALICE, 1, 2)));

    var standing = commit(List.of(part("s1", ALICE, 0, 7)));

    assertEquals(
        List.of(message(1), message(2)), standing.stream().map(StandingPart::messageId).toList());
  }

  @Test
  void readsBackTheSameOctetsAndKey() {
    var part = part("s1", ALICE, 0, 1);
    commit(List.of(part));

    var standing = translations.find("s1", mailbox("Alice@bridge.example")).get(0);
    var found = translations.byKey(part.groupId(), part.key()).orElseThrow();

    assertArrayEquals(part.octets(), found.octets());
    assertEquals(part.key(), found.key());
    assertEquals(
        new StandingPart("s1", ALICE, 0, part.groupId(), part.messageId(), Optional.empty()),
        standing);
  }

  @Test
  void eachRecipientHasItsOwn() {
    commit(List.of(part("s1", ALICE, 0, 1)));

    assertEquals(List.of(), translations.find("s1", CAROL));
    assertEquals(message(2), commit(List.of(part("s1", CAROL, 0, 2))).get(0).messageId());
  }

  @Test
  void aCrashBeforeTheCommitLeavesNeitherPartsNorLink() throws Exception {
    var links = new ThreadLinks(database.jdbi());
    var link =
        new ThreadLink(
            new MailId("<m@x>"),
            Optional.empty(),
            ThreadLink.Direction.MAIL_TO_XMTP,
            ConversationId.ofGroup(group(1)),
            group(1),
            mailbox("bob@example.org"),
            inbox(4),
            "lunch",
            List.of(),
            List.of(message(1)),
            T0);

    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      translations.commit(handle, List.of(part("s1", ALICE, 0, 1)), T0, part -> {});
                      links.link(handle, link);
                      throw new MappingDatabase.Crash();
                    }));
    database.crash();
    open();

    assertEquals(List.of(), translations.find("s1", ALICE));
    assertEquals(
        Optional.empty(),
        new ThreadLinks(database.jdbi()).carrying(message(1), mailbox("bob@example.org")));
  }

  @Test
  void aCrashAfterTheCommitLeavesAllParts() throws Exception {
    commit(List.of(part("s1", ALICE, 0, 1), part("s1", ALICE, 1, 2)));
    translations.published("s1", ALICE, 0, T0);

    database.crash();
    open();

    var parts = translations.find("s1", ALICE);
    assertEquals(Optional.of(T0), parts.get(0).publishedAt());
    assertEquals(Optional.empty(), parts.get(1).publishedAt());
  }

  @Test
  void publishingIsNewsOnce() {
    commit(List.of(part("s1", ALICE, 0, 1)));

    assertTrue(translations.published("s1", ALICE, 0, T0));
    assertFalse(translations.published("s1", ALICE, 0, T0.plusSeconds(5)));
    assertFalse(translations.published("s1", ALICE, 1, T0));
    assertEquals(Optional.of(T0), translations.find("s1", ALICE).get(0).publishedAt());
  }

  @Test
  void aMailThatCameTwiceIsMetInItsGroupAndInNoOther() {
    var part = part("s1", ALICE, 0, 1);
    commit(List.of(part));

    assertEquals("s1", translations.byKey(group(1), part.key()).orElseThrow().spoolId());
    assertEquals(Optional.empty(), translations.byKey(group(2), part.key()));
  }

  @Test
  void partsOfTwoMailsAreOurMistake() {
    var mixed = List.of(part("s1", ALICE, 0, 1), part("s2", ALICE, 0, 1));

    assertThrows(IllegalArgumentException.class, () -> commit(mixed));
    assertThrows(IllegalArgumentException.class, () -> commit(List.of()));
  }

  @Test
  void expiryKeepsWhatIsNotYetPublished() {
    commit(List.of(part("s1", ALICE, 0, 1)));
    commit(List.of(part("s2", ALICE, 0, 2)));
    translations.published("s1", ALICE, 0, T0);

    assertEquals(1, translations.expire(T0.plusSeconds(1)));

    assertEquals(List.of(), translations.find("s1", ALICE));
    assertEquals(1, translations.find("s2", ALICE).size());
  }

  private static Translation part(String spool, Mailbox recipient, int part, int message) {
    return new Translation(
        spool,
        recipient,
        part,
        IdempotencyKey.of(new MailId("<m@x>"), recipient, part),
        group(1),
        message(message),
        new byte[] {(byte) message, 0, -1},
        Optional.empty());
  }
}
