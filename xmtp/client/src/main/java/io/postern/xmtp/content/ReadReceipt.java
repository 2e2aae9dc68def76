package io.postern.xmtp.content;

import java.util.Optional;

/**
 * Its sender has read everything in the conversation up to the network's time of this message:
 * {@code xmtp.org/readReceipt:1.0}, without content. §3.9.
 */
public record ReadReceipt() implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("readReceipt", 1);

  static ReadReceipt read(ContentReader in) {
    return new ReadReceipt();
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
    out.content(new byte[0]);
  }
}
