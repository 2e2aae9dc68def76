package io.postern.mls.group;

import io.postern.mls.tree.RatchetTree;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * Which key packages a commit may add to a group without bringing an HPKE key that is somebody
 * else's already: a node's, or of another package that was taken before. One such package would
 * spoil the commit, or the welcome for everybody in it.
 */
public final class FreeKeys {
  private final Set<ByteBuffer> used = new HashSet<>();

  FreeKeys(RatchetTree tree) {
    for (int node = 0; node < tree.nodeCount(); node++) {
      tree.findEncryptionKey(node).ifPresent(key -> used.add(ByteBuffer.wrap(key)));
    }
  }

  /** Whether both keys are free; they are taken from now on. */
  public boolean take(KeyPackage keyPackage) {
    ByteBuffer leafKey = ByteBuffer.wrap(keyPackage.leaf().encryptionKey());
    ByteBuffer initKey = ByteBuffer.wrap(keyPackage.initKey());
    if (used.contains(leafKey) || used.contains(initKey) || leafKey.equals(initKey)) {
      return false;
    }
    used.add(leafKey);
    used.add(initKey);
    return true;
  }
}
