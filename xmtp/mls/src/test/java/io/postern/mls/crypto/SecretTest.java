package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class SecretTest {
  @Test
  void printsAsItsLength() {
    Secret secret = Secret.of(new byte[] {1, 2, 3});

    assertThat(secret).hasToString("Secret(3 octets)");
  }

  @Test
  void comparesByValue() {
    assertThat(Secret.of(new byte[] {1, 2})).isEqualTo(Secret.of(new byte[] {1, 2}));
    assertThat(Secret.of(new byte[] {1, 2})).isNotEqualTo(Secret.of(new byte[] {1, 3}));
    assertThat(Secret.of(new byte[] {1, 2})).isNotEqualTo(Secret.of(new byte[] {1, 2, 0}));
    assertThat(Secret.of(new byte[] {1, 2})).hasSameHashCodeAs(Secret.of(new byte[] {3, 4}));
  }

  @Test
  void wipesWhatItTookOver() {
    byte[] octets = {1, 2, 3};
    Secret secret = Secret.take(octets);

    secret.erase();
    secret.erase();

    assertThat(octets).containsOnly(0);
    assertThat(secret.isErased()).isTrue();
    assertThatIllegalStateException().isThrownBy(secret::toOctets);
    assertThat(secret).isNotEqualTo(Secret.of(new byte[3])).hasToString("Secret(erased)");
  }

  @Test
  void aCopyOutlivesItsOriginal() {
    Secret secret = Secret.of(new byte[] {1, 2, 3});
    Secret copy = secret.copy();

    secret.erase();

    assertThat(copy.toOctets()).containsExactly(1, 2, 3);
  }
}
