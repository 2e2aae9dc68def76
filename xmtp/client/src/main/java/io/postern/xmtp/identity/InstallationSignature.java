package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.RecoverableEd25519Signature;
import io.postern.xmtp.proto.associations.Signature;

/**
 * A signature by an installation's key: Ed25519ph with a context of its own, so that it can be
 * mistaken for no other. RFC 8032 §5.1.
 *
 * @param octets 64 octets if it is to be valid
 * @param publicKey the installation's, a point of the curve
 */
public record InstallationSignature(ByteString octets, ByteString publicKey)
    implements IdentitySignature {
  static InstallationSignature fromWire(RecoverableEd25519Signature wire) throws IdentityException {
    if (!Ed25519ph.isPublicKey(wire.getPublicKey().toByteArray())) {
      throw IdentityError.CONVERSION.with("public_key is no Ed25519 public key");
    }
    return new InstallationSignature(wire.getBytes(), wire.getPublicKey());
  }

  @Override
  public VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException {
    if (octets.size() != Ed25519ph.SIGNATURE_LENGTH) {
      throw IdentityError.SIGNATURE.with("could not convert slice to array");
    }
    boolean valid =
        Ed25519ph.verify(
            publicKey.toByteArray(),
            Ed25519ph.IDENTITY_UPDATE,
            text.octets(),
            octets.toByteArray());
    if (!valid) {
      throw IdentityError.SIGNATURE.with(Ed25519ph.FAILED);
    }
    return new VerifiedSignature(
        new MemberIdentifier.Installation(publicKey), SignatureKind.INSTALLATION_KEY, octets);
  }

  @Override
  public Signature toWire() {
    return Signature.newBuilder()
        .setInstallationKey(
            RecoverableEd25519Signature.newBuilder().setBytes(octets).setPublicKey(publicKey))
        .build();
  }
}
