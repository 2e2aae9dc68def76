package io.postern.xmtp.content;

import io.postern.xmtp.proto.mls.EncodedContent;
import java.util.Objects;
import java.util.Optional;

/**
 * New content for an earlier message. Two designs compete, both are read and neither is written
 * (§3.17): the type {@code xmtp.org/editMessage:1.0}, and XIP-77's ordinary message with the
 * parameter {@code editedMessageId}.
 *
 * <p>It counts only if the author, the conversation and the type are those of the edited message;
 * otherwise {@link #content} is to be shown as a message of its own.
 *
 * @param target the message to change, or an earlier edit of it
 * @param content what it is to say now
 */
public record EditMessage(MessageId target, Content content) implements Content {
  /** The type's name in the first design. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("editMessage", 1);

  private static final String XIP_77_PARAMETER = "editedMessageId";

  public EditMessage {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(content, "content");
  }

  static EditMessage read(ContentReader in) throws ContentException {
    var message = in.message(io.postern.xmtp.proto.mls.EditMessage.parser(), "EditMessage");
    if (!message.hasEditedContent()) {
      throw new ContentException("edit without new content");
    }
    return new EditMessage(
        MessageId.parse(message.getMessageId())
            .orElseThrow(() -> new ContentException("edit of something that is no message id")),
        in.inside(message.getEditedContent().toByteArray()));
  }

  /** XIP-77: a message that can be edited and names another is an edit of that. */
  static Content recognise(EncodedContent encoded, Content content) {
    if (!(content instanceof Text || content instanceof Markdown || content instanceof Reply)) {
      return content;
    }
    return Optional.ofNullable(encoded.getParametersMap().get(XIP_77_PARAMETER))
        .flatMap(MessageId::parse)
        .<Content>map(target -> new EditMessage(target, content))
        .orElse(content);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public boolean shouldPush() {
    return false;
  }

  /**
   * @throws ContentException always
   */
  @Override
  public void write(ContentWriter out) throws ContentException {
    throw new ContentException("edits are read but not sent: no client applies them");
  }
}
