package io.postern.mapping;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.time.Instant;
import java.util.Objects;

/**
 * A mail that a peer has asked for as it came, and has not got yet.
 *
 * @param installation ours, to which the command was said
 * @param messageId of the command, 64 lower-case hex digits
 * @param groupId of the group in which it was said, 32 lower-case hex digits
 * @param conversation in which the mail may be asked for
 * @param peer who asks
 * @param spoolId of the mail
 */
public record AskedMail(
    InstallationId installation,
    String messageId,
    String groupId,
    ConversationId conversation,
    InboxId peer,
    String spoolId,
    Instant askedAt) {
  /**
   * @throws IllegalArgumentException if an id is not of its form
   */
  public AskedMail {
    Objects.requireNonNull(installation, "installation");
    HexId.requireMessage(messageId);
    HexId.requireGroup(groupId);
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(spoolId, "spoolId");
    Objects.requireNonNull(askedAt, "askedAt");
  }
}
