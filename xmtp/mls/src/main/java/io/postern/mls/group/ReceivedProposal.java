package io.postern.mls.group;

import io.postern.mls.crypto.HashReference;
import io.postern.mls.tree.LeafIndex;

/**
 * A standalone proposal that a member sent in the current epoch, and the name by which a commit may
 * call it.
 */
public record ReceivedProposal(HashReference reference, Proposal proposal, LeafIndex sender) {}
