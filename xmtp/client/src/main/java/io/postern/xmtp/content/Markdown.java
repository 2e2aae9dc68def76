package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * Text in Markdown, {@code xmtp.org/markdown:1.0}. §3.2.
 *
 * @param markdown CommonMark with tables and strikethrough, roughly. It may hold raw HTML, which
 *     must be escaped wherever it is shown.
 */
public record Markdown(String markdown) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("markdown", 1);

  public Markdown {
    Objects.requireNonNull(markdown, "markdown");
  }

  static Markdown read(ContentReader in) throws ContentException {
    return new Markdown(in.text());
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
    out.parameter("encoding", "UTF-8").content(markdown);
  }
}
