package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code struct ParentNode}: a key shared by the members below, except the unmerged ones. RFC 9420
 * §7.1.
 */
public final class ParentNode implements TlsStruct {
  private final byte[] encryptionKey;
  private final byte[] parentHash;
  private final List<LeafIndex> unmergedLeaves;

  /** Copies its parts; the order of the unmerged leaves is checked where a tree is checked. */
  public ParentNode(byte[] encryptionKey, byte[] parentHash, List<LeafIndex> unmergedLeaves) {
    this.encryptionKey = encryptionKey.clone();
    this.parentHash = parentHash.clone();
    this.unmergedLeaves = List.copyOf(unmergedLeaves);
  }

  /** Reads the struct. */
  public static ParentNode read(TlsReader in) throws WireException {
    byte[] encryptionKey = in.opaque("encryption_key");
    byte[] parentHash = in.opaque("parent_hash");
    TlsReader vector = in.vector("unmerged_leaves");
    List<LeafIndex> unmerged = new ArrayList<>();
    while (vector.hasMore()) {
      unmerged.add(LeafIndex.read(vector, "unmerged_leaves"));
    }
    return new ParentNode(encryptionKey, parentHash, unmerged);
  }

  @Override
  public void write(TlsWriter out) {
    out.opaque(encryptionKey).opaque(parentHash).vector(unmergedLeaves);
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
    return unmergedLeaves;
  }

  byte[] encryptionKeyUncopied() {
    return encryptionKey;
  }

  byte[] parentHashUncopied() {
    return parentHash;
  }

  ParentNode withUnmerged(LeafIndex leaf) {
    List<LeafIndex> unmerged = new ArrayList<>(unmergedLeaves);
    unmerged.add(leaf);
    unmerged.sort(null);
    return new ParentNode(encryptionKey, parentHash, unmerged);
  }

  ParentNode withoutUnmerged(List<LeafIndex> leaves) {
    return new ParentNode(
        encryptionKey,
        parentHash,
        unmergedLeaves.stream().filter(leaf -> !leaves.contains(leaf)).toList());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParentNode that
        && Arrays.equals(encryptionKey, that.encryptionKey)
        && Arrays.equals(parentHash, that.parentHash)
        && unmergedLeaves.equals(that.unmergedLeaves);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encryptionKey);
  }
}
