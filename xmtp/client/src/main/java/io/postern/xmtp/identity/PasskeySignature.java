package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.RecoverablePasskeySignature;
import io.postern.xmtp.proto.associations.Signature;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/**
 * A WebAuthn assertion whose challenge is the text itself, not a hash of it. Nobody checks what the
 * authenticator says about itself, nor the type of the client data, nor whether S is low: every
 * client must agree. WebAuthn §7.2, in part.
 *
 * @param publicKey the point, as SEC 1 encodes it
 * @param octets the ECDSA signature in DER
 * @param authenticatorData signed before the hash of the client data
 * @param clientDataJson what the browser says: challenge and origin
 */
public record PasskeySignature(
    ByteString publicKey,
    ByteString octets,
    ByteString authenticatorData,
    ByteString clientDataJson)
    implements IdentitySignature {
  static PasskeySignature fromWire(RecoverablePasskeySignature wire) {
    return new PasskeySignature(
        wire.getPublicKey(),
        wire.getSignature(),
        wire.getAuthenticatorData(),
        wire.getClientDataJson());
  }

  @Override
  public VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException {
    var clientData = ClientData.read(clientDataJson.toByteArray());
    if (!clientData.challenge().equals(challenge(text))) {
      throw ClientData.invalid();
    }
    var key =
        P256.decode(publicKey.toByteArray())
            .orElseThrow(() -> IdentityError.SIGNATURE.with("Invalid public key"));
    var signature =
        P256.Signature.read(octets.toByteArray()).orElseThrow(PasskeySignature::invalid);
    var hash = sha256(authenticatorData.toByteArray(), sha256(clientDataJson.toByteArray()));
    if (!signature.verify(key, hash)) {
      throw invalid();
    }
    return new VerifiedSignature(
        new Passkey(publicKey, Optional.of(clientData.origin())),
        SignatureKind.P256,
        ByteString.copyFrom(signature.octets()));
  }

  /** What the authenticator is asked to sign for this text: base64url without padding. */
  public static String challenge(SignatureText text) {
    return new String(
        Base64.getUrlEncoder().withoutPadding().encode(text.octets()), StandardCharsets.US_ASCII);
  }

  private static byte[] sha256(byte[]... parts) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      for (var part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  private static IdentityException invalid() {
    return IdentityError.SIGNATURE.with("Signature validation failed");
  }

  @Override
  public Signature toWire() {
    return Signature.newBuilder()
        .setPasskey(
            RecoverablePasskeySignature.newBuilder()
                .setPublicKey(publicKey)
                .setSignature(octets)
                .setAuthenticatorData(authenticatorData)
                .setClientDataJson(clientDataJson))
        .build();
  }
}
