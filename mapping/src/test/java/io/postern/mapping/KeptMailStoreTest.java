package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.postern.interop.OnEachDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class KeptMailStoreTest {
  private static final ConversationId ALICE = ConversationId.ofDm(inbox(1), inbox(2));
  private static final ConversationId EVE = ConversationId.ofDm(inbox(1), inbox(3));

  @TempDir Path folder;
  private MappingDatabase database;
  private KeptMailStore store;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    store = new KeptMailStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static KeptMail mail(int n) {
    return new KeptMail("spool-" + n, "%032x".formatted(n), 100L * n, T0.plusSeconds(n));
  }

  private boolean keep(KeptMail mail, ConversationId conversation, int... messages) {
    var ids = java.util.Arrays.stream(messages).mapToObj(MappingDatabase::message).toList();
    return database.jdbi().inTransaction(handle -> store.keep(handle, mail, conversation, ids));
  }

  private Optional<KeptMail> of(ConversationId conversation, int message) {
    return database.jdbi().withHandle(handle -> store.of(handle, conversation, message(message)));
  }

  private Optional<KeptMail> newest(ConversationId conversation) {
    return database.jdbi().withHandle(handle -> store.newest(handle, conversation));
  }

  @Test
  void findsAMailByEachOfItsMessages() {
    keep(mail(1), ALICE, 1, 2);
    keep(mail(2), ALICE, 3);

    assertThat(of(ALICE, 1)).contains(mail(1));
    assertThat(of(ALICE, 2)).contains(mail(1));
    assertThat(of(ALICE, 3)).contains(mail(2));
    assertThat(of(ALICE, 4)).isEmpty();
    assertThat(newest(ALICE)).contains(mail(2));
  }

  @Test
  void aMailBelongsToItsConversationsOnly() {
    keep(mail(1), ALICE, 1);

    assertThat(of(EVE, 1)).isEmpty();
    assertThat(newest(EVE)).isEmpty();
  }

  @Test
  void aSecondRecipientAndARepeatShareTheFile() {
    assertThat(keep(mail(1), ALICE, 1)).isTrue();
    assertThat(keep(mail(1), ALICE, 1)).isFalse();
    assertThat(keep(mail(1), EVE, 2)).isFalse();

    assertThat(of(EVE, 2)).contains(mail(1));
    assertThat(store.octets()).isEqualTo(100);
  }

  @Test
  void aMailIsGivenOnceInAWhileInEachConversation() {
    keep(mail(1), ALICE, 1, 2);
    keep(mail(1), EVE, 3);

    assertThat(give(ALICE, 0)).isTrue();
    assertThat(give(ALICE, 9)).isFalse();
    assertThat(give(EVE, 9)).isTrue();
    assertThat(give(ALICE, 11)).isTrue();
  }

  private boolean give(ConversationId conversation, int minute) {
    var now = T0.plus(Duration.ofMinutes(minute));
    var before = now.minus(Duration.ofMinutes(10));
    return database
        .jdbi()
        .inTransaction(handle -> store.give(handle, mail(1), conversation, before, now));
  }

  @Test
  void forgetsByAgeAndByName() {
    keep(mail(1), ALICE, 1);
    keep(mail(2), ALICE, 2);
    keep(mail(3), ALICE, 3);

    assertThat(store.eldest(2)).containsExactly(mail(1), mail(2));
    assertThat(store.expire(T0.plusSeconds(2))).isEqualTo(1);
    store.forget(mail(2));

    assertThat(store.fileNames()).containsExactly(mail(3).fileName());
    assertThat(of(ALICE, 1)).isEmpty();
    assertThat(store.find("spool-2")).isEmpty();
    assertThat(store.octets()).isEqualTo(300);
  }

  @Test
  void refusesAFileNameThatCouldLeadElsewhere() {
    for (var name : List.of("", "../x", "0".repeat(31) + "/", "A".repeat(32))) {
      assertThatIllegalArgumentException().isThrownBy(() -> new KeptMail("s", name, 1, T0));
    }
  }
}
