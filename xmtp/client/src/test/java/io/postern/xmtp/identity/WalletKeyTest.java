package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalletKeyTest {
  private static final JsonNode FILE = Vectors.read("identity-signatures.json");

  static Stream<JsonNode> keys() {
    return Vectors.each(Vectors.read("identity-associations.json").get("keys"))
        .filter(key -> key.has("secp256k1_private_key"));
  }

  static LongStream seeds() {
    return LongStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void hasTheAddressThatEthereumGivesIt(JsonNode vector) throws Exception {
    var key = WalletKey.of(Secret.of(Vectors.octets(vector.get("secp256k1_private_key"))));

    assertThat(key.address().value()).isEqualTo(vector.get("address").asText());
  }

  @Test
  void signsWithoutChance() throws Exception {
    var vector = FILE.get("ecdsa_erc191");

    var signature = Vectors.wallet(1).sign(new SignatureText(vector.get("text").asText()));

    assertThat(Vectors.hex(signature.octets())).isEqualTo(vector.get("signature_65").asText());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void signsWhatOthersVerify(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var octets = new byte[32];
    random.nextBytes(octets);
    var key = WalletKey.of(Secret.take(octets));
    var message = new byte[random.nextInt(300)];
    random.nextBytes(message);

    var signature = key.signPersonally(message);

    assertThat(signature).hasSize(65);
    assertThat(signature[64]).isIn((byte) 27, (byte) 28);
    var s = new BigInteger(1, java.util.Arrays.copyOfRange(signature, 32, 64));
    assertThat(s).isLessThanOrEqualTo(Secp256k1.ORDER.shiftRight(1));
    var recovered =
        WalletSignature.recover(
            SignatureText.personalDigest(message), ByteString.copyFrom(signature));
    assertThat(recovered.address()).isEqualTo(key.address());
    assertThat(recovered.octets()).isEqualTo(ByteString.copyFrom(signature));
  }

  @Test
  void isAnotherOneEachTime() {
    var random = new SecureRandom();

    assertThat(WalletKey.generate(random).address())
        .isNotEqualTo(WalletKey.generate(random).address());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "01",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "000000000000000000000000000000000000000000000000000000000000000001"
      })
  void refusesWhatIsNoPrivateKey(String octets) {
    assertThatThrownBy(() -> WalletKey.of(Secret.take(Vectors.octets(octets))))
        .isInstanceOf(IdentityException.class);
  }

  @Test
  void signsNoMoreOnceErased() throws Exception {
    var key = Vectors.wallet(1);

    key.erase();

    assertThatThrownBy(() -> key.signPersonally("x".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void printsOnlyItsAddress() throws Exception {
    assertThat(Vectors.wallet(1).toString())
        .isEqualTo("WalletKey(0x1a642f0e3c3af545e7acbd38b07251b3990914f1)");
  }
}
