package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.time.Instant;
import java.util.Arrays;

/**
 * {@code struct KeyPackage}: an invitation to be added to groups. What came off the wire; only
 * {@link #verify} makes it trustworthy. Immutable; keeps its exact octets. RFC 9420 §10.
 */
public final class KeyPackage implements TlsStruct {
  static final String LABEL = "KeyPackageTBS";

  private final int version;
  private final int cipherSuite;
  private final byte[] initKey;
  private final LeafNode leaf;
  private final Extensions extensions;
  private final byte[] signature;
  private final byte[] octets;
  private final int unsignedLength;

  private KeyPackage(TlsReader in) throws WireException {
    int start = in.position();
    version = in.uint16("version");
    cipherSuite = in.uint16("cipher_suite");
    initKey = in.opaque("init_key");
    leaf = LeafNode.read(in);
    extensions = Extensions.read(in);
    unsignedLength = in.position() - start;
    signature = in.opaque("signature");
    octets = in.since(start);
  }

  /** Reads a bare key package, and nothing after it. */
  public static KeyPackage read(byte[] octets) throws WireException {
    TlsReader in = new TlsReader(octets);
    KeyPackage keyPackage = read(in);
    in.end("KeyPackage");
    return keyPackage;
  }

  /** Reads the struct. */
  public static KeyPackage read(TlsReader in) throws WireException {
    return new KeyPackage(in);
  }

  /** Makes one around a leaf that is signed already. RFC 9420 §10. */
  public static KeyPackage sign(
      CipherSuite suite,
      SignatureKeyPair signer,
      byte[] initKey,
      LeafNode leaf,
      Extensions extensions) {
    byte[] unsigned =
        new TlsWriter()
            .uint16(GroupContext.MLS10)
            .uint16(suite.id())
            .opaque(initKey)
            .struct(leaf)
            .struct(extensions)
            .toOctets();
    byte[] signature = suite.signing().signWithLabel(signer, LABEL, unsigned);
    try {
      return read(new TlsWriter().fixed(unsigned).opaque(signature).toOctets());
    } catch (WireException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Checks everything that can be checked without a group.
   *
   * @throws MlsException {@code INVALID_KEY_PACKAGE} or {@code BAD_SIGNATURE}, naming the rule
   */
  public VerifiedKeyPackage verify(Instant now) throws MlsException {
    return VerifiedKeyPackage.verify(this, now);
  }

  /** The name under which a welcome refers to this key package. RFC 9420 §5.2. */
  public HashReference reference(CipherSuite suite) {
    return HashReference.ofKeyPackage(suite.kdf(), octets);
  }

  @Override
  public void write(TlsWriter out) {
    out.fixed(octets);
  }

  @Override
  public byte[] toOctets() {
    return octets.clone();
  }

  byte[] toBeSigned() {
    return Arrays.copyOf(octets, unsignedLength);
  }

  byte[] signature() {
    return signature.clone();
  }

  /** The protocol version. */
  public int version() {
    return version;
  }

  /** The number of the cipher suite. */
  public int cipherSuite() {
    return cipherSuite;
  }

  /** The key under which a welcome is encrypted. */
  public byte[] initKey() {
    return initKey.clone();
  }

  /** The leaf that the client will have. */
  public LeafNode leaf() {
    return leaf;
  }

  /** The key package's own extensions; the leaf's are others. */
  public Extensions extensions() {
    return extensions;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyPackage that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return "KeyPackage(" + leaf.credential() + ")";
  }
}
