package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.State;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class GroupStoreTest {
  private static final Key KEY =
      new Key(InstallationId.of(octets(32, 1)), GroupId.of(octets(16, 2)));
  private static final InboxId INBOX = new InboxId("ab".repeat(32));

  private final Vault vault = Vault.of(Secret.take(octets(Vault.KEY_LENGTH, 7)));
  private final GroupStore groups = new GroupStore(vault, Lease.ALL);
  private JdbcConnectionPool pool;
  private Jdbi jdbi;

  @BeforeEach
  void open(@TempDir Path folder) {
    pool = TestDatabase.pool(folder);
    jdbi = Jdbi.create(pool);
  }

  @AfterEach
  void close() {
    pool.dispose();
  }

  @Test
  void aMessageReplacesTheRatchetAndNothingOfTheEpoch() {
    migrated();
    put(state(3000, 500));

    jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 1, 9, noise(600, 3)));

    assertThat(stored().epoch()).isEqualTo(noise(3000, 1));
    assertThat(stored().ratchet()).isEqualTo(noise(600, 3));
    assertThat(version()).isEqualTo(2);
    assertThat(row().lastMessageNs()).isEqualTo(9);
  }

  @Test
  void refusesAWriterWhoseStateIsOfThePast() {
    migrated();
    put(state(3000, 500));
    jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 1, 0, noise(600, 3)));

    assertThatThrownBy(
            () -> jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 1, 0, noise(600, 4))))
        .isInstanceOf(StaleGroupException.class);
    assertThatThrownBy(
            () -> jdbi.useTransaction(h -> groups.saveEpoch(h, KEY, 1, 5, true, state(10, 10))))
        .isInstanceOf(StaleGroupException.class);

    assertThat(stored().ratchet()).isEqualTo(noise(600, 3));
    assertThat(row().epoch()).isZero();
  }

  @Test
  void aGroupThatIsReplacedHasAHigherVersionThanEverBefore() {
    migrated();
    put(state(3000, 500));
    jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 1, 0, noise(600, 3)));

    put(state(3000, 500));

    assertThat(version()).isEqualTo(3);
    assertThatThrownBy(
            () -> jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 2, 0, noise(600, 4))))
        .isInstanceOf(StaleGroupException.class);
  }

  @Test
  void keepsStateOfSeveralMillionOctetsAndLeavesNothingOfItWhenItShrinks() {
    migrated();
    put(state(3_000_000, 1_200_000));

    var large = stored();
    jdbi.useTransaction(h -> groups.saveEpoch(h, KEY, 1, 1, true, state(5000, 1_200_000)));
    jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 2, 0, noise(70, 2)));

    assertThat(large.epoch()).isEqualTo(noise(3_000_000, 1));
    assertThat(large.ratchet()).isEqualTo(noise(1_200_000, 2));
    assertThat(stored().epoch()).isEqualTo(noise(5000, 1));
    assertThat(stored().ratchet()).isEqualTo(noise(70, 2));
    assertThat(count("mls_epoch")).isEqualTo(1);
    assertThat(count("mls_ratchet")).isEqualTo(1);
  }

  @Test
  void stateOfALivingDatabaseMovesIntoItsOwnTables() {
    assumeFalse(EachDatabase.isPostgres(), "there was none on PostgreSQL then");
    ClientSchemaTest.MIGRATIONS.runTo(pool, 2);
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "insert into mls_group (installation_id, group_id, kind, added_by, membership,"
                        + " active, created_ns, last_message_ns, rotated_at_ns, checked_at_ns,"
                        + " expire_in_ns, maybe_forked, epoch, epoch_sealed, ratchet_sealed)"
                        + " values (?, ?, 2, ?, 1, true, 1, 1, 1, 1, 0, false, 4, ?, ?)")
                .bind(0, KEY.installation().octets())
                .bind(1, KEY.group().octets())
                .bind(2, INBOX.toString())
                .bind(3, vault.seal("mls_group.epoch", noise(3000, 1)))
                .bind(4, vault.seal("mls_group.ratchet", noise(500, 2)))
                .execute());

    migrated();

    assertThat(row().epoch()).isEqualTo(4);
    assertThat(stored().epoch()).isEqualTo(noise(3000, 1));
    jdbi.useTransaction(h -> groups.saveRatchet(h, KEY, 1, 0, noise(600, 3)));
    assertThat(stored().ratchet()).isEqualTo(noise(600, 3));
  }

  @Test
  void theCursorsOfActiveGroupsComeTogetherAndWithoutThemTheyBeginAtTheStart() {
    migrated();
    put(state(10, 10));
    var cursors = new CursorStore();

    var before = jdbi.withHandle(groups::cursors);
    jdbi.useTransaction(
        h -> {
          var topic = Topic.of(KEY.group());
          cursors.advance(h, KEY.installation(), topic, new Position(Cursor.MESSAGES, 8));
          cursors.advance(h, KEY.installation(), topic, new Position(Cursor.COMMITS, 3));
        });

    assertThat(before).containsExactlyEntriesOf(Map.of(KEY, Cursor.START));
    var after = jdbi.withHandle(groups::cursors);
    assertThat(after.keySet()).isEqualTo(Set.of(KEY));
    assertThat(after.get(KEY).of(Cursor.MESSAGES)).isEqualTo(8);
    assertThat(after.get(KEY).of(Cursor.COMMITS)).isEqualTo(3);
  }

  private void migrated() {
    ClientSchema.migrate(pool);
  }

  private void put(State state) {
    var row =
        new GroupRow(
            KEY.installation(),
            KEY.group(),
            GroupStore.Kind.DM,
            Optional.empty(),
            INBOX,
            GroupStore.Membership.ALLOWED,
            true,
            1,
            1,
            1,
            1,
            0,
            Optional.empty(),
            false,
            0);
    jdbi.useTransaction(handle -> groups.put(handle, row, state));
  }

  private State stored() {
    return jdbi.withHandle(h -> groups.state(h, KEY.installation(), KEY.group()));
  }

  private long version() {
    return jdbi.withHandle(h -> groups.version(h, KEY)).orElseThrow();
  }

  private GroupRow row() {
    return jdbi.withHandle(h -> groups.find(h, KEY.installation(), KEY.group())).orElseThrow();
  }

  private int count(String table) {
    return jdbi.withHandle(
        h -> h.createQuery("select count(*) from " + table).mapTo(Integer.class).one());
  }

  private static State state(int epoch, int ratchet) {
    return new State(noise(epoch, 1), noise(ratchet, 2));
  }

  private static byte[] noise(int length, long seed) {
    var octets = new byte[length];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  private static byte[] octets(int length, int value) {
    var octets = new byte[length];
    Arrays.fill(octets, (byte) value);
    return octets;
  }
}
