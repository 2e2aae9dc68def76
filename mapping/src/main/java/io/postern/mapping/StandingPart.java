package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A part of a mail for one recipient that was committed ({@link Translation}), without its octets.
 *
 * @param spoolId of the mail
 * @param recipient of the envelope
 * @param part from 0
 * @param groupId the group that it is published into; 32 hex digits
 * @param messageId 64 hex digits
 * @param publishedAt when the network took it; empty until then
 */
public record StandingPart(
    String spoolId,
    Mailbox recipient,
    int part,
    String groupId,
    String messageId,
    Optional<Instant> publishedAt) {
  public StandingPart {
    Objects.requireNonNull(spoolId, "spoolId");
    Objects.requireNonNull(recipient, "recipient");
    Objects.requireNonNull(groupId, "groupId");
    Objects.requireNonNull(messageId, "messageId");
    Objects.requireNonNull(publishedAt, "publishedAt");
  }
}
