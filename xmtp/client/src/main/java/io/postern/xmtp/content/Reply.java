package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * An answer to one message, {@code xmtp.org/reply:1.0}. §3.6.
 *
 * @param reference the id of the answered message as the sender wrote it; may be empty or no id at
 *     all, then the answer points nowhere. See {@link #target}.
 * @param referenceInboxId who sent the answered message; mobile clients do not say
 * @param content the answer itself, of any type, even another reply
 */
public record Reply(String reference, Optional<String> referenceInboxId, Content content)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("reply", 1);

  public Reply {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(referenceInboxId, "referenceInboxId");
    Objects.requireNonNull(content, "content");
  }

  /** An answer to a message of somebody known. */
  public static Reply to(MessageId target, String senderInboxId, Content content) {
    return new Reply(target.toString(), Optional.of(senderInboxId), content);
  }

  static Reply read(ContentReader in) throws ContentException {
    // The parameter contentType is advisory and may be wrong: the inner content names its own type.
    return new Reply(
        in.parameter("reference").orElse(""),
        in.parameter("referenceInboxId").filter(inboxId -> !inboxId.isEmpty()),
        in.inside(in.content()));
  }

  /** The answered message; empty if the reference is not an id. */
  public Optional<MessageId> target() {
    return MessageId.parse(reference);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        content instanceof Text inner
            ? "Replied with \"" + inner.text() + "\" to an earlier message"
            : "Replied to an earlier message");
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) throws ContentException {
    out.parameter("reference", reference);
    referenceInboxId.ifPresent(inboxId -> out.parameter("referenceInboxId", inboxId));
    content.type().ifPresent(type -> out.parameter("contentType", type.toString()));
    out.content(ContentCodec.encode(content));
  }
}
