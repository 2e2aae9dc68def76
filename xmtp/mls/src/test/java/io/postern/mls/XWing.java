package io.postern.mls;

import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Kem;
import io.postern.mls.crypto.Secret;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * The receiving half of X-Wing draft-06 under the KEM id that XMTP uses, to open captured welcomes.
 * For tests.
 */
final class XWing implements Kem {
  private static final byte[] LABEL = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};
  private static final int CIPHERTEXT = 1088;

  @Override
  public int id() {
    return 0x004d;
  }

  @Override
  public int publicKeyLength() {
    return 1216;
  }

  @Override
  public byte[] publicKey(Secret seed) {
    byte[] expanded = expand(seed);
    byte[] publicKey = Arrays.copyOf(mlKem(expanded).getPublicKey(), 1216);
    X25519.scalarMultBase(expanded, 64, publicKey, 1184);
    return publicKey;
  }

  @Override
  public Secret decapsulate(byte[] encapsulated, Secret seed) {
    byte[] expanded = expand(seed);
    byte[] mlKemSecret =
        new MLKEMExtractor(mlKem(expanded)).extractSecret(Arrays.copyOf(encapsulated, CIPHERTEXT));
    byte[] ephemeral = Arrays.copyOfRange(encapsulated, CIPHERTEXT, encapsulated.length);
    byte[] agreed = new byte[32];
    X25519.scalarMult(expanded, 64, ephemeral, 0, agreed, 0);
    byte[] own = new byte[32];
    X25519.scalarMultBase(expanded, 64, own, 0);
    SHA3Digest digest = new SHA3Digest(256);
    for (byte[] part : new byte[][] {mlKemSecret, agreed, ephemeral, own, LABEL}) {
      digest.update(part, 0, part.length);
    }
    byte[] shared = new byte[32];
    digest.doFinal(shared, 0);
    return Secret.take(shared);
  }

  private static byte[] expand(Secret seed) {
    SHAKEDigest shake = new SHAKEDigest(256);
    shake.update(seed.toOctets(), 0, 32);
    byte[] expanded = new byte[96];
    shake.doFinal(expanded, 0, 96);
    return expanded;
  }

  private static MLKEMPrivateKeyParameters mlKem(byte[] expanded) {
    return new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, Arrays.copyOf(expanded, 64));
  }

  @Override
  public HpkeKeyPair generateKeyPair(SecureRandom random) {
    throw new UnsupportedOperationException("this test only receives");
  }

  @Override
  public HpkeKeyPair deriveKeyPair(Secret ikm) {
    throw new UnsupportedOperationException("this test only receives");
  }

  @Override
  public Encapsulation encapsulate(byte[] publicKey, SecureRandom random) {
    throw new UnsupportedOperationException("this test only receives");
  }
}
