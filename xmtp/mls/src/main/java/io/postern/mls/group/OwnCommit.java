package io.postern.mls.group;

import java.util.Optional;

/**
 * A commit of our own, not yet in force.
 *
 * @param octets the {@code MLSMessage} to send to the group
 * @param welcome the {@code MLSMessage} to send to all whom it adds, once the commit is accepted;
 *     empty if it adds nobody
 * @param staged what to merge once the commit is accepted, or to drop if another was
 */
public record OwnCommit(byte[] octets, Optional<byte[]> welcome, StagedCommit staged) {}
