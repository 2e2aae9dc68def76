package io.postern.mls.tree;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.crypto.Signing;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * {@code struct LeafNode}: one client's place in the tree. Immutable; keeps its exact octets. RFC
 * 9420 §7.2.
 */
public final class LeafNode implements TlsStruct {
  private static final String LABEL = "LeafNodeTBS";

  private final byte[] encryptionKey;
  private final byte[] signatureKey;
  private final Credential credential;
  private final Capabilities capabilities;
  private final LeafNodeSource source;
  private final Extensions extensions;
  private final byte[] signature;
  private final byte[] octets;
  private final int unsignedLength;

  private LeafNode(TlsReader in) throws WireException {
    int start = in.position();
    encryptionKey = in.opaque("encryption_key");
    signatureKey = in.opaque("signature_key");
    credential = Credential.read(in);
    capabilities = Capabilities.read(in);
    source = LeafNodeSource.read(in);
    extensions = Extensions.read(in);
    unsignedLength = in.position() - start;
    signature = in.opaque("signature");
    octets = in.since(start);
  }

  /** Reads the struct; its signature is not checked here. */
  public static LeafNode read(TlsReader in) throws WireException {
    return new LeafNode(in);
  }

  /** A leaf for a key package, or for the creator of a group. Signed without group and place. */
  public static LeafNode forKeyPackage(
      CipherSuite suite,
      SignatureKeyPair signer,
      byte[] encryptionKey,
      Credential credential,
      Capabilities capabilities,
      Lifetime lifetime,
      Extensions extensions) {
    TlsWriter unsigned =
        unsigned(
            encryptionKey,
            signer.publicKey(),
            credential,
            capabilities,
            new LeafNodeSource.InKeyPackage(lifetime),
            extensions);
    return sign(suite, signer, unsigned.toOctets(), new byte[0]);
  }

  /**
   * This leaf with a new encryption key and source, all else unchanged, signed for its place in the
   * group.
   */
  public LeafNode renewed(
      CipherSuite suite,
      SignatureKeyPair signer,
      byte[] newEncryptionKey,
      LeafNodeSource newSource,
      byte[] groupId,
      LeafIndex index) {
    TlsWriter unsigned =
        unsigned(
            newEncryptionKey, signer.publicKey(), credential, capabilities, newSource, extensions);
    return sign(suite, signer, unsigned.toOctets(), place(newSource, groupId, index));
  }

  private static TlsWriter unsigned(
      byte[] encryptionKey,
      byte[] signatureKey,
      Credential credential,
      Capabilities capabilities,
      LeafNodeSource source,
      Extensions extensions) {
    return new TlsWriter()
        .opaque(encryptionKey)
        .opaque(signatureKey)
        .struct(credential)
        .struct(capabilities)
        .struct(source)
        .struct(extensions);
  }

  private static LeafNode sign(
      CipherSuite suite, SignatureKeyPair signer, byte[] unsigned, byte[] place) {
    byte[] tbs = new TlsWriter().fixed(unsigned).fixed(place).toOctets();
    byte[] signature = suite.signing().signWithLabel(signer, LABEL, tbs);
    try {
      return read(new TlsReader(new TlsWriter().fixed(unsigned).opaque(signature).toOctets()));
    } catch (WireException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] place(LeafNodeSource source, byte[] groupId, LeafIndex index) {
    return source instanceof LeafNodeSource.InKeyPackage
        ? new byte[0]
        : new TlsWriter().opaque(groupId).struct(index).toOctets();
  }

  /**
   * Whether the signature is the owner's, for that place if the source binds the leaf to one. RFC
   * 9420 §7.2.
   */
  public boolean verifySignature(Signing signing, byte[] groupId, LeafIndex index) {
    byte[] tbs =
        new TlsWriter()
            .fixed(Arrays.copyOf(octets, unsignedLength))
            .fixed(place(source, groupId, index))
            .toOctets();
    return signing.verifyWithLabel(signatureKey, LABEL, tbs, signature);
  }

  /** Whether the signature of a leaf from a key package is its owner's. */
  public boolean verifyKeyPackageSignature(Signing signing) {
    return source instanceof LeafNodeSource.InKeyPackage
        && verifySignature(signing, new byte[0], new LeafIndex(0));
  }

  @Override
  public void write(TlsWriter out) {
    out.fixed(octets);
  }

  /** The HPKE public key under which this leaf is reached. */
  public byte[] encryptionKey() {
    return encryptionKey.clone();
  }

  /** The public key that verifies the member's signatures. */
  public byte[] signatureKey() {
    return signatureKey.clone();
  }

  /** Who the member claims to be. */
  public Credential credential() {
    return credential;
  }

  /** What the member's client can do. */
  public Capabilities capabilities() {
    return capabilities;
  }

  /** Where this leaf came into being. */
  public LeafNodeSource source() {
    return source;
  }

  /** The leaf's extensions. */
  public Extensions extensions() {
    return extensions;
  }

  byte[] encryptionKeyUncopied() {
    return encryptionKey;
  }

  byte[] signatureKeyUncopied() {
    return signatureKey;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LeafNode that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return "LeafNode(" + credential + ")";
  }
}
