package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.mail.MailId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadIdsTest {
  private static final ConversationId CONVERSATION = ConversationId.ofGroup(group(7));

  private final ThreadIds ids = new ThreadIds(List.of("bridge.example", "second.example"));

  @Test
  void namesRootsMessagesAndNotices() {
    var uuid = UUID.fromString("00000000-0000-4000-8000-000000000001");

    assertEquals("<c-" + group(7) + "@bridge.example>", ids.root(CONVERSATION).toString());
    assertEquals("<x-" + message(9) + "@bridge.example>", ids.message(message(9)).toString());
    assertEquals("<n-" + uuid + "@bridge.example>", ids.notice(uuid).toString());
  }

  @Test
  void readsAMessageBackFromAnyOfItsDomainsAndInAnyCase() {
    var folded = new MailId("<X-" + "AB".repeat(32) + "@Second.Example>");

    assertEquals(Optional.of("ab".repeat(32)), ids.messageIn(folded));
    assertEquals(Optional.of(message(9)), ids.messageIn(ids.message(message(9))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<x-00@bridge.example>",
        "<c-00000000000000000000000000000007@bridge.example>",
        "<x-0000000000000000000000000000000000000000000000000000000000000009@elsewhere.example>",
        "<x-0000000000000000000000000000000000000000000000000000000000000009@bridge.example.org>",
        "<x-000000000000000000000000000000000000000000000000000000000000000g@bridge.example>",
        "<xx-0000000000000000000000000000000000000000000000000000000000000009@bridge.example>",
      })
  void readsNoMessageFromOtherIds(String id) {
    assertEquals(Optional.empty(), ids.messageIn(new MailId(id)));
  }

  @Test
  void refusesAMessageIdThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> ids.message("9"));
    assertThrows(IllegalArgumentException.class, () -> ids.message("A".repeat(64)));
  }

  @Test
  void bothEndsOfADmHaveOneConversationWhicheverGroupIsBelow() {
    assertEquals(ConversationId.ofDm(inbox(1), inbox(2)), ConversationId.ofDm(inbox(2), inbox(1)));
    assertNotEquals(
        ConversationId.ofDm(inbox(1), inbox(2)), ConversationId.ofDm(inbox(1), inbox(3)));
  }

  @Test
  void aConversationsFirstMailRefersToTheRootAlone() {
    assertEquals(List.of(ids.root(CONVERSATION)), ids.references(CONVERSATION));
  }

  @Test
  void anAnswerRefersToTheRootThenTheParentsReferencesThenTheParent() {
    var parent = link("<p@example.org>", List.of(ids.root(CONVERSATION), id(1), id(2)));

    assertEquals(
        List.of(ids.root(CONVERSATION), id(1), id(2), parent.mailId()),
        ids.references(CONVERSATION, parent));
  }

  @Test
  void referencesDoNotGrowWithTheThread() {
    var parent = link("<m0@example.org>", List.of(ids.root(CONVERSATION)));
    var all = new ArrayList<MailId>(List.of(parent.mailId()));

    for (int i = 1; i < 40; i++) {
      parent = link("<m" + i + "@example.org>", ids.references(CONVERSATION, parent));
      all.add(parent.mailId());
    }
    var references = ids.references(CONVERSATION, parent);

    assertEquals(10, references.size());
    assertEquals(ids.root(CONVERSATION), references.get(0));
    assertEquals(all.subList(31, 40), references.subList(1, 10));
  }

  @Test
  void aStrangersReferencesNeitherRepeatTheRootNorTheParent() {
    var parent = link("<p@example.org>", List.of(new MailId("<p@example.org>"), id(1)));

    assertEquals(
        List.of(ids.root(CONVERSATION), id(1), parent.mailId()),
        ids.references(CONVERSATION, parent));
  }

  private static MailId id(int n) {
    return new MailId("<id" + n + "@example.org>");
  }

  private static ThreadLink link(String id, List<MailId> references) {
    return new ThreadLink(
        new MailId(id),
        Optional.empty(),
        ThreadLink.Direction.MAIL_TO_XMTP,
        CONVERSATION,
        group(7),
        mailbox("bob@example.org"),
        inbox(1),
        "lunch",
        references,
        List.of(message(1)),
        T0);
  }
}
