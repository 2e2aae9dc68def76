package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.List;

/**
 * {@code struct ParentNode}: a key shared by the members below, except the unmerged ones. RFC 9420
 * §7.1.
 */
public final class ParentNode implements TlsStruct {
  private final byte[] encryptionKey;
  private final byte[] parentHash;
  private final UnmergedLeaves unmerged;

  /** Copies its parts; the unmerged leaves must be ascending. */
  public ParentNode(byte[] encryptionKey, byte[] parentHash, List<LeafIndex> unmergedLeaves) {
    this(encryptionKey.clone(), parentHash.clone(), UnmergedLeaves.of(unmergedLeaves));
  }

  private ParentNode(byte[] encryptionKey, byte[] parentHash, UnmergedLeaves unmerged) {
    this.encryptionKey = encryptionKey;
    this.parentHash = parentHash;
    this.unmerged = unmerged;
  }

  /** Reads the struct. */
  public static ParentNode read(TlsReader in) throws WireException {
    return new ParentNode(
        in.opaque("encryption_key"), in.opaque("parent_hash"), UnmergedLeaves.read(in));
  }

  @Override
  public void write(TlsWriter out) {
    out.opaque(encryptionKey).opaque(parentHash).struct(unmerged);
  }

  /** The HPKE public key of the node. */
  public byte[] encryptionKey() {
    return encryptionKey.clone();
  }

  /** The hash that binds this node to those above it. */
  public byte[] parentHash() {
    return parentHash.clone();
  }

  /** Members below that do not hold the private key. */
  public List<LeafIndex> unmergedLeaves() {
    return unmerged.toList();
  }

  byte[] encryptionKeyUncopied() {
    return encryptionKey;
  }

  byte[] parentHashUncopied() {
    return parentHash;
  }

  UnmergedLeaves unmerged() {
    return unmerged;
  }

  ParentNode withUnmerged(int place) {
    return new ParentNode(encryptionKey, parentHash, unmerged.with(place));
  }

  ParentNode without(UnmergedLeaves absent) {
    return new ParentNode(encryptionKey, parentHash, unmerged.without(absent));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParentNode that
        && Arrays.equals(encryptionKey, that.encryptionKey)
        && Arrays.equals(parentHash, that.parentHash)
        && unmerged.equals(that.unmerged);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encryptionKey);
  }
}
