package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.IdentityUpdateBuilder;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ConsentStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An inbox whose database is gone and whose seed and rows came back. */
class ReinstallTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final List<TestClient> clients = new ArrayList<>();
  private TestClient before;
  private TestClient us;
  private Inbox lost;
  private WalletKey wallet;

  @BeforeEach
  void loseADatabase() throws Exception {
    before = client("before");
    lost = before.client.createHosted(0);
    us = client("after");
    var entropy = before.store.jdbi().withHandle(before.store.seeds()::entropy).orElseThrow();
    us.store.jdbi().useHandle(handle -> us.store.seeds().insert(handle, entropy));
    wallet = Mnemonic.of(Secret.of(entropy)).seed().walletKey(0);
    comesBack();
  }

  @AfterEach
  void close() {
    clients.forEach(TestClient::close);
  }

  private TestClient client(String name) {
    var client = new TestClient(network, clock, folder.resolve(name));
    clients.add(client);
    return client;
  }

  private void comesBack() {
    us.store
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into lost_inbox (inbox_id, installation_id, address, wallet_index,"
                        + " trouble) values (?, ?, ?, 0, '')",
                    lost.id().toString(),
                    lost.installation().octets(),
                    lost.address().toString()));
  }

  private List<InstallationId> listed() throws Exception {
    return us.client.state(lost.id()).installations();
  }

  private int updates() {
    return network.identityUpdates(Map.of(lost.id(), 0L)).get(lost.id()).size();
  }

  private void owner(IdentityUpdateBuilder update, WalletKey... signers) throws Exception {
    var request = update.request();
    for (var signer : signers) {
      request = request.signedBy(signer);
    }
    network.publish(request.build().update().toWire());
  }

  private IdentityUpdateBuilder update() {
    clock.advance(Duration.ofSeconds(1));
    return new IdentityUpdateBuilder(lost.id(), clock.instant());
  }

  @Test
  void oneUpdateTakesTheLostInstallationAwayAndAddsAnother() throws Exception {
    int had = updates();

    us.client.reinstall();

    var inbox = us.client.inbox(lost.id()).orElseThrow();
    assertThat(inbox.installation()).isNotEqualTo(lost.installation());
    assertThat(listed()).containsExactly(inbox.installation());
    assertThat(updates()).isEqualTo(had + 1);
    assertThat(us.client.lost()).isEmpty();
    assertThat(us.client.isReachable(lost.id())).isTrue();
  }

  @ParameterizedTest(name = "{1} at {0}")
  @CsvSource({
    "identityUpdates, REQUEST_LOST",
    "uploadKeyPackage, REQUEST_LOST",
    "uploadKeyPackage, REPLY_LOST",
    "uploadKeyPackage, CRASH_AFTER",
    "publish, REQUEST_LOST",
    "publish, REPLY_LOST",
    "publish, CRASH_BEFORE",
    "publish, CRASH_AFTER",
    "publish, ODD"
  })
  void goesOnWhereItWasInterrupted(String method, Fate fate) throws Exception {
    us.link.plan(called -> called.equals(method) ? fate : Fate.WELL);
    try {
      us.client.reinstall();
    } catch (XmtpException | TestLink.Crash interrupted) {
      assertThat(us.client.inbox(lost.id())).isEmpty();
    }

    us.restart();
    us.client.reinstall();

    var inbox = us.client.inbox(lost.id()).orElseThrow();
    assertThat(listed()).containsExactly(inbox.installation());
    assertThat(us.client.lost()).isEmpty();
  }

  @Test
  void nobodyUsesTheInboxBeforeItHasAnotherInstallation() throws Exception {
    us.link.plan(method -> method.equals("publish") ? Fate.REQUEST_LOST : Fate.WELL);
    assertThatThrownBy(us.client::reinstall).isInstanceOf(XmtpException.class);

    assertThat(us.client.inbox(lost.id())).isEmpty();
    assertThatThrownBy(() -> us.client.requireNotLost(lost.id()))
        .isInstanceOfSatisfying(
            XmtpException.class, later -> assertThat(later.isRetryable()).isTrue());
  }

  @Test
  void theTenthOfTenIsReplaced() throws Exception {
    for (int i = 0; i < 9; i++) {
      client("other" + i).register(wallet);
    }

    us.client.reinstall();

    assertThat(listed())
        .hasSize(10)
        .contains(us.client.inbox(lost.id()).orElseThrow().installation())
        .doesNotContain(lost.installation());
  }

  @Test
  void noEleventhIsAddedAndItGoesOnWhenThereIsRoom() throws Exception {
    owner(update().revoke(lost.installation().identifier(), wallet.identifier()), wallet);
    var others = new ArrayList<Inbox>();
    for (int i = 0; i < 10; i++) {
      others.add(client("other" + i).register(wallet));
    }

    us.client.reinstall();

    assertThat(listed()).hasSize(10);
    assertThat(us.client.lost().get(0).trouble()).contains("10 of 10").contains("revoke one");
    assertThat(us.client.inbox(lost.id())).isEmpty();
    owner(update().revoke(others.get(0).installation().identifier(), wallet.identifier()), wallet);
    us.client.reinstall();
    assertThat(listed()).hasSize(10);
    assertThat(us.client.inbox(lost.id())).isPresent();
  }

  @Test
  void whereAnotherRecoversTheInboxTheLostOneStays() throws Exception {
    var person = WalletKey.generate(new SecureRandom());
    owner(update().add(person.identifier(), wallet.identifier()), wallet, person);
    owner(update().changeRecovery(person.identifier(), wallet.identifier()), wallet);

    us.client.reinstall();

    assertThat(listed())
        .containsExactlyInAnyOrder(
            lost.installation(), us.client.inbox(lost.id()).orElseThrow().installation());
  }

  @Test
  void anInboxThatItsPersonHasTakenOverIsTold() throws Exception {
    var person = WalletKey.generate(new SecureRandom());
    owner(update().add(person.identifier(), wallet.identifier()), wallet, person);
    owner(update().changeRecovery(person.identifier(), wallet.identifier()), wallet);
    owner(update().revoke(wallet.identifier(), person.identifier()), person);

    us.client.reinstall();

    assertThat(us.client.lost().get(0).trouble()).contains("has been taken over");
    assertThat(listed()).isEmpty();
  }

  @Test
  void oneThatStaysLostKeepsNoOtherFromComingBack() throws Exception {
    us.store
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into lost_inbox (inbox_id, installation_id, address, wallet_index,"
                        + " trouble) values (?, ?, ?, null, '')",
                    "00".repeat(32),
                    lost.installation().octets(),
                    lost.address().toString()));

    us.client.reinstall();

    assertThat(us.client.inbox(lost.id())).isPresent();
    assertThat(us.client.lost()).hasSize(1);
    assertThat(us.client.lost().get(0).trouble()).contains("not of the seed");
  }

  @Test
  void thePeersConversationGoesOn() throws Exception {
    var alice = client("alice").client.createHosted(0);
    var dm = alice.dm(lost.id());
    dm.send(TestClient.text("before"));
    lost.sync();
    us.client.start();

    us.client.reinstall();
    clock.advance(Duration.ofMinutes(31));
    dm.send(TestClient.text("after"));

    var inbox = us.client.inbox(lost.id()).orElseThrow();
    inbox.sync();
    var back = inbox.findDm(alice.id()).orElseThrow();
    assertThat(TestClient.texts(back.messages(10))).containsExactly("after");
    back.send(TestClient.text("answer"));
    alice.sync();
    assertThat(TestClient.texts(dm.messages(10))).contains("answer");
  }

  @Test
  void whatWasSaidAndDecidedBeforeStaysKnown() throws Exception {
    var peer = client("peer").client.createHosted(0);
    us.store
        .jdbi()
        .useHandle(
            handle ->
                us.store
                    .consents()
                    .set(handle, lost.installation(), peer.id(), ConsentStore.State.DENIED, 1));

    us.client.reinstall();

    assertThat(us.client.inbox(lost.id()).orElseThrow().consent(peer.id()))
        .isEqualTo(ConsentStore.State.DENIED);
  }

  @Test
  void aWalletThatIsSomebodysIsNotGivenToAnother() throws Exception {
    us.store.jdbi().useHandle(handle -> handle.execute("delete from lost_inbox"));

    assertThatThrownBy(() -> us.client.createHosted(0))
        .isInstanceOfSatisfying(
            XmtpException.class,
            refused -> {
              assertThat(refused.isWalletTaken()).isTrue();
              assertThat(refused.isRetryable()).isFalse();
            });
    assertThat(listed()).containsExactly(lost.installation());
    assertThat(us.client.createHosted(1).id()).isNotEqualTo(lost.id());
  }

  @Test
  void theNetworkKnowsWhichWalletsOfASeedAreTaken() throws Exception {
    before.client.createHosted(3);
    before.client.createHosted(22);
    before.client.createHosted(43);

    var found = new SeedScan(us.store, us.link).run();

    assertThat(found).extracting(SeedScan.Found::index).containsExactly(0L, 3L, 22L);
    assertThat(found.get(0).inbox()).isEqualTo(lost.id());
  }

  @Test
  void countsTheInstallationsOfInboxesThatHaveMany() throws Exception {
    us.client.reinstall();
    for (int i = 0; i < 7; i++) {
      client("other" + i).register(wallet);
    }

    assertThat(us.client.installations(8)).containsExactly(Map.entry(lost.id(), 8));
    assertThat(us.client.installations(9)).isEmpty();
  }
}
