package io.postern.xmtp.network;

import io.postern.xmtp.network.Cursor.Position;

/**
 * One message of a group as the network holds it, still encrypted.
 *
 * @param group whose message it is
 * @param position originator (commit or message) and sequence id
 * @param createdNs when the network took it, Unix nanoseconds
 * @param data the MLSMessage octets
 */
public record GroupEnvelope(GroupId group, Position position, long createdNs, byte[] data) {}
