package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * Plain text, {@code xmtp.org/text:1.0}. §3.1.
 *
 * @param text any characters, also none, NUL, bidi marks, a leading BOM and every kind of line end:
 *     as the sender typed it. {@link #summary} has one kind of line end and no BOM.
 */
public record Text(String text) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("text", 1);

  public Text {
    Objects.requireNonNull(text, "text");
  }

  static Text read(ContentReader in) throws ContentException {
    return new Text(in.text());
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    out.parameter("encoding", "UTF-8").content(text);
  }
}
