package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Kem;
import io.postern.mls.crypto.Secret;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.agreement.X25519Agreement;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/**
 * X-Wing of draft-connolly-cfrg-xwing-kem-06: ML-KEM-768 and X25519 in one, under the KEM id 0x004D
 * that XMTP keeps although another was registered since.
 *
 * <pre>
 *   seed 32 --SHAKE256--> d, z (ML-KEM-768) | x (X25519)
 *   public key = ML-KEM encapsulation key 1184 | X25519 key 32
 *   enc        = ML-KEM ciphertext 1088        | ephemeral X25519 key 32
 *   secret     = SHA3-256(ss_M | ss_X | ct_X | pk_X | label)
 * </pre>
 */
public final class XWing implements Kem {
  /** Octets of a public key. */
  public static final int PUBLIC_KEY_LENGTH = 1216;

  /** Octets of a private key, a seed. */
  public static final int SEED_LENGTH = 32;

  private static final int ID = 0x004D;
  private static final int MLKEM_PUBLIC = 1184;
  private static final int MLKEM_CIPHERTEXT = 1088;
  private static final int MLKEM_SEED = 64;
  private static final int X25519_LENGTH = 32;
  private static final byte[] LABEL = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};

  @Override
  public int id() {
    return ID;
  }

  @Override
  public int publicKeyLength() {
    return PUBLIC_KEY_LENGTH;
  }

  @Override
  public HpkeKeyPair generateKeyPair(SecureRandom random) {
    return pair(Secret.random(SEED_LENGTH, random));
  }

  /** The pair that SHAKE256 of the input keying material gives. */
  @Override
  public HpkeKeyPair deriveKeyPair(Secret ikm) {
    var octets = ikm.toOctets();
    var seed = shake(octets, SEED_LENGTH);
    Arrays.fill(octets, (byte) 0);
    return pair(Secret.take(seed));
  }

  private HpkeKeyPair pair(Secret seed) {
    return new HpkeKeyPair(seed, Expanded.of(seed).publicKey());
  }

  @Override
  public byte[] publicKey(Secret seed) {
    return Expanded.of(seed).publicKey();
  }

  @Override
  public Encapsulation encapsulate(byte[] publicKey, SecureRandom random) throws MlsException {
    if (publicKey.length != PUBLIC_KEY_LENGTH) {
      throw malformed("an X-Wing key has 1216 octets, not " + publicKey.length);
    }
    var remoteX = Arrays.copyOfRange(publicKey, MLKEM_PUBLIC, PUBLIC_KEY_LENGTH);
    try {
      var lattice =
          new MLKEMGenerator(random)
              .generateEncapsulated(
                  new MLKEMPublicKeyParameters(
                      MLKEMParameters.ml_kem_768, Arrays.copyOf(publicKey, MLKEM_PUBLIC)));
      var ephemeral = new X25519PrivateKeyParameters(random);
      var ephemeralPublic = ephemeral.generatePublicKey().getEncoded();
      var curve = agree(ephemeral, remoteX);
      var shared = combine(lattice.getSecret(), curve, ephemeralPublic, remoteX);
      var enc = Arrays.copyOf(lattice.getEncapsulation(), MLKEM_CIPHERTEXT + X25519_LENGTH);
      System.arraycopy(ephemeralPublic, 0, enc, MLKEM_CIPHERTEXT, X25519_LENGTH);
      return new Encapsulation(shared, enc);
    } catch (IllegalArgumentException | IllegalStateException unusable) {
      throw malformed("not an X-Wing public key");
    }
  }

  @Override
  public Secret decapsulate(byte[] enc, Secret seed) throws MlsException {
    if (enc.length != MLKEM_CIPHERTEXT + X25519_LENGTH) {
      throw malformed("an X-Wing encapsulation has 1120 octets, not " + enc.length);
    }
    var keys = Expanded.of(seed);
    var ephemeralPublic = Arrays.copyOfRange(enc, MLKEM_CIPHERTEXT, enc.length);
    try {
      var lattice =
          new MLKEMExtractor(keys.lattice()).extractSecret(Arrays.copyOf(enc, MLKEM_CIPHERTEXT));
      var curve = agree(keys.curve(), ephemeralPublic);
      var publicX = keys.curve().generatePublicKey().getEncoded();
      return combine(lattice, curve, ephemeralPublic, publicX);
    } catch (IllegalArgumentException | IllegalStateException unusable) {
      throw malformed("not an X-Wing encapsulation");
    }
  }

  private static byte[] agree(X25519PrivateKeyParameters ours, byte[] theirs) {
    var agreement = new X25519Agreement();
    agreement.init(ours);
    var shared = new byte[X25519_LENGTH];
    agreement.calculateAgreement(new X25519PublicKeyParameters(theirs), shared, 0);
    return shared;
  }

  private static Secret combine(byte[] lattice, byte[] curve, byte[] ciphertextX, byte[] publicX) {
    var digest = new SHA3Digest(256);
    for (var part : new byte[][] {lattice, curve, ciphertextX, publicX, LABEL}) {
      digest.update(part, 0, part.length);
    }
    var shared = new byte[digest.getDigestSize()];
    digest.doFinal(shared, 0);
    Arrays.fill(lattice, (byte) 0);
    Arrays.fill(curve, (byte) 0);
    return Secret.take(shared);
  }

  private static byte[] shake(byte[] octets, int length) {
    var digest = new SHAKEDigest(256);
    digest.update(octets, 0, octets.length);
    var out = new byte[length];
    digest.doFinal(out, 0, length);
    return out;
  }

  private static MlsException malformed(String what) {
    return new MlsException(MlsException.Failure.MALFORMED, what);
  }

  private record Expanded(MLKEMPrivateKeyParameters lattice, X25519PrivateKeyParameters curve) {
    static Expanded of(Secret seed) {
      var octets = seed.toOctets();
      var expanded = shake(octets, MLKEM_SEED + X25519_LENGTH);
      var keys =
          new Expanded(
              new MLKEMPrivateKeyParameters(
                  MLKEMParameters.ml_kem_768, Arrays.copyOf(expanded, MLKEM_SEED)),
              new X25519PrivateKeyParameters(expanded, MLKEM_SEED));
      Arrays.fill(octets, (byte) 0);
      Arrays.fill(expanded, (byte) 0);
      return keys;
    }

    byte[] publicKey() {
      var octets = Arrays.copyOf(lattice.getPublicKey(), PUBLIC_KEY_LENGTH);
      System.arraycopy(
          curve.generatePublicKey().getEncoded(), 0, octets, MLKEM_PUBLIC, X25519_LENGTH);
      return octets;
    }
  }
}
