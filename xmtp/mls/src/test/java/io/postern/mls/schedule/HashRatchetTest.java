package io.postern.mls.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashRatchetTest {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;

  private static SecretTree tree() {
    return new SecretTree(SUITE, RatchetLimits.XMTP, 8, Secret.of(new byte[32]));
  }

  private static HashRatchet ratchet() {
    return tree().application(new LeafIndex(3));
  }

  private static void spend(HashRatchet ratchet, long generation) throws MlsException {
    ratchet.claim(generation).spend();
  }

  private static void assertFails(HashRatchet ratchet, long generation, Failure failure) {
    assertThatThrownBy(() -> ratchet.claim(generation))
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
  }

  @Test
  void givesSenderAndReceiverTheSameKeys() throws MlsException {
    HashRatchet sender = ratchet();
    HashRatchet receiver = ratchet();
    for (int i = 0; i < 20; i++) {
      MessageKey sent = sender.spendNext();
      HashRatchet.Claim claim = receiver.claim(sent.generation());
      assertThat(claim.key().key()).isEqualTo(sent.key());
      assertThat(claim.key().nonce()).isEqualTo(sent.nonce());
      claim.spend();
    }
  }

  @Test
  void servesAThousandGenerationsAheadAndNoMore() throws MlsException {
    HashRatchet ratchet = ratchet();

    assertFails(ratchet, 1001, Failure.TOO_FAR_AHEAD);
    assertFails(ratchet, 0xffff_ffffL, Failure.TOO_FAR_AHEAD);
    spend(ratchet, 1000);

    assertThat(ratchet.nextGeneration()).isEqualTo(1001);
  }

  @Test
  void keepsFiveSkippedKeysBehindTheNextGeneration() throws MlsException {
    HashRatchet ratchet = ratchet();
    spend(ratchet, 10);

    assertFails(ratchet, 5, Failure.GENERATION_SPENT);
    for (long generation = 6; generation < 10; generation++) {
      spend(ratchet, generation);
      assertFails(ratchet, generation, Failure.GENERATION_SPENT);
    }
    assertFails(ratchet, 10, Failure.GENERATION_SPENT);
  }

  @Test
  void forgetsASkippedKeyThatFallsBehind() throws MlsException {
    HashRatchet ratchet = ratchet();
    spend(ratchet, 1);
    spend(ratchet, 4);

    spend(ratchet, 0);
    spend(ratchet, 5);

    assertFails(ratchet, 0, Failure.GENERATION_SPENT);
    spend(ratchet, 2);
    spend(ratchet, 3);
  }

  @Test
  void aDroppedClaimChangesNothing() throws MlsException {
    HashRatchet ratchet = ratchet();
    spend(ratchet, 3);
    TlsWriter before = new TlsWriter();
    ratchet.write(before);

    ratchet.claim(2).drop();
    ratchet.claim(500).drop();

    TlsWriter after = new TlsWriter();
    ratchet.write(after);
    assertThat(after.toOctets()).isEqualTo(before.toOctets());
    spend(ratchet, 2);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void agreesWithTheRuleForAnyOrder(int seed) throws MlsException {
    Random random = new Random(seed);
    HashRatchet ratchet = ratchet();
    Set<Long> used = new HashSet<>();
    long next = 0;
    for (int i = 0; i < 300; i++) {
      long generation = Math.max(0, next - 8 + random.nextInt(16));
      boolean due = generation >= next - 5 && !used.contains(generation);
      if (due) {
        spend(ratchet, generation);
        used.add(generation);
        next = Math.max(next, generation + 1);
      } else {
        assertFails(ratchet, generation, Failure.GENERATION_SPENT);
      }
      assertThat(ratchet.nextGeneration()).isEqualTo(next);
    }
  }

  @Test
  void isSavedWithItsSkippedKeys() throws MlsException {
    SecretTree tree = tree();
    spend(tree.application(new LeafIndex(3)), 4);
    spend(tree.handshake(new LeafIndex(0)), 0);
    byte[] octets = written(tree);

    SecretTree restored = read(octets);

    assertThat(written(restored)).isEqualTo(octets);
    spend(restored.application(new LeafIndex(3)), 2);
    assertFails(restored.application(new LeafIndex(3)), 4, Failure.GENERATION_SPENT);
    assertFails(restored.handshake(new LeafIndex(0)), 0, Failure.GENERATION_SPENT);
    assertThat(restored.application(new LeafIndex(7)).spendNext().key())
        .isEqualTo(tree.application(new LeafIndex(7)).spendNext().key());
  }

  @Test
  void opensLeavesOnlyWhenAsked() {
    SecretTree tree = tree();
    int closed = written(tree).length;
    tree.application(new LeafIndex(0));

    assertThat(closed).isLessThan(60);
    assertThat(written(tree).length).isGreaterThan(closed);
  }

  @Test
  void forgetsHandshakeKeysOfAPastEpoch() throws MlsException {
    SecretTree tree = tree();
    tree.handshake(new LeafIndex(1));

    tree.forgetHandshake();

    SecretTree restored = read(written(tree));
    assertThat(restored.application(new LeafIndex(1)).nextGeneration()).isZero();
    assertThat(restored.application(new LeafIndex(2)).nextGeneration()).isZero();
    assertThatThrownBy(() -> restored.handshake(new LeafIndex(1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesEveryTruncation() throws MlsException {
    SecretTree tree = tree();
    spend(tree.application(new LeafIndex(3)), 4);
    byte[] octets = written(tree);
    for (int length = 0; length < octets.length; length++) {
      byte[] cut = Arrays.copyOf(octets, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(WireException.class);
    }
  }

  private static byte[] written(SecretTree tree) {
    TlsWriter out = new TlsWriter();
    tree.write(out);
    return out.toOctets();
  }

  private static SecretTree read(byte[] octets) throws WireException {
    return SecretTree.read(new TlsReader(octets), SUITE, RatchetLimits.XMTP, 8);
  }
}
