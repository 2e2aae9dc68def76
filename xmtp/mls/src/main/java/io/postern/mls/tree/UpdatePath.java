package io.postern.mls.tree;

import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code struct UpdatePath}: the committer's new leaf, and new keys for the nodes above it, lowest
 * first. RFC 9420 §7.6.
 */
public record UpdatePath(LeafNode leaf, List<Node> nodes) implements TlsStruct {
  /** Copies the list. */
  public UpdatePath {
    nodes = List.copyOf(nodes);
  }

  /**
   * {@code struct UpdatePathNode}: a public key, and its path secret sealed to each key of the
   * resolution off the path.
   */
  public record Node(byte[] encryptionKey, List<HpkeCiphertext> encryptedPathSecrets)
      implements TlsStruct {
    /** Copies its parts. */
    public Node {
      encryptionKey = encryptionKey.clone();
      encryptedPathSecrets = List.copyOf(encryptedPathSecrets);
    }

    static Node read(TlsReader in) throws WireException {
      byte[] encryptionKey = in.opaque("encryption_key");
      TlsReader vector = in.vector("encrypted_path_secret");
      List<HpkeCiphertext> secrets = new ArrayList<>();
      while (vector.hasMore()) {
        secrets.add(HpkeCiphertext.read(vector));
      }
      return new Node(encryptionKey, secrets);
    }

    @Override
    public void write(TlsWriter out) {
      out.opaque(encryptionKey).vector(encryptedPathSecrets);
    }

    @Override
    public byte[] encryptionKey() {
      return encryptionKey.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Node that
          && Arrays.equals(encryptionKey, that.encryptionKey)
          && encryptedPathSecrets.equals(that.encryptedPathSecrets);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(encryptionKey);
    }
  }

  /** Reads the struct. */
  public static UpdatePath read(TlsReader in) throws WireException {
    LeafNode leaf = LeafNode.read(in);
    TlsReader vector = in.vector("nodes");
    List<Node> nodes = new ArrayList<>();
    while (vector.hasMore()) {
      nodes.add(Node.read(vector));
    }
    return new UpdatePath(leaf, nodes);
  }

  @Override
  public void write(TlsWriter out) {
    out.struct(leaf).vector(nodes);
  }
}
