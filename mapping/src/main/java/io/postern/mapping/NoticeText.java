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
  /** The words of {@link #requestFailed}. */
  public static final String REQUEST_FAILED = "Could not pass this message on.";

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

  /**
   * The message is not mailed. To a stranger nothing of the person is told, not even their address.
   *
   * @param withheld the peer's message
   */
  public static Reply withheld(MessageId withheld, InboxId author, Matter matter) {
    return answer(
        withheld,
        author,
        switch (matter) {
          case CLOSED ->
              "This message was not passed on: whoever this inbox belongs to reads by mail, and"
                  + " gets only what is written by people to whom they wrote first.";
          case UNANSWERED ->
              "This message was not passed on: your request has not been answered yet, and there"
                  + " is one for each person. What you write before the answer does not arrive"
                  + " later.";
          case LIMIT ->
              "This message was not passed on: there were too many requests today. Write again"
                  + " tomorrow.";
          case SUPPRESSED ->
              "This message was not passed on: no mail is sent to this person at present.";
          case FULL ->
              "This message was not passed on, nor are those that follow it: so many of yours wait"
                  + " already to be mailed. Those will be; write again when they are.";
        });
  }

  /** The request of a stranger will not arrive; where it was to go is none of their business. */
  public static Reply requestFailed(MessageId failed, InboxId author) {
    return answer(failed, author, REQUEST_FAILED);
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
