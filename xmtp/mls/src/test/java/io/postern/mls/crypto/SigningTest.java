package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SigningTest {
  private final SignatureKeyPair pair = SignatureKeyPair.generate(new SecureRandom());
  private final byte[] content = {1, 2, 3};
  private final byte[] signature = Signing.ED25519.signWithLabel(pair, "Label", content);

  @Test
  void verifiesWhatItSigned() {
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, signature))
        .isTrue();
  }

  @Test
  void refusesAnotherLabelContentKeyOrSignature() {
    byte[] otherKey = SignatureKeyPair.generate(new SecureRandom()).publicKey();
    byte[] changed = signature.clone();
    changed[40] ^= 1;

    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "label", content, signature))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", new byte[3], signature))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(otherKey, "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, changed))
        .isFalse();
  }

  @Test
  void refusesOctetsThatAreNoKeyOrSignature() {
    byte[] noPoint = new byte[32];
    Arrays.fill(noPoint, (byte) 0xff);

    assertThat(Signing.ED25519.verifyWithLabel(new byte[0], "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(noPoint, "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, new byte[63]))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, new byte[0]))
        .isFalse();
  }
}
