package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.postern.xmtp.proto.mls.CommitLogEntry;
import io.postern.xmtp.proto.mls.WelcomePointerWrapperAlgorithm;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.PublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.util.Optional;

/**
 * What a node looks at before it stores a message, and how the message is served then. The contents
 * are the members' business; whether a commit fits its epoch, too: the order of the log decides
 * that for everybody alike.
 */
final class EnvelopeCheck {
  /** A message that no client could decode with its frame is not taken. */
  private static final int MAX_MESSAGE_BYTES = 24 << 20;

  /** Real ones have 300 octets; 20 pages of 100 must fit into one answer. */
  private static final int MAX_COMMIT_LOG_BYTES = 8 << 10;

  private static final int MAX_TOPIC_BYTES = 255;

  private EnvelopeCheck() {}

  /**
   * @throws RefusedException if it is no framed MLS message
   */
  static Arrival<GroupMessage> arrival(GroupMessageInput message) throws RefusedException {
    if (!message.hasV1()) {
      throw RefusedException.invalid("invalid group message: v1 is required");
    }
    var input = message.getV1();
    var size = checkSize("group message", message, MAX_MESSAGE_BYTES);
    var header = MlsHeader.read(input.getData());
    return new Arrival<>(
        header.groupId(),
        Optional.of(Arrival.digest(header.groupId(), input.getData())),
        header.isCommit(),
        size,
        (id, createdNs) -> {
          var served = GroupMessage.newBuilder();
          served
              .getV1Builder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setGroupId(header.groupId())
              .setData(input.getData())
              .setSenderHmac(input.getSenderHmac())
              .setShouldPush(input.getShouldPush())
              .setIsCommit(header.isCommit());
          return served.build();
        });
  }

  /**
   * @throws RefusedException if a part is missing
   */
  static Arrival<WelcomeMessage> arrival(WelcomeMessageInput message) throws RefusedException {
    var size = checkSize("welcome message", message, MAX_MESSAGE_BYTES);
    return switch (message.getVersionCase()) {
      case V1 -> arrival(message.getV1(), size);
      case WELCOME_POINTER -> arrival(message.getWelcomePointer(), size);
      case VERSION_NOT_SET ->
          throw RefusedException.invalid("invalid welcome message: neither v1 nor welcome_pointer");
    };
  }

  private static Arrival<WelcomeMessage> arrival(WelcomeMessageInput.V1 input, long size)
      throws RefusedException {
    checkTopic(input.getInstallationKey());
    if (input.getData().isEmpty()) {
      throw RefusedException.invalid("invalid welcome message: data is required");
    }
    var symmetric =
        input.getWrapperAlgorithm()
            == WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY;
    if (input.getHpkePublicKey().isEmpty() && !symmetric) {
      throw RefusedException.invalid("invalid welcome message: hpke_public_key is required");
    }
    return new Arrival<>(
        input.getInstallationKey(),
        Optional.of(Arrival.digest(input.getInstallationKey(), input.getData())),
        false,
        size,
        (id, createdNs) -> {
          var served = WelcomeMessage.newBuilder();
          served
              .getV1Builder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setInstallationKey(input.getInstallationKey())
              .setData(input.getData())
              .setHpkePublicKey(input.getHpkePublicKey())
              .setWrapperAlgorithm(wrapper(input.getWrapperAlgorithm()))
              .setWelcomeMetadata(input.getWelcomeMetadata());
          return served.build();
        });
  }

  private static Arrival<WelcomeMessage> arrival(
      WelcomeMessageInput.WelcomePointer input, long size) throws RefusedException {
    checkTopic(input.getInstallationKey());
    if (input.getWelcomePointer().isEmpty() || input.getHpkePublicKey().isEmpty()) {
      throw RefusedException.invalid(
          "invalid welcome pointer: welcome_pointer and hpke_public_key are required");
    }
    if (input.getWrapperAlgorithm()
        != WelcomePointerWrapperAlgorithm
            .WELCOME_POINTER_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6) {
      throw RefusedException.invalid(
          "invalid welcome pointer: wrapper_algorithm must be XWING_MLKEM_768_DRAFT_6");
    }
    return new Arrival<>(
        input.getInstallationKey(),
        Optional.of(Arrival.digest(input.getInstallationKey(), input.getWelcomePointer())),
        false,
        size,
        (id, createdNs) -> {
          var served = WelcomeMessage.newBuilder();
          served
              .getWelcomePointerBuilder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setInstallationKey(input.getInstallationKey())
              .setWelcomePointer(input.getWelcomePointer())
              .setHpkePublicKey(input.getHpkePublicKey())
              .setWrapperAlgorithm(input.getWrapperAlgorithm());
          return served.build();
        });
  }

  /**
   * @throws RefusedException if a part is missing
   */
  static Arrival<CommitLogEntry> arrival(PublishCommitLogRequest request) throws RefusedException {
    var size = checkSize("commit log entry", request, MAX_COMMIT_LOG_BYTES);
    if (request.getSerializedCommitLogEntry().isEmpty() || !request.hasSignature()) {
      throw RefusedException.invalid("invalid commit log entry: entry and signature are required");
    }
    checkTopic(request.getGroupId());
    return new Arrival<>(
        request.getGroupId(),
        Optional.empty(),
        false,
        size,
        (id, createdNs) ->
            CommitLogEntry.newBuilder()
                .setSequenceId(id)
                .setSerializedCommitLogEntry(request.getSerializedCommitLogEntry())
                .setSignature(request.getSignature())
                .build());
  }

  private static long checkSize(String what, MessageLite message, int most)
      throws RefusedException {
    var size = message.getSerializedSize();
    if (size > most) {
      throw RefusedException.invalid(
          "%s has %d octets, at most %d can be delivered".formatted(what, size, most));
    }
    return size;
  }

  private static void checkTopic(ByteString topic) throws RefusedException {
    if (topic.isEmpty() || topic.size() > MAX_TOPIC_BYTES) {
      throw RefusedException.invalid(
          "expected a topic of 1 to %d octets, got %d".formatted(MAX_TOPIC_BYTES, topic.size()));
    }
  }

  /** Unset and unknown algorithms of a V1 welcome are stored as Curve25519, as on the network. */
  private static WelcomeWrapperAlgorithm wrapper(WelcomeWrapperAlgorithm sent) {
    return switch (sent) {
      case WELCOME_WRAPPER_ALGORITHM_UNSPECIFIED, UNRECOGNIZED ->
          WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_CURVE25519;
      default -> sent;
    };
  }
}
