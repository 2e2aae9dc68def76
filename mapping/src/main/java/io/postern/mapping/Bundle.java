package io.postern.mapping;

import io.postern.mail.Envelope;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.time.Instant;
import java.util.List;

/**
 * A mail made from messages, whose octets are final: a retry sends these, never others. design.md
 * §5.2.
 *
 * @param id ours, of this database
 * @param octets none, once it was delivered, refused or withheld
 * @param installation ours, that received the messages
 * @param sender the peer who wrote them
 * @param envelope with the one recipient
 * @param messageIds the messages inside, in their order
 * @param attempts how often it was tried
 * @param nextTry not to be tried before
 * @param lastStatus of the last try, RFC 3463; empty before the first
 * @param lastWords what was said then
 */
public record Bundle(
    long id,
    InstallationId installation,
    ConversationId conversation,
    InboxId sender,
    Envelope envelope,
    MailId mailId,
    byte[] octets,
    List<String> messageIds,
    OutboxState state,
    int attempts,
    Instant nextTry,
    String lastStatus,
    String lastWords,
    Instant closedAt) {

  public Bundle {
    octets = octets.clone();
    messageIds = List.copyOf(messageIds);
  }

  /** A copy of the mail as it is sent. */
  @Override
  public byte[] octets() {
    return octets.clone();
  }

  /** Whose mail it is. */
  public Mailbox recipient() {
    return envelope.forwardPaths().get(0);
  }

  /** For logs: without octets and words. */
  @Override
  public String toString() {
    return "bundle=" + id + " mail=" + mailId + " state=" + state + " attempts=" + attempts;
  }
}
