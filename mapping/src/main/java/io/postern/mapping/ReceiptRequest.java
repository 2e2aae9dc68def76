package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A mail that became messages, and whose author asks to be told when it is displayed. RFC 8098
 * §2.1.
 *
 * @param spoolId of the mail
 * @param recipient the peer's address, to which it was sent
 * @param conversation of its author and the peer
 * @param returnPath where the receipt goes
 * @param mailId of the mail; empty if it has none
 * @param messageId the last message that it became
 * @param at when it became that
 */
public record ReceiptRequest(
    String spoolId,
    Mailbox recipient,
    ConversationId conversation,
    Mailbox returnPath,
    Optional<MailId> mailId,
    String messageId,
    Instant at) {
  public ReceiptRequest {
    Objects.requireNonNull(spoolId, "spoolId");
    Objects.requireNonNull(recipient, "recipient");
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(returnPath, "returnPath");
    Objects.requireNonNull(mailId, "mailId");
    Objects.requireNonNull(messageId, "messageId");
    Objects.requireNonNull(at, "at");
  }
}
