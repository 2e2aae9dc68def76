package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalletSignatureTest {
  private static final JsonNode FILE = Vectors.read("identity-signatures.json");
  private static final JsonNode EOA = FILE.get("ecdsa_erc191");
  private static final SignatureText TEXT = new SignatureText(EOA.get("text").asText());
  private static final ByteString GOOD = Vectors.byteString(EOA.get("signature_65"));

  static Stream<JsonNode> encodings() {
    return Vectors.each(FILE.get("ecdsa_encodings"));
  }

  @Test
  void signsTheDigestThatWalletsSign() {
    assertThat(TEXT.personalDigest()).isEqualTo(Vectors.octets(EOA.get("eip191_digest")));
  }

  @Test
  void recoversItsSigner() throws Exception {
    var verified = verify(GOOD);

    assertThat(verified.signer()).isEqualTo(Vectors.wallet(1).identifier());
    assertThat(verified.kind()).isEqualTo(SignatureKind.ERC_191);
    assertThat(verified.replayKey()).isEqualTo(GOOD);
    assertThat(verified.chainId()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void readsEveryFormThatOtherClientsRead(JsonNode vector) throws Exception {
    var verified = verify(Vectors.byteString(vector.get("signature")));

    assertThat(verified.signer().equals(Vectors.wallet(1).identifier()))
        .isEqualTo(vector.get("accepted").asBoolean());
    if (vector.has("replay_key")) {
      assertThat(Vectors.hex(verified.replayKey())).isEqualTo(vector.get("replay_key").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 26, 29, 30, 34})
  void refusesAParityThatNobodyWrites(int v) {
    var refused = catchThrowableOfType(IdentityException.class, () -> verify(withV(v)));

    assertThat(refused.error()).isEqualTo(IdentityError.SIGNATURE);
    assertThat(refused).hasMessage("invalid parity: " + v);
  }

  @ParameterizedTest
  @CsvSource({"0, 27", "1, 28", "35, 27", "36, 28", "37, 27", "255, 27", "254, 28"})
  void readsTheParityOfAnyChain(int v, int same) throws Exception {
    assertThat(verify(withV(v)).signer()).isEqualTo(verify(withV(same)).signer());
  }

  @Test
  void refusesEachTruncation() {
    for (int length = 0; length < GOOD.size(); length++) {
      var truncated = GOOD.substring(0, length);
      assertThatThrownBy(() -> verify(truncated)).isInstanceOf(IdentityException.class);
    }
    assertThatThrownBy(() -> verify(GOOD.concat(ByteString.copyFrom(new byte[1]))))
        .isInstanceOf(IdentityException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void refusesHalvesOutOfRange(String number) {
    var outside = ByteString.copyFrom(Vectors.octets(number));

    assertThatThrownBy(() -> verify(outside.concat(GOOD.substring(32))))
        .isInstanceOf(IdentityException.class);
    assertThatThrownBy(
            () -> verify(GOOD.substring(0, 32).concat(outside).concat(GOOD.substring(64))))
        .isInstanceOf(IdentityException.class);
  }

  @Test
  void meetsRandomOctetsWithItsOwnExceptionOrAnotherSigner() throws Exception {
    var random = new SplittableRandom(1);
    for (int i = 0; i < 300; i++) {
      var octets = new byte[65];
      random.nextBytes(octets);
      octets[64] = (byte) (27 + i % 2);
      try {
        assertThat(verify(ByteString.copyFrom(octets)).signer())
            .isNotEqualTo(Vectors.wallet(1).identifier());
      } catch (IdentityException refused) {
        assertThat(refused.error()).isEqualTo(IdentityError.SIGNATURE);
      }
    }
  }

  private static ByteString withV(int v) {
    return GOOD.substring(0, 64).concat(ByteString.copyFrom(new byte[] {(byte) v}));
  }

  private static VerifiedSignature verify(ByteString octets) throws IdentityException {
    return new WalletSignature(octets).verify(TEXT, ContractWalletVerifier.NONE);
  }
}
