package io.postern.node;

import com.google.protobuf.MessageLite;
import io.grpc.Status;

/**
 * How large an answer has become. Clients cannot decode more than 25 MiB, and ask again for ever:
 * what would be larger is refused, so that they ask for less.
 */
final class AnswerSize {
  /** Room is left for the frames around the parts. */
  static final long MAX_BYTES = 24L << 20;

  private long bytes;

  /**
   * @throws RefusedException if the answer must not have this part, too
   */
  void add(MessageLite part) throws RefusedException {
    add(part.getSerializedSize());
  }

  /** As {@link #add(MessageLite)}, for a part of so many octets. */
  void add(long size) throws RefusedException {
    bytes += size;
    if (bytes > MAX_BYTES) {
      // Only such words tell clients that it is no rate limit.
      throw new RefusedException(
          Status.Code.RESOURCE_EXHAUSTED,
          "message too large: the answer would pass %d octets, ask for less at once"
              .formatted(MAX_BYTES));
    }
  }
}
