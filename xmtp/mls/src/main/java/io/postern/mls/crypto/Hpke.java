package io.postern.mls.crypto;

import io.postern.mls.MlsException;
import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.bouncycastle.util.Arrays;

/**
 * Hybrid public key encryption in base mode, RFC 9180, over any {@link Kem}.
 *
 * <pre>
 *   shared_secret ──Extract──► secret ──Expand──► key, base_nonce
 *                                ▲
 *              key_schedule_context(info)          nonce(n) = base_nonce XOR n
 * </pre>
 */
public final class Hpke {
  private static final byte[] EMPTY = {};
  private static final byte MODE_BASE = 0;

  private final Kem kem;
  private final Aead aead;
  private final LabeledHkdf hkdf;

  /** The combination of the three parts. */
  public Hpke(Kem kem, Kdf kdf, Aead aead) {
    this.kem = kem;
    this.aead = aead;
    byte[] name = "HPKE".getBytes(StandardCharsets.US_ASCII);
    this.hkdf =
        new LabeledHkdf(
            kdf,
            new TlsWriter()
                .fixed(name)
                .uint16(kem.id())
                .uint16(kdf.id())
                .uint16(aead.id())
                .toOctets());
  }

  /** The key encapsulation below. */
  public Kem kem() {
    return kem;
  }

  /** {@code info} hashed once, for many uses: it may be large, such as the tree in a welcome. */
  public Info info(byte[] info) {
    return new Info(
        Arrays.concatenate(
            new byte[] {MODE_BASE},
            hkdf.extract(EMPTY, "psk_id_hash", EMPTY),
            hkdf.extract(EMPTY, "info_hash", info)));
  }

  /** {@code SetupBaseS}: a context that seals to the holder of {@code publicKey}. */
  public Sender sender(byte[] publicKey, byte[] info, SecureRandom random) throws MlsException {
    return sender(publicKey, info(info), random);
  }

  /** The same with an info that was hashed before. */
  public Sender sender(byte[] publicKey, Info info, SecureRandom random) throws MlsException {
    Kem.Encapsulation encapsulation = kem.encapsulate(publicKey, random);
    return new Sender(encapsulation.encapsulated(), schedule(encapsulation.sharedSecret(), info));
  }

  /** {@code SetupBaseR}: a context that opens what the sender of {@code encapsulated} sealed. */
  public Recipient recipient(byte[] encapsulated, Secret privateKey, byte[] info)
      throws MlsException {
    return new Recipient(schedule(kem.decapsulate(encapsulated, privateKey), info(info)));
  }

  /** Single-shot {@code SealBase}. */
  public HpkeCiphertext seal(
      byte[] publicKey, byte[] info, byte[] aad, byte[] plaintext, SecureRandom random)
      throws MlsException {
    return seal(publicKey, info(info), aad, plaintext, random);
  }

  /** The same with an info that was hashed before. */
  public HpkeCiphertext seal(
      byte[] publicKey, Info info, byte[] aad, byte[] plaintext, SecureRandom random)
      throws MlsException {
    try (Sender sender = sender(publicKey, info, random)) {
      return new HpkeCiphertext(sender.encapsulated(), sender.seal(aad, plaintext));
    }
  }

  /** Single-shot {@code OpenBase}. */
  public byte[] open(HpkeCiphertext sealed, Secret privateKey, byte[] info, byte[] aad)
      throws MlsException {
    try (Recipient recipient = recipient(sealed.kemOutput(), privateKey, info)) {
      return recipient.open(aad, sealed.ciphertext());
    }
  }

  /** {@code EncryptWithLabel}. RFC 9420 §5.1.3. */
  public HpkeCiphertext encryptWithLabel(
      byte[] publicKey, String label, byte[] context, byte[] plaintext, SecureRandom random)
      throws MlsException {
    return seal(publicKey, encryptContext(label, context), EMPTY, plaintext, random);
  }

  /** {@code EncryptWithLabel} of one label and context to many keys: the info that they share. */
  public Info labelled(String label, byte[] context) {
    return info(encryptContext(label, context));
  }

  /** {@code EncryptWithLabel} with what {@link #labelled} prepared. */
  public HpkeCiphertext encryptWithLabel(
      byte[] publicKey, Info labelled, byte[] plaintext, SecureRandom random) throws MlsException {
    return seal(publicKey, labelled, EMPTY, plaintext, random);
  }

  /** {@code DecryptWithLabel}. RFC 9420 §5.1.3. */
  public byte[] decryptWithLabel(
      Secret privateKey, String label, byte[] context, HpkeCiphertext sealed) throws MlsException {
    return open(sealed, privateKey, encryptContext(label, context), EMPTY);
  }

  /** {@code struct EncryptContext}: the {@code info} of {@link #encryptWithLabel}. */
  public static byte[] encryptContext(String label, byte[] context) {
    byte[] fullLabel = ("MLS 1.0 " + label).getBytes(StandardCharsets.US_ASCII);
    return new TlsWriter().opaque(fullLabel).opaque(context).toOctets();
  }

  private Keys schedule(Secret sharedSecret, Info info) {
    byte[] context = info.keyScheduleContext;
    byte[] secret = hkdf.extract(sharedSecret.raw(), "secret", EMPTY);
    sharedSecret.erase();
    Keys keys =
        new Keys(
            aead,
            Secret.take(hkdf.expand(secret, "key", context, aead.keyLength())),
            hkdf.expand(secret, "base_nonce", context, Aead.NONCE_LENGTH));
    Arrays.fill(secret, (byte) 0);
    return keys;
  }

  /** {@code key_schedule_context} of RFC 9180 §5.1 for one info. */
  public static final class Info {
    private final byte[] keyScheduleContext;

    private Info(byte[] keyScheduleContext) {
      this.keyScheduleContext = keyScheduleContext;
    }
  }

  private static final class Keys {
    private final Aead aead;
    private final Secret key;
    private final byte[] baseNonce;
    private long sequence;

    Keys(Aead aead, Secret key, byte[] baseNonce) {
      this.aead = aead;
      this.key = key;
      this.baseNonce = baseNonce;
    }

    byte[] nonce() {
      byte[] nonce = baseNonce.clone();
      for (int i = 0; i < Long.BYTES; i++) {
        nonce[nonce.length - 1 - i] ^= (byte) (sequence >>> 8 * i);
      }
      return nonce;
    }
  }

  /** The sealing end. Each seal uses the next sequence number. Not for several threads. */
  public static final class Sender implements AutoCloseable {
    private final byte[] encapsulated;
    private final Keys keys;

    private Sender(byte[] encapsulated, Keys keys) {
      this.encapsulated = encapsulated;
      this.keys = keys;
    }

    /** {@code enc}, to be sent along. */
    public byte[] encapsulated() {
      return encapsulated.clone();
    }

    /** Seals with the next sequence number. */
    public byte[] seal(byte[] aad, byte[] plaintext) {
      byte[] sealed = keys.aead.seal(keys.key, keys.nonce(), aad, plaintext);
      keys.sequence++;
      return sealed;
    }

    /** Erases the key. */
    @Override
    public void close() {
      keys.key.erase();
    }
  }

  /**
   * The opening end. Each successful open uses the next sequence number. Not for several threads.
   */
  public static final class Recipient implements AutoCloseable {
    private final Keys keys;

    private Recipient(Keys keys) {
      this.keys = keys;
    }

    /**
     * Opens with the next sequence number, which is spent only on success.
     *
     * @throws MlsException {@code UNDECRYPTABLE} if key, order or associated data do not match
     */
    public byte[] open(byte[] aad, byte[] ciphertext) throws MlsException {
      byte[] opened = keys.aead.open(keys.key, keys.nonce(), aad, ciphertext);
      keys.sequence++;
      return opened;
    }

    /** Erases the key. */
    @Override
    public void close() {
      keys.key.erase();
    }
  }
}
