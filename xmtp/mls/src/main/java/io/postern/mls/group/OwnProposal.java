package io.postern.mls.group;

import io.postern.mls.crypto.HashReference;

/**
 * A standalone proposal of our own: the {@code MLSMessage} to send, and the name by which a commit
 * may call it.
 */
public record OwnProposal(byte[] octets, HashReference reference) {}
