package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.IntentStore.Intent;
import io.postern.xmtp.store.IntentStore.Kind;
import io.postern.xmtp.store.IntentStore.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class IntentStoreTest {
  private static final Key KEY =
      new Key(InstallationId.of(octets(32, 1)), GroupId.of(octets(16, 2)));

  private JdbcConnectionPool pool;
  private ClientStore store;

  @BeforeEach
  void open(@TempDir Path folder) {
    pool = TestDatabase.pool(folder);
    store = TestDatabase.open(pool);
  }

  @AfterEach
  void close() {
    pool.dispose();
  }

  private static byte[] octets(int length, int octet) {
    var octets = new byte[length];
    Arrays.fill(octets, (byte) octet);
    return octets;
  }

  private static Optional<MessageId> message(int number) {
    return Optional.of(MessageId.of(octets(32, number)));
  }

  /** Messages of a million octets, numbered from 1. */
  private void queue(int count) {
    for (int i = 1; i <= count; i++) {
      insert(Kind.SEND_MESSAGE, 1_000_000, i);
    }
  }

  private void insert(Kind kind, int octets, int number) {
    store
        .jdbi()
        .useHandle(
            h -> store.intents().insert(h, KEY, kind, octets(octets, 3), message(number), true));
  }

  private List<Intent> list(State state, int limit, int maxOctets) {
    return store.jdbi().withHandle(h -> store.intents().list(h, KEY, state, limit, maxOctets));
  }

  private static List<Optional<MessageId>> messages(List<Intent> intents) {
    return intents.stream().map(Intent::messageId).toList();
  }

  @Test
  void holdsNoMoreAtOnceThanItMay() {
    queue(9);

    var first = list(State.TO_PUBLISH, 50, 4_000_000);

    assertThat(messages(first)).containsExactly(message(1), message(2), message(3), message(4));
    assertThat(list(State.TO_PUBLISH, 50, 3_999_999)).hasSize(3);
    assertThat(list(State.TO_PUBLISH, 50, Integer.MAX_VALUE)).hasSize(9);
    assertThat(list(State.TO_PUBLISH, 2, Integer.MAX_VALUE)).hasSize(2);
    assertThat(list(State.PUBLISHED, 50, Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void holdsOneHoweverLargeItIs() {
    queue(2);

    assertThat(messages(list(State.TO_PUBLISH, 50, 10))).containsExactly(message(1));
    assertThat(messages(list(State.TO_PUBLISH, 1, 10))).containsExactly(message(1));
  }

  @Test
  void countsWhatWasMadeOfThem() {
    queue(3);
    for (var each : list(State.TO_PUBLISH, 50, Integer.MAX_VALUE)) {
      store
          .jdbi()
          .useHandle(
              h ->
                  store
                      .intents()
                      .published(
                          h,
                          each,
                          0,
                          octets(32, (int) each.id()),
                          octets(1_000_100, 4),
                          Optional.empty(),
                          Optional.empty()));
    }

    assertThat(list(State.PUBLISHED, 50, 5_000_000)).hasSize(2);
  }

  @Test
  void tellsWhatThereIsWithoutItsOctets() {
    queue(2);
    insert(Kind.KEY_UPDATE, 0, 3);

    var wishes = store.jdbi().withHandle(h -> store.intents().wishes(h, KEY, State.TO_PUBLISH));

    var listed = new ArrayList<IntentStore.Wish>();
    list(State.TO_PUBLISH, 50, Integer.MAX_VALUE).forEach(each -> listed.add(each.wish()));
    assertThat(wishes).isEqualTo(listed).hasSize(3);
    assertThat(wishes.get(0).kind()).as("commits come first").isEqualTo(Kind.KEY_UPDATE);
    assertThat(any(State.TO_PUBLISH)).isTrue();
    assertThat(any(State.PUBLISHED)).isFalse();
  }

  @Test
  void tellsOfAllStatesAtOnceTheFurthestFirst() {
    queue(3);
    insert(Kind.KEY_UPDATE, 0, 4);
    var second = list(State.TO_PUBLISH, 50, Integer.MAX_VALUE).get(2);
    store
        .jdbi()
        .useHandle(
            h ->
                store
                    .intents()
                    .published(
                        h,
                        second,
                        0,
                        octets(32, 1),
                        octets(1, 1),
                        Optional.empty(),
                        Optional.empty()));

    var wishes = store.jdbi().withHandle(h -> store.intents().wishes(h, KEY, 3));

    assertThat(wishes)
        .extracting(IntentStore.Wish::state)
        .containsExactly(State.PUBLISHED, State.TO_PUBLISH, State.TO_PUBLISH);
    assertThat(wishes)
        .extracting(IntentStore.Wish::messageId)
        .containsExactly(message(2), message(4), message(1));
  }

  private boolean any(State state) {
    return store.jdbi().withHandle(h -> store.intents().any(h, KEY, state));
  }
}
