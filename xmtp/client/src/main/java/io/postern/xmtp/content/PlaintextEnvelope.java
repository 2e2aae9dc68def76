package io.postern.xmtp.content;

import com.google.protobuf.ByteString;
import java.util.Objects;

/** What an MLS application message holds once it is decrypted. §1.1. */
public sealed interface PlaintextEnvelope {
  /**
   * The only form that is written.
   *
   * @param content an EncodedContent, octet by octet as it travels
   * @param idempotencyKey any string; it makes equal contents different messages
   */
  record V1(Octets content, String idempotencyKey) implements PlaintextEnvelope {
    public V1 {
      Objects.requireNonNull(content, "content");
      Objects.requireNonNull(idempotencyKey, "idempotencyKey");
    }

    /** The id that the message has in this group. */
    public MessageId messageId(byte[] groupId) {
      return MessageId.of(groupId, idempotencyKey, content.toByteArray());
    }

    /** The octets to encrypt. */
    public byte[] write() {
      return io.postern.xmtp.proto.mls.PlaintextEnvelope.newBuilder()
          .setV1(
              io.postern.xmtp.proto.mls.PlaintextEnvelope.V1
                  .newBuilder()
                  .setContent(ByteString.copyFrom(content.toByteArray()))
                  .setIdempotencyKey(idempotencyKey))
          .build()
          .toByteArray();
    }
  }

  /** V2, or a form of the future: well formed, and no message. To be passed over. */
  record Ignorable() implements PlaintextEnvelope {}

  /**
   * Reads decrypted octets.
   *
   * @throws ContentException if they are no PlaintextEnvelope at all
   */
  static PlaintextEnvelope read(byte[] octets) throws ContentException {
    var envelope =
        ContentReader.parse(
            io.postern.xmtp.proto.mls.PlaintextEnvelope.parser(), octets, "PlaintextEnvelope");
    if (!envelope.hasV1()) {
      return new Ignorable();
    }
    var v1 = envelope.getV1();
    return new V1(Octets.of(v1.getContent().toByteArray()), v1.getIdempotencyKey());
  }
}
