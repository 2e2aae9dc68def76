package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.Optional;

/**
 * What one part of a mail became for one recipient: the content as it is published, however often
 * that is tried. design.md §4.6.
 *
 * @param spoolId of the mail
 * @param recipient of the envelope
 * @param part from 0
 * @param groupId the group that it is published into; 32 hex digits
 * @param messageId that follows from group, key and octets; 64 hex digits
 * @param octets the EncodedContent, exactly as it travels
 * @param publishedAt when the network took it; empty until then
 */
public record Translation(
    String spoolId,
    Mailbox recipient,
    int part,
    IdempotencyKey key,
    String groupId,
    String messageId,
    byte[] octets,
    Optional<Instant> publishedAt) {

  /**
   * @throws IllegalArgumentException if an id is not of its form, or the part is negative
   */
  public Translation {
    recipient = recipient.canonical();
    HexId.requireGroup(groupId);
    HexId.requireMessage(messageId);
    if (part < 0) {
      throw new IllegalArgumentException("parts are counted from 0");
    }
    octets = octets.clone();
  }

  /** A copy of the EncodedContent. */
  @Override
  public byte[] octets() {
    return octets.clone();
  }

  /** For logs: without the octets. */
  @Override
  public String toString() {
    return "spool=" + spoolId + " mailbox=" + recipient + " part=" + part + " message=" + messageId;
  }
}
