package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HpkeTest {
  private static final byte[] NONE = {};

  private final SecureRandom random = new SecureRandom();

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void opensWhatWasSealedInOrder(CipherSuite suite) throws MlsException {
    HpkeKeyPair pair = suite.kem().generateKeyPair(random);
    byte[] info = {1, 2, 3};
    try (Hpke.Sender sender = suite.hpke().sender(pair.publicKey(), info, random);
        Hpke.Recipient recipient =
            suite.hpke().recipient(sender.encapsulated(), pair.privateKey(), info)) {
      for (int i = 0; i < 300; i++) {
        byte[] aad = {(byte) i};
        byte[] sealed = sender.seal(aad, new byte[i]);
        assertThat(recipient.open(aad, sealed)).isEqualTo(new byte[i]);
      }
    }
  }

  @Test
  void aSequenceNumberIsSpentOnSuccessOnly() throws MlsException {
    Hpke hpke = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519.hpke();
    HpkeKeyPair pair = hpke.kem().generateKeyPair(random);
    try (Hpke.Sender sender = hpke.sender(pair.publicKey(), NONE, random);
        Hpke.Recipient recipient = hpke.recipient(sender.encapsulated(), pair.privateKey(), NONE)) {
      byte[] first = sender.seal(NONE, new byte[] {1});
      byte[] second = sender.seal(NONE, new byte[] {2});

      assertUndecryptable(() -> recipient.open(NONE, second));

      assertThat(recipient.open(NONE, first)).containsExactly(1);
      assertThat(recipient.open(NONE, second)).containsExactly(2);
      assertUndecryptable(() -> recipient.open(NONE, second));
    }
  }

  @Test
  void refusesAnotherInfoAadKeyOrCiphertext() throws MlsException {
    Hpke hpke = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519.hpke();
    HpkeKeyPair pair = hpke.kem().generateKeyPair(random);
    HpkeKeyPair other = hpke.kem().generateKeyPair(random);
    byte[] info = {1};
    byte[] aad = {2};
    HpkeCiphertext sealed = hpke.seal(pair.publicKey(), info, aad, new byte[40], random);
    byte[] changed = sealed.ciphertext();
    changed[3] ^= 1;
    HpkeCiphertext spoilt = new HpkeCiphertext(sealed.kemOutput(), changed);
    HpkeCiphertext cut =
        new HpkeCiphertext(sealed.kemOutput(), Arrays.copyOf(sealed.ciphertext(), 15));

    assertThat(hpke.open(sealed, pair.privateKey(), info, aad)).hasSize(40);
    assertUndecryptable(() -> hpke.open(sealed, pair.privateKey(), aad, aad));
    assertUndecryptable(() -> hpke.open(sealed, pair.privateKey(), info, info));
    assertUndecryptable(() -> hpke.open(sealed, other.privateKey(), info, aad));
    assertUndecryptable(() -> hpke.open(spoilt, pair.privateKey(), info, aad));
    assertUndecryptable(() -> hpke.open(cut, pair.privateKey(), info, aad));
  }

  @Test
  void refusesKeysThatAreNone() {
    Hpke hpke = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519.hpke();

    assertMalformed(() -> hpke.sender(new byte[31], NONE, random));
    assertMalformed(() -> hpke.sender(new byte[32], NONE, random));
    assertMalformed(() -> hpke.recipient(new byte[32], Secret.random(32, random), NONE));
    assertMalformed(() -> hpke.recipient(new byte[33], Secret.random(32, random), NONE));
    assertMalformed(() -> hpke.kem().publicKey(Secret.zero(31)));
  }

  /** RFC 9180 Appendix A.1.1, DeriveKeyPair of the recipient. */
  @Test
  void derivesTheKeyPairOfTheRfc() {
    HexFormat hex = HexFormat.of();
    Secret ikm =
        Secret.take(
            hex.parseHex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));

    HpkeKeyPair pair = DhKemX25519.INSTANCE.deriveKeyPair(ikm);

    assertThat(hex.formatHex(pair.publicKey()))
        .isEqualTo("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  }

  private static void assertUndecryptable(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.UNDECRYPTABLE, MlsException::failure);
  }

  private static void assertMalformed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.MALFORMED, MlsException::failure);
  }
}
