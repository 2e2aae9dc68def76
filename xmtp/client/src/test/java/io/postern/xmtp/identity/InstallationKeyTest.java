package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InstallationKeyTest {
  private static final JsonNode FILE = Vectors.read("identity-signatures.json");
  private static final JsonNode PUBLIC = FILE.get("sign_with_installation_key");

  static Stream<JsonNode> publicSignatures() {
    return Vectors.each(PUBLIC.get("vectors"));
  }

  static Stream<JsonNode> rejected() {
    return Vectors.each(PUBLIC.get("rejected"));
  }

  static Stream<JsonNode> captured() {
    return Vectors.each(PUBLIC.get("captured_from_real_library"));
  }

  @Test
  void signsUpdatesAsTheOfficialClientDoes() {
    var vector = FILE.get("installation_key");

    var signature = Vectors.installation(0x41).sign(new SignatureText(vector.get("text").asText()));

    assertThat(Vectors.hex(signature.octets())).isEqualTo(vector.get("signature_64").asText());
  }

  @Test
  void isTheSignerOfWhatItSigned() throws Exception {
    var key = Vectors.installation(0x41);
    var text = new SignatureText("text");

    var verified = key.sign(text).verify(text, ContractWalletVerifier.NONE);

    assertThat(verified.signer()).isEqualTo(key.id().identifier());
    assertThat(verified.kind()).isEqualTo(SignatureKind.INSTALLATION_KEY);
    assertThat(verified.replayKey()).isEqualTo(key.sign(text).octets());
  }

  @Test
  void didNotSignAnotherText() {
    var signature = Vectors.installation(0x41).sign(new SignatureText("text"));

    var refused =
        catchThrowableOfType(
            IdentityException.class,
            () -> signature.verify(new SignatureText("Text"), ContractWalletVerifier.NONE));

    assertThat(refused)
        .hasMessage(
            "ed25519 Signature failed signature error: Verification equation was not satisfied");
  }

  @ParameterizedTest
  @MethodSource("publicSignatures")
  void signsPubliclyAsTheOfficialClientDoes(JsonNode vector) {
    var key = InstallationKey.of(Secret.of(Vectors.octets(vector.get("seed"))));
    var text = vector.get("text").asText();

    var signature = key.signPublicly(text);

    assertThat(key.id()).hasToString(vector.get("public_key").asText());
    assertThat(Vectors.hex(signature)).isEqualTo(vector.get("signature").asText());
    assertThat(InstallationKey.isSignedPublicly(text, signature, key.id())).isTrue();
  }

  @ParameterizedTest
  @MethodSource("captured")
  void verifiesWhatTheOfficialClientSignedPublicly(JsonNode vector) throws Exception {
    assertThat(isSignedPublicly(vector)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("rejected")
  void refusesSignaturesOfAnotherPurpose(JsonNode vector) throws Exception {
    assertThat(isSignedPublicly(vector)).isFalse();
  }

  @Test
  void refusesEachTruncation() {
    var key = Vectors.installation(0x41);
    var text = new SignatureText("text");
    var octets = key.sign(text).octets();
    var publicly = key.signPublicly("text");

    for (int i = 0; i < 64; i++) {
      int length = i;
      var truncated = new InstallationSignature(octets.substring(0, length), key.id().key());
      assertThatThrownBy(() -> truncated.verify(text, ContractWalletVerifier.NONE))
          .isInstanceOf(IdentityException.class)
          .hasMessage("could not convert slice to array");
      assertThat(
              InstallationKey.isSignedPublicly("text", Arrays.copyOf(publicly, length), key.id()))
          .isFalse();
    }
  }

  @Test
  void isReadOnlyWithAPublicKeyThatIsAPoint() {
    var wire =
        io.postern.xmtp.proto.associations.Signature.newBuilder()
            .setInstallationKey(
                io.postern.xmtp.proto.associations.RecoverableEd25519Signature.newBuilder()
                    .setBytes(ByteString.copyFrom(new byte[64]))
                    .setPublicKey(
                        ByteString.copyFrom(
                            Vectors.octets(
                                "0200000000000000000000000000000000000000000000000000000000000000"))))
            .build();

    var refused =
        catchThrowableOfType(IdentityException.class, () -> IdentitySignature.fromWire(wire));

    assertThat(refused.error()).isEqualTo(IdentityError.CONVERSION);
  }

  @Test
  void keepsItsSeedForTheVault() {
    var key = InstallationKey.generate(new SecureRandom());

    var again = InstallationKey.of(key.seed());

    assertThat(again.id()).isEqualTo(key.id());
    assertThat(key.toString()).isEqualTo("InstallationKey(" + key.id() + ")");
  }

  @Test
  void signsNoMoreOnceErased() {
    var key = Vectors.installation(1);

    key.erase();

    assertThatThrownBy(() -> key.signPublicly("x")).isInstanceOf(IllegalStateException.class);
  }

  private static boolean isSignedPublicly(JsonNode vector) throws IdentityException {
    return InstallationKey.isSignedPublicly(
        vector.get("text").asText(),
        Vectors.octets(vector.get("signature")),
        InstallationId.parse(vector.get("public_key").asText()));
  }
}
