package io.postern.xmtp.content;

import java.util.Objects;

/**
 * A message before its first publish. Made once and stored as it is: encoding the content again may
 * give other octets (fresh keys of an attachment), hence another id and a second message. §1.2.
 *
 * @param envelope what gets encrypted
 * @param shouldPush whether devices ought to ring; outside the encryption
 */
public record EncodedMessage(PlaintextEnvelope.V1 envelope, boolean shouldPush) {
  public EncodedMessage {
    Objects.requireNonNull(envelope, "envelope");
  }

  /**
   * Encodes content that a person sent, with the push its type asks for (§5).
   *
   * @throws ContentException if it may not be sent, see {@link ContentCodec#encode}
   */
  public static EncodedMessage of(Content content, String idempotencyKey) throws ContentException {
    var octets = Octets.of(ContentCodec.encode(content));
    return new EncodedMessage(
        new PlaintextEnvelope.V1(octets, idempotencyKey), content.shouldPush());
  }

  /**
   * The same message without a push: for what machines and mailing lists wrote, and for notices.
   */
  public EncodedMessage silent() {
    return new EncodedMessage(envelope, false);
  }

  /** The id that the message has in this group. */
  public MessageId id(byte[] groupId) {
    return envelope.messageId(groupId);
  }
}
