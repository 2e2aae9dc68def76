package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class KnownKeysTest {
  private final KnownKeys keys = new KnownKeys();
  private final SecureRandom random = new SecureRandom();

  private byte[] key() {
    return SignatureKeyPair.generate(random).publicKey();
  }

  @Test
  void knowsAKeyByItsOctetsWhateverBecomesOfTheirArray() {
    var key = key();
    var copy = key.clone();
    var found = keys.find(key);

    key[0] ^= 1;

    assertThat(keys.find(copy)).containsSame(found.orElseThrow());
  }

  @Test
  void keepsNothingOfWhatIsNoKey() {
    var noPoint = new byte[32];
    noPoint[0] = 2;

    assertThat(keys.find(noPoint)).isEmpty();
    assertThat(keys.size()).isZero();
  }

  @Test
  void knowsWhichAreOfSmallOrder() {
    var neutral = new byte[32];
    neutral[0] = 1;

    assertThat(keys.find(neutral).orElseThrow().isSmallOrder()).isTrue();
    assertThat(keys.find(key()).orElseThrow().isSmallOrder()).isFalse();
  }

  @Test
  void keepsTheLastOnes() {
    var often = key();
    var point = keys.find(often).orElseThrow();
    for (int i = 0; i < KnownKeys.MOST; i++) {
      keys.find(key());
      if (i == KnownKeys.MOST / 2) {
        assertThat(keys.find(often)).containsSame(point);
      }
    }

    assertThat(keys.size()).isEqualTo(KnownKeys.MOST);
    assertThat(keys.find(often)).containsSame(point);
  }
}
