package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.time.Instant;

/**
 * One message that waits to become mail for one recipient. The key is installation, message and
 * recipient: a message for two recipients is two lines (design.md §5.1).
 *
 * @param installation ours, that received it
 * @param messageId 64 lower-case hex digits
 * @param recipient whose mail it will be
 * @param sender the peer who wrote it
 * @param sentAt the network's time of the message
 * @param arrivedAt when it was put here
 * @param octets of the message
 */
public record OutboxLine(
    InstallationId installation,
    String messageId,
    Mailbox recipient,
    ConversationId conversation,
    InboxId sender,
    Instant sentAt,
    Instant arrivedAt,
    long octets) {

  /**
   * @throws IllegalArgumentException if the message id is not of its form
   */
  public OutboxLine {
    HexId.requireMessage(messageId);
    recipient = recipient.canonical();
  }

  /** Whether both could stand in one mail, if they are close together. */
  boolean goesWith(OutboxLine other) {
    return installation.equals(other.installation)
        && recipient.equals(other.recipient)
        && conversation.equals(other.conversation)
        && sender.equals(other.sender);
  }
}
