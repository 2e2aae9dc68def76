package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * Its sender wants a message deleted, {@code xmtp.org/deleteMessage:1.0}. Whether they may (its
 * author, or a super admin, in the same group) is for the reader to check; it may come before its
 * target. §3.16.
 *
 * @param messageId as the sender wrote it, see {@link #target}
 */
public record DeleteMessage(String messageId) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("deleteMessage", 1);

  public DeleteMessage {
    Objects.requireNonNull(messageId, "messageId");
  }

  /** A request to delete this message. */
  public static DeleteMessage of(MessageId target) {
    return new DeleteMessage(target.toString());
  }

  static DeleteMessage read(ContentReader in) throws ContentException {
    return new DeleteMessage(
        in.message(io.postern.xmtp.proto.mls.DeleteMessage.parser(), "DeleteMessage")
            .getMessageId());
  }

  /** The message to delete; empty if what was sent is not an id. */
  public Optional<MessageId> target() {
    return MessageId.parse(messageId);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public boolean shouldPush() {
    return false;
  }

  @Override
  public void write(ContentWriter out) {
    out.content(
        io.postern.xmtp.proto.mls.DeleteMessage.newBuilder()
            .setMessageId(messageId)
            .build()
            .toByteArray());
  }
}
