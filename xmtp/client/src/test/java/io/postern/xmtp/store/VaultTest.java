package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault.VaultException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultTest {
  private static final String PLACE = "a.place";
  private static final byte[] PLAIN = "plain".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;
  private JdbcConnectionPool pool;
  private Jdbi jdbi;
  private final Secret master = any();

  @BeforeEach
  void open() {
    pool = TestDatabase.pool(folder);
    ClientSchema.migrate(pool);
    jdbi = Jdbi.create(pool);
  }

  @AfterEach
  void close() {
    pool.dispose();
  }

  private static Secret any() {
    return Secret.random(Vault.KEY_LENGTH, new SecureRandom());
  }

  private Vault opened() {
    return Vault.open(jdbi, master, Optional.empty(), NOW);
  }

  @Test
  void opensWhatItSealedInAnotherLife() {
    var vault = opened();
    var lasting = vault.seal(PLACE, PLAIN);
    var state = vault.forState().seal(PLACE, PLAIN);

    var again = opened();

    assertThat(again.open(PLACE, lasting)).isEqualTo(PLAIN);
    assertThat(again.open(PLACE, state)).isEqualTo(PLAIN);
    assertThat(again.forState().open(PLACE, lasting)).isEqualTo(PLAIN);
  }

  @Test
  void whatLastsAndWhatRatchetsOnAreSealedWithDifferentKeys() {
    var lasting = opened().seal(PLACE, PLAIN);
    var state = opened().forState().seal(PLACE, PLAIN);

    assertThat(lasting).startsWith(2, 0, 0, 0, 1);
    assertThat(state).startsWith(2, 0, 0, 0, 2);
  }

  @Test
  void tellsAWrongKeyAtOnceAndMakesNothing() {
    var sealed = opened().seal(PLACE, PLAIN);

    assertThatThrownBy(() -> Vault.open(jdbi, any(), Optional.empty(), NOW))
        .isInstanceOf(VaultException.class)
        .hasMessageContaining("does not open with this vault key");
    assertThat(opened().open(PLACE, sealed)).isEqualTo(PLAIN);
  }

  @Test
  void opensWhatAVersionWithoutDataKeysSealed() {
    var old = Vault.of(master);
    jdbi.useHandle(handle -> new SeedStore(old).insert(handle, new byte[32]));
    var sealed = old.seal(PLACE, PLAIN);

    var vault = opened();

    assertThat(sealed).startsWith(1);
    assertThat(vault.open(PLACE, sealed)).isEqualTo(PLAIN);
    assertThat(jdbi.withHandle(new SeedStore(vault)::entropy)).contains(new byte[32]);
  }

  @Test
  void aWrongKeyForAVersionWithoutDataKeysMakesNothing() {
    var old = Vault.of(master);
    jdbi.useHandle(handle -> new SeedStore(old).insert(handle, new byte[32]));

    assertThatThrownBy(() -> Vault.open(jdbi, any(), Optional.empty(), NOW))
        .isInstanceOf(VaultException.class);
    assertThat(jdbi.<VaultStore.Opening, RuntimeException>withHandle(VaultStore::opening))
        .isEqualTo(VaultStore.Opening.NOT_SAID);
  }

  @Test
  void anotherMasterKeyOpensEverythingAndTheOldOneNothing() {
    var old = Vault.of(master);
    jdbi.useHandle(handle -> new SeedStore(old).insert(handle, new byte[32]));
    var first = old.seal(PLACE, PLAIN);
    var second = opened().seal(PLACE, PLAIN);
    var next = any();

    opened().rekey(jdbi, next, Optional.empty());

    var vault = Vault.open(jdbi, next, Optional.empty(), NOW);
    assertThat(vault.open(PLACE, first)).isEqualTo(PLAIN);
    assertThat(vault.open(PLACE, second)).isEqualTo(PLAIN);
    assertThatThrownBy(this::opened).isInstanceOf(VaultException.class);
  }

  @Test
  void aVaultThatWasGivenAnotherMasterKeyMeanwhileDoesNotGiveItAThird() {
    var stale = opened();
    var next = any();
    opened().rekey(jdbi, next, Optional.empty());

    assertThatThrownBy(() -> stale.rekey(jdbi, any(), Optional.empty()))
        .isInstanceOf(VaultException.class);
    assertThat(Vault.open(jdbi, next, Optional.empty(), NOW)).isNotNull();
  }

  @Test
  void keepsHowAPassphraseBecomesTheKey() {
    var stretch = new Argon2id(64, 1, 1, new byte[16]);
    var passphrase = "correct horse battery".getBytes(StandardCharsets.UTF_8);
    var sealed =
        Vault.open(jdbi, stretch.key(passphrase), Optional.of(stretch), NOW).seal(PLACE, PLAIN);

    var kept = jdbi.withHandle(VaultStore::stretch).orElseThrow();

    assertThat(jdbi.<VaultStore.Opening, RuntimeException>withHandle(VaultStore::opening))
        .isEqualTo(VaultStore.Opening.PASSPHRASE);
    var vault = Vault.open(jdbi, kept.key(passphrase), Optional.of(kept), NOW);
    assertThat(vault.open(PLACE, sealed)).isEqualTo(PLAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "1048577,3,1,16",
    "65536,17,1,16",
    "65536,0,1,16",
    "65536,3,17,16",
    "7,3,1,16",
    "65536,3,1,7",
    "65536,3,1,65",
    "2147483647,2147483647,2147483647,16"
  })
  void refusesAStretchBeyondReason(int memory, int passes, int lanes, int salt) {
    assertThatThrownBy(() -> new Argon2id(memory, passes, lanes, new byte[salt]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRowThatStandsElsewhereDoesNotOpen() {
    opened();
    jdbi.useHandle(
        handle ->
            handle.execute(
                "update vault_key set key_sealed ="
                    + " (select key_sealed from vault_key where id = 1) where id = 2"));

    assertThatThrownBy(this::opened).isInstanceOf(VaultException.class);
  }

  @Test
  void refusesWhatIsCutOrChanged() {
    var vault = opened();
    var sealed = vault.seal(PLACE, PLAIN);

    for (int length = 0; length < sealed.length; length++) {
      var cut = java.util.Arrays.copyOf(sealed, length);
      assertThatThrownBy(() -> vault.open(PLACE, cut)).isInstanceOf(VaultException.class);
    }
    for (int at = 0; at < sealed.length; at++) {
      var changed = sealed.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> vault.open(PLACE, changed)).isInstanceOf(VaultException.class);
    }
    assertThatThrownBy(() -> vault.open("another.place", sealed))
        .isInstanceOf(VaultException.class);
  }
}
