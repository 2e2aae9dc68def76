package io.postern.node;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * What a client sent and the node accepted, before it has an id.
 *
 * @param digest by which a repeated send is recognised, or empty where duplicates are stored
 * @param bytes about how many octets it takes
 * @param stamp makes the message that is served
 */
record Arrival<E>(
    ByteString topic, Optional<ByteString> digest, boolean isCommit, long bytes, Stamp<E> stamp) {
  interface Stamp<E> {
    E apply(long id, long createdNs);
  }

  /** SHA-256 over topic and data, as the network does it. */
  static ByteString digest(ByteString topic, ByteString data) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      topic.asReadOnlyByteBufferList().forEach(sha256::update);
      data.asReadOnlyByteBufferList().forEach(sha256::update);
      return ByteString.copyFrom(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
