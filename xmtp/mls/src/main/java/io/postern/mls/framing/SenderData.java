package io.postern.mls.framing;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import java.util.Arrays;

/**
 * {@code struct SenderData}: which member's key, of which generation, opens a private message. RFC
 * 9420 §6.3.2.
 */
public record SenderData(LeafIndex leaf, long generation, byte[] reuseGuard) implements TlsStruct {
  /** Octets of a reuse guard. */
  public static final int REUSE_GUARD_LENGTH = 4;

  /** Copies the guard. */
  public SenderData {
    reuseGuard = reuseGuard.clone();
    if (reuseGuard.length != REUSE_GUARD_LENGTH) {
      throw new IllegalArgumentException("a reuse guard has 4 octets");
    }
  }

  @Override
  public void write(TlsWriter out) {
    out.struct(leaf).uint32(generation).fixed(reuseGuard);
  }

  @Override
  public byte[] reuseGuard() {
    return reuseGuard.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SenderData that
        && leaf.equals(that.leaf)
        && generation == that.generation
        && Arrays.equals(reuseGuard, that.reuseGuard);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(reuseGuard);
  }

  byte[] seal(CipherSuite suite, Secret senderDataSecret, byte[] ciphertext, byte[] aad) {
    Secret key = key(suite, senderDataSecret, ciphertext);
    byte[] sealed =
        suite.aead().seal(key, nonce(suite, senderDataSecret, ciphertext), aad, toOctets());
    key.erase();
    return sealed;
  }

  static SenderData open(
      CipherSuite suite, Secret senderDataSecret, byte[] ciphertext, byte[] aad, byte[] sealed)
      throws MlsException {
    Secret key = key(suite, senderDataSecret, ciphertext);
    byte[] opened = suite.aead().open(key, nonce(suite, senderDataSecret, ciphertext), aad, sealed);
    key.erase();
    TlsReader in = new TlsReader(opened);
    SenderData data =
        new SenderData(
            LeafIndex.read(in, "leaf_index"),
            in.uint32("generation"),
            in.fixed(REUSE_GUARD_LENGTH, "reuse_guard"));
    in.end("SenderData");
    return data;
  }

  static Secret key(CipherSuite suite, Secret senderDataSecret, byte[] ciphertext) {
    return suite
        .kdf()
        .expandWithLabel(
            senderDataSecret, "key", sample(suite, ciphertext), suite.aead().keyLength());
  }

  static byte[] nonce(CipherSuite suite, Secret senderDataSecret, byte[] ciphertext) {
    return suite
        .kdf()
        .expandWithLabel(senderDataSecret, "nonce", sample(suite, ciphertext), Aead.NONCE_LENGTH)
        .toOctets();
  }

  private static byte[] sample(CipherSuite suite, byte[] ciphertext) {
    return Arrays.copyOf(ciphertext, Math.min(ciphertext.length, suite.kdf().hashLength()));
  }
}
