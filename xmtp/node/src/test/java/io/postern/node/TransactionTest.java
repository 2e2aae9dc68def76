package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionTest {
  @TempDir Path folder;
  private NodeDatabase database;

  @BeforeEach
  void open() throws Exception {
    database = NodeDatabase.open(folder, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void makesTheSameChangesAgain(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var key = random(random, 32);
    var octets = random(random, random.nextInt(1_000));
    var changes = changes(key, octets);

    database
        .jdbi()
        .useTransaction(
            handle -> {
              try {
                Transaction.replay(changes, handle);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });

    assertThat(new KeyPackages(database).fetch(List.of(ByteString.copyFrom(key))))
        .containsExactly(ByteString.copyFrom(octets));
    var addresses =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery("SELECT address FROM address_log")
                        .mapTo(String.class)
                        .list());
    assertThat(addresses).containsExactly("0xÄ");
  }

  @Test
  void refusesEachTruncation() {
    var changes = changes(new byte[32], new byte[50]);
    var firstEnds = changes(new byte[32], new byte[50], false).length;

    for (var length = 1; length < changes.length; length++) {
      var cut = Arrays.copyOf(changes, length);
      if (length != firstEnds) {
        assertThatThrownBy(() -> replayInVain(cut))
            .as("cut to " + length)
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void refusesAChangeOfALaterRelease() {
    var changes = changes(new byte[32], new byte[0]);
    changes[2] = 'X';

    assertThatThrownBy(() -> replayInVain(changes)).hasMessageContaining("XEY_PACKAGE");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {4, 5})
  void meetsRandomOctetsWithItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    for (var round = 0; round < 500; round++) {
      var spoiled = changes(new byte[32], new byte[20]);
      spoiled[random.nextInt(spoiled.length)] = (byte) random.nextInt(256);
      try {
        replayInVain(spoiled);
      } catch (IOException | JdbiException expected) {
        assertThat(expected).isNotNull();
      }
    }
  }

  private void replayInVain(byte[] changes) throws IOException {
    try (var handle = database.jdbi().open()) {
      handle.begin();
      try {
        Transaction.replay(changes, handle);
      } finally {
        handle.rollback();
      }
    }
  }

  private byte[] changes(byte[] key, byte[] octets) {
    return changes(key, octets, true);
  }

  /** The octets of a transaction that is then forgotten. */
  private byte[] changes(byte[] key, byte[] octets, boolean both) {
    try (var handle = database.jdbi().open()) {
      handle.begin();
      var transaction = new Transaction(handle);
      assertThat(transaction.isEmpty()).isTrue();
      transaction.make(Change.KEY_PACKAGE, key, octets);
      if (both) {
        transaction.make(Change.ADDRESS_ADDED, "0xÄ", "ab".repeat(32), 7L);
      }
      handle.rollback();
      return transaction.toByteArray();
    }
  }

  private static byte[] random(SplittableRandom random, int size) {
    var octets = new byte[size];
    random.nextBytes(octets);
    return octets;
  }
}
