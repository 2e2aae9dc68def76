package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class AutomaticRepliesTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final InboxId ALICE = new InboxId("ab".repeat(32));
  private static final InboxId CAROL = new InboxId("cd".repeat(32));
  private static final Instant NEXT_WEEK = T0.plus(Duration.ofDays(7));

  @TempDir Path folder;
  private MappingDatabase database;
  private AutomaticReplies replies;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    replies = new AutomaticReplies(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void onePeerSeesOneAWeek() {
    assertFalse(replies.seen(BOB, ALICE, T0));

    show(T0);

    assertTrue(replies.seen(mailbox("BOB@Example.org"), ALICE, NEXT_WEEK.minusSeconds(1)));
    assertFalse(replies.seen(BOB, ALICE, NEXT_WEEK));
    assertFalse(replies.seen(BOB, CAROL, T0));
  }

  @Test
  void theWeekBeginsAgainWithTheNext() {
    show(T0);
    show(NEXT_WEEK);

    assertTrue(replies.seen(BOB, ALICE, NEXT_WEEK.plus(Duration.ofDays(6))));
  }

  @Test
  void forgetsWhatCountsNoLonger() {
    show(T0);

    assertEquals(0, replies.expire(NEXT_WEEK));
    assertEquals(1, replies.expire(NEXT_WEEK.plusSeconds(1)));
  }

  private void show(Instant at) {
    database.jdbi().useTransaction(handle -> replies.show(handle, BOB, ALICE, at));
  }
}
