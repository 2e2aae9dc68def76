package io.postern.mls.framing;

import java.util.Arrays;
import java.util.HexFormat;

/** What a framed message tells without keys. */
public record MessageHeader(byte[] groupId, long epoch, ContentType contentType) {
  /** Copies the id. */
  public MessageHeader {
    groupId = groupId.clone();
  }

  @Override
  public byte[] groupId() {
    return groupId.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageHeader that
        && Arrays.equals(groupId, that.groupId)
        && epoch == that.epoch
        && contentType == that.contentType;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(groupId) + Long.hashCode(epoch);
  }

  @Override
  public String toString() {
    return "MessageHeader("
        + HexFormat.of().formatHex(groupId)
        + ", "
        + epoch
        + ", "
        + contentType
        + ")";
  }
}
