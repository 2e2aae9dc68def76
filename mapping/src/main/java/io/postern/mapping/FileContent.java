package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;

/** A file of a mail as content of a message, by itself or in an answer. */
final class FileContent {
  private FileContent() {}

  static Content of(Attachment file) {
    return io.postern.xmtp.content.Attachment.of(file.filename(), file.mediaType(), file.octets());
  }

  /** Whether a message holds it; only its size can keep it from that. */
  static boolean fits(Content content) {
    try {
      ContentCodec.encode(content);
      return true;
    } catch (ContentException tooLarge) {
      return false;
    }
  }
}
