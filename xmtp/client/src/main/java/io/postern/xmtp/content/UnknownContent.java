package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * Content that is not understood: a type that Postern does not know, or one that it knows but could
 * not read. §1.5, §3.21.
 *
 * @param type as the sender named it, if at all
 * @param fallback the sender's words for clients that cannot show it, never empty text. Without
 *     them nothing is shown.
 * @param octets the whole EncodedContent (or what came in its place), exactly as received; inside
 *     an edit, equal to it field by field
 * @param reason why it is not understood, for the log; tells nothing of the content
 */
public record UnknownContent(
    Optional<ContentTypeId> type, Optional<String> fallback, Octets octets, String reason)
    implements Content {
  public UnknownContent {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(fallback, "fallback");
    Objects.requireNonNull(octets, "octets");
    Objects.requireNonNull(reason, "reason");
  }

  @Override
  public boolean shouldPush() {
    return false;
  }

  /**
   * @throws ContentException always: {@link ContentCodec#encode} gives the octets as they came
   */
  @Override
  public void write(ContentWriter out) throws ContentException {
    throw new ContentException("unknown content has octets only as a whole");
  }
}
