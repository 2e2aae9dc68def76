package io.postern.mls.group;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;

/**
 * A decrypted application message whose signature was verified.
 *
 * @param sender the author's place
 * @param senderLeaf the author's leaf in the message's epoch, which may be past
 * @param authenticatedData what travelled in the clear
 * @param content the application's octets
 * @param epoch the message's epoch
 * @param generation the author's count of messages in that epoch, from 0
 */
public record ApplicationMessage(
    LeafIndex sender,
    LeafNode senderLeaf,
    byte[] authenticatedData,
    byte[] content,
    long epoch,
    long generation) {}
