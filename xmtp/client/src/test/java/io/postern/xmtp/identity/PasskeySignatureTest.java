package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PasskeySignatureTest {
  private static final JsonNode FILE = Vectors.read("identity-signatures.json");
  private static final JsonNode VECTOR = FILE.get("passkey");
  private static final SignatureText TEXT = new SignatureText(VECTOR.get("text").asText());
  private static final ByteString KEY =
      Vectors.byteString(FILE.get("keys").get("P1").get("public_key_compressed"));
  private static final PasskeySignature GOOD =
      new PasskeySignature(
          KEY,
          Vectors.byteString(VECTOR.get("signature_der")),
          Vectors.byteString(VECTOR.get("authenticator_data")),
          ByteString.copyFromUtf8(VECTOR.get("client_data_json_utf8").asText()));

  static Stream<Named<JsonNode>> edges() {
    return Vectors.each(Vectors.read("identity-passkey-edge.json").get("cases"))
        .map(one -> Named.of(one.get("case").asText(), one));
  }

  @Test
  void isTheSignatureOfItsPasskey() throws Exception {
    var verified = GOOD.verify(TEXT, ContractWalletVerifier.NONE);

    assertThat(verified.signer()).isEqualTo(new Passkey(KEY, Optional.empty()));
    assertThat(((Passkey) verified.signer()).relyingParty()).isPresent();
    assertThat(verified.kind()).isEqualTo(SignatureKind.P256);
    assertThat(Vectors.hex(verified.replayKey())).isEqualTo(VECTOR.get("replay_key_r_s").asText());
  }

  @Test
  void hasTheTextItselfAsItsChallenge() {
    assertThat(PasskeySignature.challenge(TEXT))
        .isEqualTo(VECTOR.get("challenge_base64url_nopad").asText());
  }

  @ParameterizedTest
  @MethodSource("edges")
  void isJudgedAsTheOfficialClientJudgesIt(JsonNode edge) throws Exception {
    var update = IdentityUpdate.read(Vectors.octets(edge.get("identity_update_hex")));

    if (edge.get("accepted").asBoolean()) {
      var state =
          AssociationState.fold(java.util.List.of(update.verify(ContractWalletVerifier.NONE)));
      assertThat(state.inboxId().value()).isEqualTo(edge.get("inbox_id").asText());
    } else {
      assertThatThrownBy(() -> update.verify(ContractWalletVerifier.NONE))
          .isInstanceOf(IdentityException.class)
          .hasMessage(edge.get("error").asText().replace("signature validation error: ", ""));
    }
  }

  @Test
  void isNotOneOfAnotherTextKeyOrAuthenticator() {
    var otherText = new SignatureText(TEXT.value() + " ");
    var otherKey =
        new PasskeySignature(
            ByteString.copyFrom(
                Vectors.octets(
                    "03f9ce377b865757fef0a01486a2c9fe4725b0d8a4619ec4741ba4801a91e0b019")),
            GOOD.octets(),
            GOOD.authenticatorData(),
            GOOD.clientDataJson());
    var otherAuthenticator =
        new PasskeySignature(
            GOOD.publicKey(), GOOD.octets(), ByteString.EMPTY, GOOD.clientDataJson());

    assertThat(refusal(GOOD, otherText)).hasMessage("client_data is invalid");
    assertThat(refusal(otherKey, TEXT)).hasMessage("Signature validation failed");
    assertThat(refusal(otherAuthenticator, TEXT)).hasMessage("Signature validation failed");
  }

  @Test
  void isTheSameOnceReadBack() throws Exception {
    assertThat(IdentitySignature.fromWire(GOOD.toWire())).isEqualTo(GOOD);
  }

  private static IdentityException refusal(PasskeySignature signature, SignatureText text) {
    return catchThrowableOfType(
        IdentityException.class, () -> signature.verify(text, ContractWalletVerifier.NONE));
  }
}
