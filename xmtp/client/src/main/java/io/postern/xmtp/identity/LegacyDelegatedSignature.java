package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.proto.associations.RecoverableEcdsaSignature;
import io.postern.xmtp.proto.associations.Signature;
import io.postern.xmtp.proto.legacy.SignedPublicKey;
import io.postern.xmtp.proto.legacy.UnsignedPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A signature by a key of the second XMTP protocol, for which a wallet vouched once. Read only: no
 * client makes them any more.
 *
 * @param delegatedKey the key with the wallet's signature
 * @param octets the key's signature: R, S and V, 65 octets if it is to be valid
 */
public record LegacyDelegatedSignature(SignedPublicKey delegatedKey, ByteString octets)
    implements IdentitySignature {
  static LegacyDelegatedSignature fromWire(
      io.postern.xmtp.proto.associations.LegacyDelegatedSignature wire) throws IdentityException {
    if (!wire.hasSignature()) {
      throw IdentityError.CONVERSION.with("missing field signature");
    }
    if (!wire.hasDelegatedKey()) {
      throw IdentityError.CONVERSION.with("missing field delegated_key");
    }
    return new LegacyDelegatedSignature(wire.getDelegatedKey(), wire.getSignature().getBytes());
  }

  @Override
  public VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException {
    var signer = WalletSignature.recover(text.personalDigest(), octets);
    var wallet = wallet();
    if (!signer.address().equals(delegatedAddress())) {
      throw invalid();
    }
    // The wallet's signature, not the key's, marks it as used: so the key serves for one update
    // only.
    return new VerifiedSignature(
        wallet.address().identifier(), SignatureKind.LEGACY_DELEGATED, wallet.octets());
  }

  /** The wallet that vouched for the key, whoever signed with the key. */
  WalletSignature.Recovered wallet() throws IdentityException {
    return WalletSignature.recover(createIdentityDigest(), walletSignature());
  }

  private byte[] createIdentityDigest() {
    var text =
        "XMTP : Create Identity\n"
            + HexFormat.of().formatHex(delegatedKey.getKeyBytes().toByteArray())
            + "\n\nFor more info: https://xmtp.org/signatures/";
    return SignatureText.personalDigest(text.getBytes(StandardCharsets.US_ASCII));
  }

  private ByteString walletSignature() throws IdentityException {
    var signature = delegatedKey.getSignature();
    return switch (signature.getUnionCase()) {
      case ECDSA_COMPACT ->
          withRecovery(
              signature.getEcdsaCompact().getBytes(), signature.getEcdsaCompact().getRecovery());
      case WALLET_ECDSA_COMPACT ->
          withRecovery(
              signature.getWalletEcdsaCompact().getBytes(),
              signature.getWalletEcdsaCompact().getRecovery());
      case UNION_NOT_SET -> throw invalid();
    };
  }

  private static ByteString withRecovery(ByteString compact, int recovery)
      throws IdentityException {
    if (compact.size() != 64) {
      throw invalid();
    }
    return compact.concat(ByteString.copyFrom(new byte[] {(byte) recovery}));
  }

  private EthereumAddress delegatedAddress() throws IdentityException {
    try {
      var key = UnsignedPublicKey.parseFrom(delegatedKey.getKeyBytes());
      var point = key.getSecp256K1Uncompressed().getBytes().toByteArray();
      return Secp256k1.address(
          Secp256k1.decode(point).orElseThrow(LegacyDelegatedSignature::invalid));
    } catch (InvalidProtocolBufferException malformed) {
      throw invalid();
    }
  }

  private static IdentityException invalid() {
    return IdentityError.SIGNATURE.with("Signature validation failed");
  }

  @Override
  public Signature toWire() {
    return Signature.newBuilder()
        .setDelegatedErc191(
            io.postern.xmtp.proto.associations.LegacyDelegatedSignature.newBuilder()
                .setDelegatedKey(delegatedKey)
                .setSignature(RecoverableEcdsaSignature.newBuilder().setBytes(octets)))
        .build();
  }
}
