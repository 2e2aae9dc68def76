package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.RecoverableEcdsaSignature;
import io.postern.xmtp.proto.associations.Signature;

/**
 * A personal message signed by a wallet's key pair. It names no signer: a wrong text just recovers
 * somebody else. ERC-191.
 *
 * @param octets R, S and V, 65 octets if it is to be valid
 */
public record WalletSignature(ByteString octets) implements IdentitySignature {
  private static final int S = 32;
  private static final int V = 64;

  /**
   * @param address the wallet
   * @param octets R, the lower S, and V as it came
   */
  record Recovered(EthereumAddress address, ByteString octets) {}

  @Override
  public VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException {
    var recovered = recover(text.personalDigest(), octets);
    return new VerifiedSignature(
        recovered.address().identifier(), SignatureKind.ERC_191, recovered.octets());
  }

  /**
   * @throws IdentityException if no key can have made the signature
   */
  static Recovered recover(byte[] digest, ByteString octets) throws IdentityException {
    if (octets.size() == V) {
      throw IdentityError.SIGNATURE.with("expected exactly 65 bytes");
    }
    if (octets.size() != V + 1) {
      throw invalid();
    }
    var r = Secp256k1.scalar(octets, 0);
    var s = Secp256k1.scalar(octets, S);
    if (!Secp256k1.isScalar(r) || !Secp256k1.isScalar(s)) {
      throw invalid();
    }
    boolean odd = isOdd(octets.byteAt(V) & 0xff);
    // V stays although lowering S turns the parity over: the clients of XMTP do so, and all must
    // agree.
    var lower = Secp256k1.lower(s);
    var key = Secp256k1.recover(digest, r, lower, odd).orElseThrow(WalletSignature::invalid);
    var normalised =
        octets
            .substring(0, S)
            .concat(ByteString.copyFrom(Secp256k1.octets(lower)))
            .concat(octets.substring(V));
    return new Recovered(Secp256k1.address(key), normalised);
  }

  private static boolean isOdd(int v) throws IdentityException {
    if (v >= 35) {
      return (v - 35) % 2 == 1;
    }
    return switch (v) {
      case 0, 27 -> false;
      case 1, 28 -> true;
      default -> throw IdentityError.SIGNATURE.with("invalid parity: " + v);
    };
  }

  private static IdentityException invalid() {
    return IdentityError.SIGNATURE.with("Signature validation failed");
  }

  @Override
  public Signature toWire() {
    return Signature.newBuilder()
        .setErc191(RecoverableEcdsaSignature.newBuilder().setBytes(octets))
        .build();
  }
}
