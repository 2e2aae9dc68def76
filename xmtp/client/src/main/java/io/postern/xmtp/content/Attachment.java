package io.postern.xmtp.content;

import java.util.Objects;
import java.util.Optional;

/**
 * A file inside its message, {@code xmtp.org/attachment:1.0}. §3.3.
 *
 * @param filename as the sender wrote it, never to be used as a path; see {@link #safeFilename}.
 *     Always give one when sending: mobile clients refuse a file without.
 * @param mimeType as the sender wrote it: possibly empty, with parameters, or no MIME type at all
 * @param octets the file
 */
public record Attachment(Optional<String> filename, String mimeType, Octets octets)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("attachment", 1);

  public Attachment {
    Objects.requireNonNull(filename, "filename");
    Objects.requireNonNull(mimeType, "mimeType");
    Objects.requireNonNull(octets, "octets");
  }

  /** A file with a name. */
  public static Attachment of(String filename, String mimeType, byte[] octets) {
    return new Attachment(Optional.of(filename), mimeType, Octets.of(octets));
  }

  static Attachment read(ContentReader in) {
    return new Attachment(
        in.parameter("filename"), in.parameter("mimeType").orElse(""), Octets.of(in.content()));
  }

  /** The name under which the file may be shown and stored. §10.5. */
  public String safeFilename() {
    return Filename.safe(filename);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        "Can't display "
            + filename.orElse("this content")
            + ". This app doesn't support attachments.");
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    filename.ifPresent(name -> out.parameter("filename", name));
    out.parameter("mimeType", mimeType).content(octets.toByteArray());
  }
}
