package io.postern.mls.group;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;

/**
 * A group joined by a welcome, and the member that signed the welcome's GroupInfo: who added us.
 */
public record JoinedGroup(MlsGroup group, LeafIndex adder, LeafNode adderLeaf) {}
