package io.postern.xmtp.network;

import io.postern.mls.MlsException;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.util.Optional;

/** Reads the envelopes of the centralised service. */
final class V3Envelopes {
  private V3Envelopes() {}

  /** Which originator's sequence a message belongs to is read from its own header. */
  static GroupEnvelope of(GroupMessage message) throws NodeException {
    var v1 = message.getV1();
    var data = v1.getData().toByteArray();
    int originator = isCommit(data) ? Cursor.COMMITS : Cursor.MESSAGES;
    var position = new Position(originator, v1.getId());
    try {
      var group = GroupId.of(v1.getGroupId().toByteArray());
      return new GroupEnvelope(group, position, v1.getCreatedNs(), data);
    } catch (IllegalArgumentException wrongLength) {
      throw new NodeException(NodeException.Kind.MALFORMED, wrongLength.getMessage());
    }
  }

  private static boolean isCommit(byte[] data) {
    try {
      return MlsMessage.header(data).contentType() == ContentType.COMMIT;
    } catch (MlsException unreadable) {
      return false; // Processed, and refused with its reason, as a message.
    }
  }

  /** Empty for a kind of welcome that this version does not know. */
  static Optional<WelcomeEnvelope> of(WelcomeMessage message) throws NodeException {
    try {
      if (message.hasV1()) {
        var v1 = message.getV1();
        return Optional.of(
            new WelcomeEnvelope.Direct(
                InstallationId.of(v1.getInstallationKey().toByteArray()),
                new Position(Cursor.WELCOMES, v1.getId()),
                v1.getCreatedNs(),
                v1.getHpkePublicKey().toByteArray(),
                v1.getWrapperAlgorithmValue(),
                v1.getData().toByteArray(),
                v1.getWelcomeMetadata().toByteArray()));
      }
      if (message.hasWelcomePointer()) {
        var pointer = message.getWelcomePointer();
        return Optional.of(
            new WelcomeEnvelope.Pointer(
                InstallationId.of(pointer.getInstallationKey().toByteArray()),
                new Position(Cursor.WELCOMES, pointer.getId()),
                pointer.getCreatedNs(),
                pointer.getHpkePublicKey().toByteArray(),
                pointer.getWrapperAlgorithmValue(),
                pointer.getWelcomePointer().toByteArray()));
      }
      return Optional.empty();
    } catch (IllegalArgumentException wrongLength) {
      throw new NodeException(NodeException.Kind.MALFORMED, wrongLength.getMessage());
    }
  }
}
