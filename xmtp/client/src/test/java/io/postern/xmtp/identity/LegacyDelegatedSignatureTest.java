package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.proto.legacy.Signature;
import io.postern.xmtp.proto.legacy.SignedPublicKey;
import org.junit.jupiter.api.Test;

class LegacyDelegatedSignatureTest {
  private static final JsonNode VECTOR =
      Vectors.read("identity-signatures.json").get("legacy_delegated");
  private static final SignatureText TEXT = new SignatureText(VECTOR.get("update_text").asText());
  private static final ByteString WALLET =
      Vectors.byteString(VECTOR.get("wallet_signature_compact"));
  private static final ByteString OCTETS =
      Vectors.byteString(VECTOR.get("legacy_key_signature_65"));

  @Test
  void countsAsTheWalletsThatVouchedForTheKey() throws Exception {
    var verified = verify(key(WALLET, 0), OCTETS);

    assertThat(verified.signer().text()).isEqualTo(VECTOR.get("wallet").asText());
    assertThat(verified.kind()).isEqualTo(SignatureKind.LEGACY_DELEGATED);
    assertThat(Vectors.hex(verified.replayKey())).isEqualTo(VECTOR.get("replay_key").asText());
  }

  @Test
  void isWhatTheLegacyKeySigned() throws Exception {
    var key = WalletKey.of(Secret.of(Vectors.octets(VECTOR.get("legacy_private_key"))));

    assertThat(key.sign(TEXT).octets()).isEqualTo(OCTETS);
  }

  @Test
  void readsEitherFormOfTheWalletsSignature() throws Exception {
    var other =
        SignedPublicKey.newBuilder()
            .setKeyBytes(Vectors.byteString(VECTOR.get("key_bytes_UnsignedPublicKey")))
            .setSignature(
                Signature.newBuilder()
                    .setEcdsaCompact(Signature.ECDSACompact.newBuilder().setBytes(WALLET)))
            .build();

    assertThat(verify(other, OCTETS)).isEqualTo(verify(key(WALLET, 0), OCTETS));
  }

  /**
   * From a unit test of the reference implementation: who vouched for a real key of the second
   * protocol.
   */
  @Test
  void findsTheWalletOfARealKey() throws Exception {
    var unit = VECTOR.get("rust_unit_test");
    var key = SignedPublicKey.parseFrom(Vectors.octets(unit.get("signed_public_key_proto_hex")));

    var wallet = new LegacyDelegatedSignature(key, OCTETS).wallet();

    assertThat(wallet.address().value()).isEqualTo(unit.get("wallet_address").asText());
  }

  @Test
  void refusesAKeyThatDidNotSign() {
    var other = new SignatureText(TEXT.value() + "x");

    assertThatThrownBy(
            () ->
                new LegacyDelegatedSignature(key(WALLET, 0), OCTETS)
                    .verify(other, ContractWalletVerifier.NONE))
        .isInstanceOf(IdentityException.class)
        .hasMessage("Signature validation failed");
  }

  @Test
  void refusesAKeyThatIsNotComplete() {
    var noSignature =
        SignedPublicKey.newBuilder().setKeyBytes(key(WALLET, 0).getKeyBytes()).build();
    var noPoint = key(WALLET, 0).toBuilder().setKeyBytes(ByteString.EMPTY).build();
    var noMessage =
        key(WALLET, 0).toBuilder().setKeyBytes(ByteString.copyFrom(new byte[] {-1})).build();

    assertThatThrownBy(() -> verify(noSignature, OCTETS)).isInstanceOf(IdentityException.class);
    assertThatThrownBy(() -> verify(noPoint, OCTETS)).isInstanceOf(IdentityException.class);
    assertThatThrownBy(() -> verify(noMessage, OCTETS)).isInstanceOf(IdentityException.class);
    assertThatThrownBy(() -> verify(key(WALLET.substring(1), 0), OCTETS))
        .isInstanceOf(IdentityException.class);
  }

  @Test
  void isNotReadWithoutOneOfItsParts() {
    var whole = new LegacyDelegatedSignature(key(WALLET, 0), OCTETS).toWire();
    var noKey = whole.toBuilder();
    noKey.getDelegatedErc191Builder().clearDelegatedKey();
    var noOctets = whole.toBuilder();
    noOctets.getDelegatedErc191Builder().clearSignature();

    assertThatThrownBy(() -> IdentitySignature.fromWire(noKey.build()))
        .isInstanceOf(IdentityException.class);
    assertThatThrownBy(() -> IdentitySignature.fromWire(noOctets.build()))
        .isInstanceOf(IdentityException.class);
  }

  private static SignedPublicKey key(ByteString walletSignature, int recovery) {
    return SignedPublicKey.newBuilder()
        .setKeyBytes(Vectors.byteString(VECTOR.get("key_bytes_UnsignedPublicKey")))
        .setSignature(
            Signature.newBuilder()
                .setWalletEcdsaCompact(
                    Signature.WalletECDSACompact.newBuilder()
                        .setBytes(walletSignature)
                        .setRecovery(recovery)))
        .build();
  }

  private static VerifiedSignature verify(SignedPublicKey key, ByteString octets)
      throws IdentityException {
    return new LegacyDelegatedSignature(key, octets).verify(TEXT, ContractWalletVerifier.NONE);
  }
}
