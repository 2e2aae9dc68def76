package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.HostedInboxStore.Listed;
import io.postern.xmtp.store.Lease;
import io.postern.xmtp.store.MessageStore.Pending;
import io.postern.xmtp.store.TestDatabase;
import io.postern.xmtp.store.Vault;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on one database, each with a part of its inboxes: docs/adr/0023. */
@OnEachDatabase
class LeaseTest {
  private static final byte[] KEY = new byte[Vault.KEY_LENGTH];

  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private JdbcConnectionPool pool;
  private TestClient peer;
  private ClientStore even;
  private ClientStore odd;
  private XmtpClient ofEven;
  private XmtpClient ofOdd;

  @BeforeEach
  void open(@TempDir Path folder, @TempDir Path peers) throws Exception {
    pool = TestDatabase.pool(folder);
    TestDatabase.open(pool, KEY).jdbi().useHandle(this::seed);
    even = store(0);
    odd = store(1);
    ofEven = client(even);
    ofOdd = client(odd);
    ofEven.start();
    ofOdd.start();
    peer = new TestClient(network, clock, peers);
    peer.client.start();
  }

  private void seed(Handle handle) {
    store(0).seeds().insert(handle, new byte[32]);
  }

  @AfterEach
  void close() {
    peer.close();
    ofOdd.close();
    ofEven.close();
    pool.dispose();
  }

  private ClientStore store(int part) {
    return ClientStore.on(pool, Vault.of(Secret.take(KEY.clone())), lease(2, part));
  }

  private static Lease lease(int parts, Integer... ours) {
    return new Lease(parts, new TreeSet<>(Set.of(ours)));
  }

  private XmtpClient client(ClientStore store) {
    return XmtpClient.open(
        store, new TestLink(network), Runnable::run, new SteppedScheduler(clock), clock, () -> {});
  }

  @Test
  void whatIsToBeDoneIsListedToTheOneThatHasIt() throws Exception {
    var zero = ofEven.createHosted(0);
    var one = ofOdd.createHosted(1);
    var two = ofEven.createHosted(2);
    var friend = peer.register(WalletKey.generate(new SecureRandom()));
    friend.dm(zero.id()).send(TestClient.text("to zero"));
    friend.dm(one.id()).send(TestClient.text("to one"));
    zero.sync();
    one.sync();

    assertThat(leased(even)).containsExactlyInAnyOrder(zero.installation(), two.installation());
    assertThat(leased(odd)).containsExactly(one.installation());
    assertThat(groups(even)).containsExactly(zero.installation());
    assertThat(groups(odd)).containsExactly(one.installation());
    assertThat(
            even.jdbi().<Integer, RuntimeException>withHandle(h -> even.groups().cursors(h).size()))
        .isEqualTo(1);
    assertThat(pending(even)).containsExactly(zero.installation());
    assertThat(pending(odd)).containsExactly(one.installation());
    assertThat(due(even)).hasSize(2);
    assertThat(due(odd)).hasSize(1);
  }

  @Test
  void whatIsToBePublishedIsLeftToTheOneThatHasIt() throws Exception {
    var one = ofOdd.createHosted(1);
    var friend = peer.register(WalletKey.generate(new SecureRandom()));
    var conversation = one.dm(friend.id());
    odd.jdbi().useTransaction(h -> conversation.enqueue(h, TestClient.text("queued")));

    assertThat(withWork(even)).isEmpty();
    assertThat(withWork(odd)).containsExactly(conversation.key());
  }

  @Test
  void anInboxOfAnotherPartIsNotTouched() throws Exception {
    var one = ofOdd.createHosted(1);

    assertThatThrownBy(() -> ofEven.inbox(one.id())).isInstanceOf(NotLeasedException.class);
    assertThatThrownBy(() -> ofEven.inbox(one.installation()))
        .isInstanceOfSatisfying(
            NotLeasedException.class, refused -> assertThat(refused.walletIndex()).isEqualTo(1));
    assertThatThrownBy(() -> ofEven.createHosted(3)).isInstanceOf(NotLeasedException.class);
    assertThat(ofEven.inboxes()).extracting(Listed::inbox).containsExactly(one.id());
  }

  @Test
  void eachIndexIsOfOnePartAndNoneOfTheFirst() {
    var some = lease(3, 0, 2);

    assertThat(List.of(0L, 1L, 2L, 3L, 4L, 5L))
        .filteredOn(index -> some.has(OptionalLong.of(index)))
        .containsExactly(0L, 2L, 3L, 5L);
    assertThat(some.has(OptionalLong.empty())).isTrue();
    assertThat(lease(3, 1).has(OptionalLong.empty())).isFalse();
    assertThat(lease(3, 0, 1, 2).isAll()).isTrue();
    assertThatThrownBy(() -> lease(3, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> lease(3)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Key> withWork(ClientStore store) {
    return store.jdbi().withHandle(store.intents()::groupsWithWork);
  }

  private static List<InstallationId> due(ClientStore store) {
    return store.jdbi().withHandle(h -> store.inboxes().due(h, Long.MAX_VALUE, 10));
  }

  private static List<InstallationId> leased(ClientStore store) {
    return store.jdbi().withHandle(store.inboxes()::leased).stream()
        .map(Listed::installation)
        .toList();
  }

  private static List<InstallationId> groups(ClientStore store) {
    return store.jdbi().withHandle(store.groups()::active).stream().map(Key::installation).toList();
  }

  private static List<InstallationId> pending(ClientStore store) {
    return store.jdbi().withHandle(h -> store.messages().pending(h, 0, 10)).stream()
        .map(Pending::message)
        .map(message -> message.installation())
        .toList();
  }
}
