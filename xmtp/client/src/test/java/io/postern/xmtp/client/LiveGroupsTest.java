package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.StaleGroupException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class LiveGroupsTest {
  private static final long ENOUGH = 1 << 20;
  private static final long NOTHING = 1;

  private TestClient us;
  private TestClient them;
  private Key one;
  private Key other;

  @BeforeEach
  void twoDms(@TempDir Path folder) throws Exception {
    var clock = new SettableClock();
    var network = new TestNetwork(clock, Runnable::run);
    us = new TestClient(network, clock, folder.resolve("us"));
    them = new TestClient(network, clock, folder.resolve("them"));
    var from = us.register(WalletKey.generate(new SecureRandom()));
    one = dm(from);
    other = dm(from);
  }

  private Key dm(Inbox from) throws XmtpException {
    var peer = them.register(WalletKey.generate(new SecureRandom()));
    var conversation = from.dm(peer.id());
    conversation.send(TestClient.text("hello"));
    return conversation.key();
  }

  @AfterEach
  void close() {
    us.close();
    them.close();
  }

  private LiveGroups groups(long capacity) {
    return new LiveGroups(us.store, new SecureRandom(), capacity);
  }

  @Test
  void aGroupIsReadOnceWhileThereIsRoom() {
    var groups = groups(ENOUGH);

    var first = used(groups, one);

    assertThat(used(groups, one)).isSameAs(first);
    assertThat(groups.size()).isEqualTo(1);
  }

  @Test
  void whatNobodyHoldsIsErasedWhenThereIsNoRoom() {
    var groups = groups(NOTHING);

    var group = used(groups, one);

    assertThat(groups.size()).isZero();
    assertThatThrownBy(group::isActive).hasMessageContaining("erased");
  }

  @Test
  void whatIsHeldStaysHoweverLargeTheOthersAre() {
    var groups = groups(NOTHING);
    var held = groups.hold(one);
    var group = groups.find(one).orElseThrow();

    used(groups, other);

    assertThat(groups.size()).isEqualTo(1);
    assertThat(group.isActive()).isTrue();
    held.unlock();
    assertThat(groups.size()).isZero();
  }

  @Test
  void whoHoldsOneGroupKeepsNobodyFromAnotherButFromThatOne() throws Exception {
    var groups = groups(ENOUGH);
    var held = groups.hold(one);

    CompletableFuture.runAsync(() -> used(groups, other)).get(30, TimeUnit.SECONDS);
    var same = CompletableFuture.supplyAsync(() -> used(groups, one));

    assertThat(same).isNotDone();
    held.unlock();
    assertThat(same.get(30, TimeUnit.SECONDS).isActive()).isTrue();
  }

  @Test
  void aGroupThatSomebodyElseHasChangedIsNotSaved() {
    var groups = groups(ENOUGH);
    var elsewhere = groups(ENOUGH);
    var ours = used(groups, one);
    var theirs = used(elsewhere, one);
    theirs.ratchetMoved();
    theirs.save();

    ours.ratchetMoved();

    assertThatThrownBy(ours::save).isInstanceOf(StaleGroupException.class);
    theirs.ratchetMoved();
    theirs.save();
  }

  private static LiveGroup used(LiveGroups groups, Key key) {
    var held = groups.hold(key);
    try {
      return groups.find(key).orElseThrow();
    } finally {
      held.unlock();
    }
  }
}
