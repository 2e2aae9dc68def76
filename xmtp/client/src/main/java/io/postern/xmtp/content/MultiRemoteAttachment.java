package io.postern.xmtp.content;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.RemoteAttachmentInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Several files on web servers, each with keys of its own: {@code
 * xmtp.org/multiRemoteStaticAttachment:1.0}. §3.5.
 *
 * @param attachments in the sender's order; possibly none. The type sets no limit, whoever fetches
 *     them must.
 */
public record MultiRemoteAttachment(List<RemoteAttachment> attachments) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("multiRemoteStaticAttachment", 1);

  public MultiRemoteAttachment {
    attachments = List.copyOf(attachments);
  }

  static MultiRemoteAttachment read(ContentReader in) throws ContentException {
    var message =
        in.message(
            io.postern.xmtp.proto.mls.MultiRemoteAttachment.parser(), "MultiRemoteAttachment");
    return new MultiRemoteAttachment(
        message.getAttachmentsList().stream().map(MultiRemoteAttachment::read).toList());
  }

  private static RemoteAttachment read(RemoteAttachmentInfo info) {
    // Mobile clients write length 0 and an empty name for what they do not know.
    return new RemoteAttachment(
        info.getUrl(),
        info.getContentDigest(),
        octets(info.getSecret()),
        octets(info.getSalt()),
        octets(info.getNonce()),
        info.getScheme(),
        info.getContentLength() == 0
            ? OptionalLong.empty()
            : OptionalLong.of(Integer.toUnsignedLong(info.getContentLength())),
        Optional.of(info.getFilename()).filter(name -> !name.isEmpty()));
  }

  private static Octets octets(ByteString bytes) {
    return Octets.of(bytes.toByteArray());
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        "Can't display this content. This app doesn't support multiple remote attachments.");
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    var message = io.postern.xmtp.proto.mls.MultiRemoteAttachment.newBuilder();
    for (var attachment : attachments) {
      var info =
          RemoteAttachmentInfo.newBuilder()
              .setContentDigest(attachment.contentDigest())
              .setSecret(ByteString.copyFrom(attachment.secret().toByteArray()))
              .setNonce(ByteString.copyFrom(attachment.nonce().toByteArray()))
              .setSalt(ByteString.copyFrom(attachment.salt().toByteArray()))
              .setScheme(attachment.scheme())
              .setUrl(attachment.url());
      attachment.contentLength().ifPresent(length -> info.setContentLength((int) length));
      attachment.filename().ifPresent(info::setFilename);
      message.addAttachments(info);
    }
    out.content(message.build().toByteArray());
  }
}
