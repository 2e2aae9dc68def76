package io.postern.mls.tree;

import io.postern.mls.crypto.Kdf;
import io.postern.mls.wire.TlsWriter;

/** {@code struct TreeHashInput}, hashed. RFC 9420 §7.8. */
final class TreeHash {
  private TreeHash() {}

  static byte[] ofLeaf(Kdf kdf, LeafIndex index, LeafNode leafOrNull) {
    TlsWriter input = new TlsWriter().uint8(1).struct(index).present(leafOrNull != null);
    if (leafOrNull != null) {
      input.struct(leafOrNull);
    }
    return kdf.hash(input.toOctets());
  }

  static byte[] ofParent(Kdf kdf, ParentNode parentOrNull, byte[] leftHash, byte[] rightHash) {
    TlsWriter input = new TlsWriter().uint8(2).present(parentOrNull != null);
    if (parentOrNull != null) {
      input.struct(parentOrNull);
    }
    return kdf.hash(input.opaque(leftHash).opaque(rightHash).toOctets());
  }
}
