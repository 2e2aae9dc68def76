package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registration, which may end at each step and is then made again; and the key packages after. */
@OnEachDatabase
class RegistrationTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final WalletKey wallet = WalletKey.generate(new SecureRandom());
  private final List<TestClient> others = new ArrayList<>();
  private TestClient us;

  @BeforeEach
  void open() {
    us = new TestClient(network, clock, folder.resolve("us"));
  }

  @AfterEach
  void close() {
    us.close();
    others.forEach(TestClient::close);
  }

  @Test
  void makesAnInboxOnceHoweverOftenItIsAsked() throws Exception {
    var first = us.register(wallet);

    var second = us.register(wallet);

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(us.client.state(first.id()).installations()).containsExactly(first.installation());
    assertThat(us.client.find(wallet.address())).contains(first.id());
    assertThat(us.client.isReachable(first.id())).isTrue();
  }

  @ParameterizedTest(name = "{1} at {0}")
  @CsvSource({
    "inboxIds, REQUEST_LOST",
    "uploadKeyPackage, REQUEST_LOST",
    "uploadKeyPackage, REPLY_LOST",
    "uploadKeyPackage, CRASH_AFTER",
    "publish, REQUEST_LOST",
    "publish, REPLY_LOST",
    "publish, CRASH_BEFORE",
    "publish, CRASH_AFTER",
    "identityUpdates, REQUEST_LOST"
  })
  void goesOnWhereItWasInterrupted(String method, Fate fate) throws Exception {
    us.link.plan(called -> called.equals(method) ? fate : Fate.WELL);
    assertThatThrownBy(() -> us.register(wallet))
        .isInstanceOfAny(XmtpException.class, TestLink.Crash.class);

    us.restart();
    var inbox = us.register(wallet);

    assertThat(us.client.state(inbox.id()).installations()).containsExactly(inbox.installation());
    assertThat(us.client.inboxes())
        .singleElement()
        .satisfies(l -> assertThat(l.registered()).isTrue());
    assertThat(us.client.isReachable(inbox.id())).isTrue();
  }

  @Test
  void believesNoRefusalOfWhatTheLogShows() throws Exception {
    // The request arrives twice, as a proxy may do: the second is refused as a replay.
    us.link.plan(method -> method.equals("publish") ? Fate.ODD : Fate.WELL);

    var inbox = us.register(wallet);

    assertThat(us.client.state(inbox.id()).installations()).hasSize(1);
  }

  @Test
  void isRefusedForGoodWhenTheNetworkRefuses() {
    us.link.plan(method -> method.equals("publish") ? Fate.REFUSED : Fate.WELL);

    assertThatThrownBy(() -> us.register(wallet))
        .isInstanceOfSatisfying(
            XmtpException.class, refused -> assertThat(refused.isRetryable()).isFalse());
  }

  @Test
  void addsAnInstallationToAnInboxThatIsThere() throws Exception {
    var elsewhere = other().register(wallet);

    var here = us.register(wallet);

    assertThat(here.id()).isEqualTo(elsewhere.id());
    assertThat(us.client.state(here.id()).installations())
        .containsExactlyInAnyOrder(here.installation(), elsewhere.installation());
  }

  private TestClient other() {
    var other = new TestClient(network, clock, folder.resolve("other" + others.size()));
    others.add(other);
    return other;
  }

  @Test
  void addsNoEleventhInstallation() throws Exception {
    for (int i = 0; i < 10; i++) {
      other().register(wallet);
    }

    assertThatThrownBy(() -> us.register(wallet))
        .isInstanceOf(XmtpException.class)
        .hasMessageContaining("10 of 10");
  }

  @Test
  void derivesHostedInboxesFromOneSeed() throws Exception {
    var one = us.client.createHosted(0);
    var two = us.client.createHosted(1);

    assertThat(one.id()).isNotEqualTo(two.id());
    us.restart();
    assertThat(us.client.createHosted(0).id()).isEqualTo(one.id());
    assertThat(us.client.createHosted(1).installation()).isEqualTo(two.installation());
  }

  private byte[] keyPackage(Inbox inbox) {
    return network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
  }

  private int held() {
    return us.store
        .jdbi()
        .withHandle(
            h -> h.createQuery("select count(*) from key_package").mapTo(Integer.class).one());
  }

  @Test
  void replacesTheKeyPackageEveryThirtyDaysAndKeepsTheOldKeysForADay() throws Exception {
    var inbox = us.register(wallet);
    var first = keyPackage(inbox);
    clock.advance(Duration.ofDays(30).minusSeconds(1));
    us.client.maintain();
    assertThat(keyPackage(inbox)).isEqualTo(first);

    clock.advance(Duration.ofSeconds(1));
    us.client.maintain();
    assertThat(keyPackage(inbox)).isNotEqualTo(first);
    clock.advance(Duration.ofHours(24).minusSeconds(1));
    us.client.maintain();
    assertThat(held()).isEqualTo(2);
    clock.advance(Duration.ofSeconds(1));
    us.client.maintain();

    assertThat(held()).isEqualTo(1);
  }

  /** The real network drops it 90 days after the first upload, however new the last one is. */
  @Test
  void bringsBackAKeyPackageThatTheNetworkHasDropped() throws Exception {
    var inbox = us.register(wallet);
    us.client.checkKeyPackages();
    network.removeKeyPackage(inbox.installation());
    us.client.checkKeyPackages();
    us.client.maintain();
    assertThat(us.client.isReachable(inbox.id())).as("looked at once a day").isFalse();

    clock.advance(Duration.ofDays(1));
    us.client.checkKeyPackages();
    us.client.maintain();

    assertThat(us.client.isReachable(inbox.id())).isTrue();
  }

  /** Else an inbox would stay out of groups in the dictionary form for thirty days. */
  @Test
  void replacesAKeyPackageOfAnEarlierVersionWithinADay() throws Exception {
    var inbox = us.register(wallet);
    publishAsAnEarlierVersion(inbox);
    var former = keyPackage(inbox);

    us.client.checkKeyPackages();
    us.client.maintain();
    assertThat(keyPackage(inbox)).as("not all at once").isEqualTo(former);
    clock.advance(Duration.ofDays(1));
    us.client.maintain();

    assertThat(KeyPackages.knowDictionary(KeyPackage.read(keyPackage(inbox)).leaf())).isTrue();
  }

  private void publishAsAnEarlierVersion(Inbox inbox) {
    var random = new SecureRandom();
    var self = us.store.jdbi().withHandle(h -> us.store.inboxes().find(h, inbox.id())).get();
    var can =
        new Capabilities(
            List.of(1),
            List.of(KeyPackages.SUITE.id()),
            List.of(0xFF01, 0xFF00, 0xFF02, 0xF000, 0x000A, 0x0001),
            List.of(7),
            List.of(1));
    var own =
        OwnKeyPackage.create(
            KeyPackages.SUITE,
            SignatureKeyPair.of(self.installationSeed().copy()),
            Leaves.credential(inbox.id()),
            can,
            KeyPackages.lifetime(clock.instant()),
            Extensions.NONE,
            Extensions.NONE,
            random);
    var keys =
        new OwnKeys(
            own.keyPackage().reference(KeyPackages.SUITE).toOctets(),
            own.keyPackage().toOctets(),
            own.initPrivateKey(),
            own.encryptionPrivateKey(),
            Secret.random(32, random));
    us.store
        .jdbi()
        .useTransaction(
            h ->
                us.store
                    .keys()
                    .insert(
                        h,
                        inbox.installation(),
                        keys,
                        own.keyPackage().initKey(),
                        new byte[] {1},
                        Nanos.of(clock.instant())));
    network.replaceKeyPackage(inbox.installation(), octets -> keys.octets());
  }

  @Test
  void leavesAKeyPackageAloneThatIsThere() throws Exception {
    var inbox = us.register(wallet);
    var first = keyPackage(inbox);

    us.client.checkKeyPackages();
    us.client.maintain();

    assertThat(keyPackage(inbox)).isEqualTo(first);
  }

  /** Else the private keys of the one before would live on until the next replacement. */
  @Test
  void aDeathAfterAnUploadLeavesNoKeysBehind() throws Exception {
    us.register(wallet);
    us.client.start();
    clock.advance(Duration.ofDays(30));
    us.link.plan(method -> method.equals("uploadKeyPackage") ? Fate.CRASH_AFTER : Fate.WELL);
    assertThatThrownBy(() -> us.client.maintain()).isInstanceOf(TestLink.Crash.class);

    us.restart();
    us.client.maintain();
    assertThat(held()).isEqualTo(3);
    clock.advance(Duration.ofHours(24));
    us.client.maintain();

    assertThat(held()).isEqualTo(1);
  }

  @Test
  void triesAgainWhenAKeyPackageDoesNotArrive() throws Exception {
    var inbox = us.register(wallet);
    var first = keyPackage(inbox);
    clock.advance(Duration.ofDays(30));
    us.link.plan(method -> method.equals("uploadKeyPackage") ? Fate.REQUEST_LOST : Fate.WELL);
    assertThatThrownBy(() -> us.client.maintain()).isInstanceOf(XmtpException.class);
    assertThat(keyPackage(inbox)).isEqualTo(first);
    long kept = held();
    us.client.maintain();
    assertThat(held()).as("no keys of a package each few seconds").isEqualTo(kept);

    us.link.heal();
    clock.advance(Duration.ofMinutes(1));
    us.client.maintain();

    assertThat(keyPackage(inbox)).isNotEqualTo(first);
  }

  @Test
  void doesNotLetOneRefusedKeyPackageHoldUpTheOthers() throws Exception {
    var one = us.client.createHosted(0);
    var two = us.client.createHosted(1);
    var ones = keyPackage(one);
    var twos = keyPackage(two);
    clock.advance(Duration.ofDays(30));
    boolean[] refused = {false};
    us.link.plan(
        method -> {
          if (method.equals("uploadKeyPackage") && !refused[0]) {
            refused[0] = true;
            return Fate.REFUSED;
          }
          return Fate.WELL;
        });

    us.client.maintain();
    boolean oneIsNew = !java.util.Arrays.equals(ones, keyPackage(one));
    boolean twoIsNew = !java.util.Arrays.equals(twos, keyPackage(two));
    assertThat(oneIsNew ^ twoIsNew).isTrue();

    clock.advance(Duration.ofHours(1));
    us.client.maintain();
    assertThat(keyPackage(one)).isNotEqualTo(ones);
    assertThat(keyPackage(two)).isNotEqualTo(twos);
  }
}
