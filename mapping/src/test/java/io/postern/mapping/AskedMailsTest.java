package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.identity.InstallationId;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class AskedMailsTest {
  private static final InstallationId OURS = InstallationId.of(new byte[32]);
  private static final ConversationId ALICE = ConversationId.ofDm(inbox(1), inbox(2));
  private static final ConversationId EVE = ConversationId.ofDm(inbox(1), inbox(3));

  @TempDir Path folder;
  private MappingDatabase database;
  private AskedMails store;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    store = new AskedMails(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static AskedMail asked(int n) {
    return new AskedMail(
        OURS, message(n), "%032x".formatted(n), ALICE, inbox(2), "spool-" + n, T0.plusSeconds(n));
  }

  private boolean ask(AskedMail asked) {
    return database.jdbi().inTransaction(handle -> store.add(handle, asked));
  }

  private boolean answered(AskedMail asked) {
    return database.jdbi().inTransaction(handle -> store.answered(handle, asked));
  }

  @Test
  void remembersWhatWasAskedForAcrossACrashTheEldestFirst() throws Exception {
    ask(asked(2));
    ask(asked(3));
    ask(asked(1));
    ask(asked(2));

    database.crash();
    open();

    assertThat(store.eldest(10, 10)).containsExactly(asked(1), asked(2), asked(3));
    assertThat(store.eldest(10, 2)).containsExactly(asked(1), asked(2));
  }

  @Test
  void whoeverAsksForMuchHidesNobodyElses() {
    for (int n = 1; n <= 20; n++) {
      ask(asked(n));
    }
    var eves =
        new AskedMail(
            OURS, message(99), "0".repeat(32), EVE, inbox(3), "spool-99", T0.plusSeconds(99));
    ask(eves);

    assertThat(store.eldest(2, 10)).containsExactly(asked(1), asked(2), eves);
  }

  @Test
  void isAskedForOnceWhateverTheCommandAndAgainAfterItWasAnswered() {
    var again = new AskedMail(OURS, message(9), "0".repeat(32), ALICE, inbox(2), "spool-1", T0);

    assertThat(ask(asked(1))).isTrue();
    assertThat(ask(again)).isFalse();
    assertThat(store.eldest(10, 10)).containsExactly(asked(1));

    answered(asked(1));
    assertThat(ask(again)).isTrue();
  }

  @Test
  void isAnsweredOnce() {
    ask(asked(1));
    ask(asked(2));

    assertThat(answered(asked(1))).isTrue();
    assertThat(answered(asked(1))).isFalse();
    assertThat(answered(asked(3))).isFalse();
    assertThat(store.eldest(10, 10)).containsExactly(asked(2));
  }

  @Test
  void takesPartInALargerTransaction() {
    ask(asked(1));

    assertThatThrownBy(
            () ->
                database
                    .jdbi()
                    .useTransaction(
                        handle -> {
                          store.answered(handle, asked(1));
                          store.add(handle, asked(2));
                          throw new MappingDatabase.Crash();
                        }))
        .isInstanceOf(MappingDatabase.Crash.class);

    assertThat(store.eldest(10, 10)).containsExactly(asked(1));
  }

  @Test
  void refusesIdsThatAreNone() {
    var right = asked(1);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new AskedMail(OURS, "x", right.groupId(), ALICE, inbox(2), right.spoolId(), T0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new AskedMail(OURS, right.messageId(), "x", ALICE, inbox(2), right.spoolId(), T0));
  }
}
