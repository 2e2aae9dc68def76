package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;

/**
 * The private key of an Ethereum wallet. Signs personal messages: deterministic (RFC 6979 with
 * SHA-256), with the lower S and V 27 or 28. ERC-191.
 *
 * <p>While it signs, the number stands in objects of Java that cannot be wiped; what is kept can.
 */
public final class WalletKey {
  private static final int LENGTH = 32;
  private static final int V_OFFSET = 27;

  private final Secret secret;
  private final EthereumAddress address;

  private WalletKey(Secret secret, BigInteger scalar) {
    this.secret = secret;
    this.address = Secp256k1.address(Secp256k1.publicKey(scalar));
  }

  /** A new key. */
  public static WalletKey generate(SecureRandom random) {
    while (true) {
      var secret = Secret.random(LENGTH, random);
      if (Secp256k1.isScalar(scalar(secret))) {
        return new WalletKey(secret, scalar(secret));
      }
      secret.erase();
    }
  }

  /**
   * The key with these 32 octets, which it takes over.
   *
   * @throws IdentityException if they are no private key: too few, too many, 0, or not below the
   *     order of the curve
   */
  public static WalletKey of(Secret secret) throws IdentityException {
    if (secret.length() != LENGTH || !Secp256k1.isScalar(scalar(secret))) {
      throw IdentityError.INVALID_INPUT.with("not a private key on secp256k1");
    }
    return new WalletKey(secret, scalar(secret));
  }

  /** The wallet's address. */
  public EthereumAddress address() {
    return address;
  }

  /** The wallet as an identifier of an inbox. */
  public Identifier identifier() {
    return address.identifier();
  }

  /** A copy of the 32 octets, for the vault; whoever asks erases it. */
  public Secret secret() {
    return secret.copy();
  }

  /** Signs an identity update. */
  public WalletSignature sign(SignatureText text) {
    return new WalletSignature(signDigest(text.personalDigest()));
  }

  /** Signs a message as wallets do for people ({@code personal_sign}): R, S and V, 65 octets. */
  public byte[] signPersonally(byte[] message) {
    return signDigest(SignatureText.personalDigest(message)).toByteArray();
  }

  /** Wipes the key; it can sign no more. */
  public void erase() {
    secret.erase();
  }

  private ByteString signDigest(byte[] digest) {
    var signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(scalar(secret), Secp256k1.DOMAIN));
    var signature = signer.generateSignature(digest);
    var r = signature[0];
    var s = Secp256k1.lower(signature[1]);
    return ByteString.copyFrom(Secp256k1.octets(r))
        .concat(ByteString.copyFrom(Secp256k1.octets(s)))
        .concat(ByteString.copyFrom(new byte[] {(byte) (V_OFFSET + parity(digest, r, s))}));
  }

  /** Found by trying, which also proves the signature before it leaves. */
  private int parity(byte[] digest, BigInteger r, BigInteger s) {
    for (int parity = 0; parity <= 1; parity++) {
      var recovered = Secp256k1.recover(digest, r, s, parity == 1).map(Secp256k1::address);
      if (recovered.filter(address::equals).isPresent()) {
        return parity;
      }
    }
    throw new IllegalStateException("the signature just made does not verify");
  }

  private static BigInteger scalar(Secret secret) {
    var octets = secret.toOctets();
    try {
      return new BigInteger(1, octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "WalletKey(" + address + ")";
  }
}
