package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.Lifetime;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we publish, and what is asked of others' packages: identity 7.3 to 7.5, groups 3.3. */
class KeyPackagesTest {
  private static final Instant NOW = CommitLab.NOW;
  private static final InboxId INBOX = new InboxId("ab".repeat(32));

  private final SecureRandom random = new SecureRandom();
  private final SignatureKeyPair signer = SignatureKeyPair.generate(random);
  private final InstallationId installation = InstallationId.of(signer.publicKey());
  private final KeyPackages packages = new KeyPackages(random);

  private static final List<Integer> EXTENSIONS =
      List.of(0x000A, 0x0001, 0xFF02, 0xFF00, 0xFF01, 0xFF03, 0xFF04, 0xF000);

  private byte[] made(
      CipherSuite suite, Capabilities can, Lifetime lifetime, InboxId inbox, Extension... own) {
    return OwnKeyPackage.create(
            suite,
            signer,
            Leaves.credential(inbox),
            can,
            lifetime,
            Extensions.NONE,
            Extensions.of(own),
            random)
        .keyPackage()
        .toOctets();
  }

  private static Capabilities can(List<Integer> extensions) {
    return new Capabilities(
        List.of(1), List.of(KeyPackages.SUITE.id()), extensions, List.of(7), List.of(1));
  }

  private byte[] with(Extension... own) {
    return made(KeyPackages.SUITE, can(EXTENSIONS), KeyPackages.lifetime(NOW), INBOX, own);
  }

  private void refuses(byte[] octets) {
    assertThatThrownBy(() -> KeyPackages.verify(octets, installation, INBOX, NOW))
        .isInstanceOf(GroupException.class);
  }

  @Test
  void publishesWhatTheReferencePublishes() throws Exception {
    var made = packages.make(INBOX, signer, NOW);
    var keyPackage = KeyPackage.read(made.keys().octets());

    assertThat(HexFormat.of().formatHex(made.keys().octets())).startsWith("0001000320");
    assertThat(keyPackage.extensions().list())
        .extracting(Extension::type)
        .containsExactly(0x000A, 0xFF04, 0xFF03);
    assertThat(keyPackage.extensions().find(0x000A).orElseThrow()).isEmpty();
    assertThat(keyPackage.extensions().find(0xFF04)).contains(new byte[] {0x0a, 0x01, 0x03});
    var wrapper = keyPackage.extensions().find(0xFF03).orElseThrow();
    assertThat(wrapper).hasSize(1221).startsWith(0x0a, 0xc0, 0x09).endsWith(0x10, 0x02);
    assertThat(keyPackage.leaf().capabilities().extensions())
        .as("measured at libxmtp 1.11.0-dev")
        .containsExactly(0x000A, 0x0001, 0xF000, 0x0006, 0xFF02, 0xFF00, 0xFF01, 0xFF03, 0xFF04);
    assertThat(keyPackage.leaf().capabilities().proposals()).containsExactly(7, 8);
    assertThat(keyPackage.leaf().extensions().find(1).orElseThrow()).startsWith(0x40, 0x40);
    var usable = KeyPackages.verify(made.keys().octets(), installation, INBOX, NOW);
    assertThat(usable.recipient().takesPointer()).isTrue();
  }

  @Test
  void takesAPackageWithoutAWrapperKey() throws Exception {
    var usable = KeyPackages.verify(with(), installation, INBOX, NOW);

    assertThat(usable.recipient().xwing()).isFalse();
    assertThat(usable.recipient().publicKey()).isEqualTo(usable.keyPackage().initKey());
    assertThat(usable.recipient().takesPointer()).isFalse();
  }

  @ParameterizedTest(name = "wrapper algorithm {0}")
  @ValueSource(ints = {0, 1, 9})
  void wrapsForTheKeyNamedByAnUnknownAlgorithmWithCurve25519(int algorithm) throws Exception {
    var key = new byte[32];
    Arrays.fill(key, (byte) 9);
    var data = new ArrayList<Byte>(List.of((byte) 0x0a, (byte) 32));
    for (byte b : key) {
      data.add(b);
    }
    data.add((byte) 0x10);
    data.add((byte) algorithm);

    var usable =
        KeyPackages.verify(with(new Extension(0xFF03, octets(data))), installation, INBOX, NOW);

    assertThat(usable.recipient().publicKey()).isEqualTo(key);
    assertThat(usable.recipient().xwing()).isFalse();
  }

  private static byte[] octets(List<Byte> list) {
    var octets = new byte[list.size()];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = list.get(i);
    }
    return octets;
  }

  private byte[] withKeys(byte[] init, byte[] encryption) {
    var leaf =
        LeafNode.forKeyPackage(
            KeyPackages.SUITE,
            signer,
            encryption,
            Leaves.credential(INBOX),
            can(EXTENSIONS),
            KeyPackages.lifetime(NOW),
            Extensions.NONE);
    return KeyPackage.sign(KeyPackages.SUITE, signer, init, leaf, Extensions.NONE).toOctets();
  }

  @Test
  void refusesKeysThatNothingCanBeSealedTo() throws Exception {
    var good = KeyPackages.SUITE.kem().generateKeyPair(random).publicKey();
    var other = KeyPackages.SUITE.kem().generateKeyPair(random).publicKey();
    var one = new byte[32];
    one[0] = 1;
    KeyPackages.verify(withKeys(good, other), installation, INBOX, NOW);

    for (var bad : List.of(new byte[32], one, new byte[0], new byte[31], new byte[33])) {
      refuses(withKeys(bad, good));
      refuses(withKeys(good, bad));
    }
    refuses(with(new Extension(0xFF03, new byte[] {0x0a, 1, 9, 0x10, 1})));
  }

  @Test
  void refusesAWrapperKeyThatItCannotUse() {
    refuses(with(new Extension(0xFF03, new byte[] {0x10, 3})));
    refuses(with(new Extension(0xFF03, new byte[] {0x0a, 1, 1, 0x10, 2})));
    refuses(with(new Extension(0xFF03, new byte[] {0x0a, 99})));
  }

  @Test
  void refusesThePackageOfSomebodyElse() {
    var octets = with();
    var other = InstallationId.of(SignatureKeyPair.generate(random).publicKey());

    assertThatThrownBy(() -> KeyPackages.verify(octets, other, INBOX, NOW))
        .isInstanceOf(GroupException.class);
    assertThatThrownBy(
            () -> KeyPackages.verify(octets, installation, new InboxId("cd".repeat(32)), NOW))
        .isInstanceOf(GroupException.class);
  }

  @Test
  void refusesALifetimeThatHasEndedOrNotBegun() throws Exception {
    var octets = with();
    KeyPackages.verify(octets, installation, INBOX, NOW.plus(Duration.ofDays(84)).minusSeconds(1));

    assertThatThrownBy(
            () -> KeyPackages.verify(octets, installation, INBOX, NOW.plus(Duration.ofDays(84))))
        .isInstanceOf(GroupException.class);
    assertThatThrownBy(
            () -> KeyPackages.verify(octets, installation, INBOX, NOW.minus(Duration.ofHours(2))))
        .isInstanceOf(GroupException.class);
  }

  @ParameterizedTest(name = "without extension {0}")
  @ValueSource(ints = {0x000A, 0xF000, 0xFF00, 0xFF01, 0xFF02})
  void refusesALeafThatCannotBeInAGroup(int missing) {
    var extensions = EXTENSIONS.stream().filter(type -> type != missing).toList();

    refuses(made(KeyPackages.SUITE, can(extensions), KeyPackages.lifetime(NOW), INBOX));
  }

  @Test
  void tellsWhoKnowsGroupsInTheDictionaryForm() throws Exception {
    var made = packages.make(INBOX, signer, NOW);
    var former = KeyPackage.read(with());

    assertThat(KeyPackages.knowDictionary(KeyPackage.read(made.keys().octets()).leaf())).isTrue();
    assertThat(KeyPackages.knowDictionary(former.leaf())).isFalse();
  }

  @Test
  void refusesALeafThatDoesNotListItsOwnVersionSuiteOrCredential() {
    for (var bad :
        List.of(
            new Capabilities(List.of(2), List.of(3), EXTENSIONS, List.of(7), List.of(1)),
            new Capabilities(List.of(1), List.of(1), EXTENSIONS, List.of(7), List.of(1)),
            new Capabilities(List.of(1), List.of(3), EXTENSIONS, List.of(7), List.of(2)))) {
      refuses(made(KeyPackages.SUITE, bad, KeyPackages.lifetime(NOW), INBOX));
    }
  }

  @Test
  void refusesEachTruncationAndNoise() {
    var octets = packages.make(INBOX, signer, NOW).keys().octets();
    for (int length = 0; length < octets.length; length += 7) {
      refuses(Arrays.copyOf(octets, length));
    }
    refuses(Arrays.copyOf(octets, octets.length + 1));
    for (int i = 0; i < 100; i++) {
      var noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      refuses(noise);
    }
  }
}
