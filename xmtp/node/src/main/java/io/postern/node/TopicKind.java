package io.postern.node;

import com.google.protobuf.ByteString;

/**
 * What a topic of the bidirectional Subscribe holds: its first octet says it, the rest is the
 * identifier.
 */
enum TopicKind {
  GROUP(0x00),
  WELCOME(0x01);

  private static final int MAX_TOPIC = 128;

  private final byte octet;

  TopicKind(int octet) {
    this.octet = (byte) octet;
  }

  /**
   * @throws RefusedException if the topic is of another kind, or has no identifier, or too long a
   *     one
   */
  static TopicKind of(ByteString topic) throws RefusedException {
    if (topic.size() < 2 || topic.size() > MAX_TOPIC) {
      throw RefusedException.invalid(
          "expected a topic of 2 to %d octets, got %d".formatted(MAX_TOPIC, topic.size()));
    }
    for (var kind : values()) {
      if (topic.byteAt(0) == kind.octet) {
        return kind;
      }
    }
    throw RefusedException.invalid(
        "topics of kind 0x%02x are not served".formatted(topic.byteAt(0)));
  }

  /** The topic of an identifier. */
  ByteString topic(ByteString identifier) {
    return ByteString.copyFrom(new byte[] {octet}).concat(identifier);
  }

  /** The identifier behind the first octet. */
  static ByteString identifier(ByteString topic) {
    return topic.substring(1);
  }
}
