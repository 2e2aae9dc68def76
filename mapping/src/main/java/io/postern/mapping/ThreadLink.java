package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One mail and the messages that it carries or that it became, in one conversation.
 * spec/content-types.md §10.3, row "store".
 *
 * @param mailId its Message-ID as written
 * @param originalId what its Message-ID was before a server replaced it
 *     (X-Microsoft-Original-Message-ID)
 * @param groupId the group that the messages stand in; 32 hex digits
 * @param person whose mail it is: the author of a mail from outside, the recipient of one of ours
 * @param peer the inbox at the other end: the recipient resp. the author
 * @param subjectBase the base subject of the thread at this mail, RFC 5256 §2.1; may be empty
 * @param references the References of the mail, from the eldest; of more than nine the last nine
 *     are kept, since no answer will need the others
 * @param messageIds at least one, in their order; the first is the one that answers and reactions
 *     mean
 */
public record ThreadLink(
    MailId mailId,
    Optional<MailId> originalId,
    Direction direction,
    ConversationId conversation,
    String groupId,
    Mailbox person,
    InboxId peer,
    String subjectBase,
    List<MailId> references,
    List<String> messageIds,
    Instant at) {

  /** Which of the two came first. */
  public enum Direction {
    MAIL_TO_XMTP,
    XMTP_TO_MAIL
  }

  /** More parts or lines than this are never one mail. */
  public static final int MAX_MESSAGES = 1000;

  /**
   * @throws IllegalArgumentException if there is no message, or an id is not of its form
   */
  public ThreadLink {
    Objects.requireNonNull(direction, "direction");
    HexId.requireGroup(groupId);
    person = person.canonical();
    int older = Math.max(0, references.size() - ThreadIds.MAX_REFERENCES);
    references = List.copyOf(references.subList(older, references.size()));
    messageIds = List.copyOf(messageIds);
    if (messageIds.isEmpty() || messageIds.size() > MAX_MESSAGES) {
      throw new IllegalArgumentException("a mail carries 1 to " + MAX_MESSAGES + " messages");
    }
    messageIds.forEach(HexId::requireMessage);
  }

  /** The message that answers and reactions to this mail mean. */
  public String primaryMessage() {
    return messageIds.get(0);
  }
}
