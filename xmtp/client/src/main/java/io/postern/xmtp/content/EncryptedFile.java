package io.postern.xmtp.content;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file ready to be uploaded, and the keys that open it. §4.
 *
 * @param payload to be served unchanged by a plain GET over https
 * @param contentDigest lower-case hexadecimal SHA-256 of the payload; libxmtp compares the case,
 *     too
 * @param filename what the recipient is told before they fetch
 */
public record EncryptedFile(
    Octets payload,
    String contentDigest,
    Octets secret,
    Octets salt,
    Octets nonce,
    Optional<String> filename) {
  public EncryptedFile {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(contentDigest, "contentDigest");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(salt, "salt");
    Objects.requireNonNull(nonce, "nonce");
    Objects.requireNonNull(filename, "filename");
  }

  /**
   * The content to send once the payload lies at {@code url}.
   *
   * @throws IllegalArgumentException if the URL is not https with a host, which readers refuse
   */
  public RemoteAttachment at(URI url) {
    var attachment =
        new RemoteAttachment(
            url.toString(),
            contentDigest,
            secret,
            salt,
            nonce,
            "https",
            OptionalLong.of(payload.length()),
            filename);
    if (attachment.httpsUrl().isEmpty()) {
      throw new IllegalArgumentException("remote attachments are served over https only");
    }
    return attachment;
  }

  /** Keys stay out of logs. */
  @Override
  public String toString() {
    return "EncryptedFile[contentDigest=" + contentDigest + "]";
  }
}
