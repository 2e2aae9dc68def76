package io.postern.mls.schedule;

import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/** Key and nonce of one generation; good for one message. RFC 9420 §9.1. */
public final class MessageKey {
  private final long generation;
  private final Secret key;
  private final Secret nonce;

  private MessageKey(long generation, Secret key, Secret nonce) {
    this.generation = generation;
    this.key = key;
    this.nonce = nonce;
  }

  static MessageKey derive(CipherSuite suite, Secret ratchetSecret, long generation) {
    return new MessageKey(
        generation,
        suite.kdf().deriveTreeSecret(ratchetSecret, "key", generation, suite.aead().keyLength()),
        suite.kdf().deriveTreeSecret(ratchetSecret, "nonce", generation, Aead.NONCE_LENGTH));
  }

  static MessageKey read(TlsReader in, CipherSuite suite) throws WireException {
    return new MessageKey(
        in.uint32("generation"),
        Secret.read(in, "key", suite.aead().keyLength()),
        Secret.read(in, "nonce", Aead.NONCE_LENGTH));
  }

  void write(TlsWriter out) {
    out.uint32(generation);
    key.write(out);
    nonce.write(out);
  }

  /** The generation. */
  public long generation() {
    return generation;
  }

  /** The key of the AEAD. */
  public Secret key() {
    return key;
  }

  /** The nonce, which the reuse guard still changes. */
  public Secret nonce() {
    return nonce;
  }

  /** Erases both. */
  public void erase() {
    key.erase();
    nonce.erase();
  }
}
