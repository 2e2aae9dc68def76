package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The private key of an installation, which never changes while the installation lives and never
 * leaves it. Here it signs identity updates and public texts, with Ed25519ph; as an MLS signature
 * key it signs pure Ed25519. RFC 8032 §5.1.
 */
public final class InstallationKey {
  private static final int SEED_LENGTH = 32;

  private final Secret seed;
  private final InstallationId id;

  private InstallationKey(Secret seed) {
    this.seed = seed;
    var octets = seed.toOctets();
    try {
      this.id = InstallationId.of(Ed25519ph.publicKey(octets));
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** A new key. */
  public static InstallationKey generate(SecureRandom random) {
    return new InstallationKey(Secret.random(SEED_LENGTH, random));
  }

  /**
   * The key with this RFC 8032 seed, which it takes over.
   *
   * @throws IllegalArgumentException unless there are 32 octets
   */
  public static InstallationKey of(Secret seed) {
    if (seed.length() != SEED_LENGTH) {
      throw new IllegalArgumentException("an Ed25519 seed has 32 octets, not " + seed.length());
    }
    return new InstallationKey(seed);
  }

  /** The public key, which names the installation. */
  public InstallationId id() {
    return id;
  }

  /** A copy of the seed, for MLS and for the vault; whoever asks erases it. */
  public Secret seed() {
    return seed.copy();
  }

  /** Signs an identity update. */
  public InstallationSignature sign(SignatureText text) {
    return new InstallationSignature(sign(Ed25519ph.IDENTITY_UPDATE, text.octets()), id.key());
  }

  /** Signs a text for anybody to check: 64 octets that can never pass under an identity update. */
  public byte[] signPublicly(String text) {
    return sign(Ed25519ph.PUBLIC, text.getBytes(StandardCharsets.UTF_8)).toByteArray();
  }

  /** Whether this installation signed the text with {@link #signPublicly}. */
  public static boolean isSignedPublicly(
      String text, byte[] signature, InstallationId installation) {
    return signature.length == Ed25519ph.SIGNATURE_LENGTH
        && Ed25519ph.verify(
            installation.octets(),
            Ed25519ph.PUBLIC,
            text.getBytes(StandardCharsets.UTF_8),
            signature);
  }

  /** Wipes the key; it can sign no more. */
  public void erase() {
    seed.erase();
  }

  private ByteString sign(byte[] context, byte[] message) {
    var octets = seed.toOctets();
    try {
      return ByteString.copyFrom(Ed25519ph.sign(octets, context, message));
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "InstallationKey(" + id + ")";
  }
}
