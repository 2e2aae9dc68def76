package io.postern.xmtp.content;

import java.util.Optional;

/** What one message says. One record for each content type that Postern understands. §2.1. */
public sealed interface Content
    permits Text,
        Markdown,
        Reply,
        Reaction,
        ReadReceipt,
        Attachment,
        RemoteAttachment,
        MultiRemoteAttachment,
        TransactionReference,
        WalletSendCalls,
        Actions,
        Intent,
        GroupUpdated,
        LeaveRequest,
        DeleteMessage,
        EditMessage,
        UnknownContent {

  /** The type under which it is written; empty only for {@link UnknownContent} that names none. */
  Optional<ContentTypeId> type();

  /**
   * The text that goes with it for clients which cannot show the type, in libxmtp's words (§2.2);
   * empty for types that everybody shows or nobody does.
   */
  default Optional<String> fallback() {
    return Optional.empty();
  }

  /** Whether the recipients' devices ought to ring when a person sends this. §5. */
  boolean shouldPush();

  /**
   * Whether this may only be made from a commit that the reader validated. Then it is a forgery
   * when it arrives as an application message, which any member can send, and is to be ignored.
   * §3.14.
   */
  default boolean onlyFromCommits() {
    return false;
  }

  /**
   * The text that a mail shows for it (§10.5); empty when it makes no text, because it is a machine
   * event or cannot be read at all.
   */
  default Optional<String> summary() {
    return Summary.of(this);
  }

  /**
   * Writes parameters and content.
   *
   * @throws ContentException if this may be read but not sent, or breaks a limit of its type
   */
  void write(ContentWriter out) throws ContentException;
}
