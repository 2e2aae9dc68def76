package io.postern.mapping;

import io.postern.mail.DeliveryReport;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;

/**
 * The plain words in which a peer learns what became of a message of theirs. They answer that
 * message in its conversation, once. spec/content-types.md §10.11.
 *
 * <p>What a far server said is a stranger's text: it stays on its line and is cut.
 */
public final class NoticeText {
  private static final int MAX_DIAGNOSTIC = 300;

  private NoticeText() {}

  /**
   * The message will not arrive.
   *
   * @param failed the peer's message
   * @param author the peer
   * @param address where it was to go, as the peer knows it
   * @param diagnostic what was said there; may be empty
   */
  public static Reply undelivered(
      MessageId failed, InboxId author, Mailbox address, String diagnostic) {
    return answer(failed, author, undelivered(address, diagnostic));
  }

  /** The words of {@link #undelivered(MessageId, InboxId, Mailbox, String)}. */
  public static String undelivered(Mailbox address, String diagnostic) {
    return withReason("Could not deliver this message to " + address, diagnostic);
  }

  /** The message has not arrived for a day, and may yet. Parameters as for a failure. */
  public static Reply delayed(
      MessageId waiting, InboxId author, Mailbox address, String diagnostic) {
    return answer(waiting, author, delayed(address, diagnostic));
  }

  /** The words of {@link #delayed(MessageId, InboxId, Mailbox, String)}. */
  public static String delayed(Mailbox address, String diagnostic) {
    return withReason("Still trying to deliver this message to " + address, diagnostic);
  }

  /** What a report says about one recipient: the far server's words, else the status alone. */
  public static String diagnostic(DeliveryReport.RecipientStatus status) {
    return status.diagnostic().isBlank() ? status.status() : status.diagnostic();
  }

  private static Reply answer(MessageId message, InboxId author, String words) {
    return Reply.to(message, author.value(), new Text(words));
  }

  private static String withReason(String what, String diagnostic) {
    var reason = OneLine.of(diagnostic, MAX_DIAGNOSTIC);
    return reason.isEmpty() ? what : what + ": " + reason;
  }
}
