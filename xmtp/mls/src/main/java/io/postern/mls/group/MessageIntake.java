package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.framing.PublicMessage;
import io.postern.mls.framing.Sender;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;

/**
 * Which messages a member lets in: those of its group, of an epoch that it can read, from members.
 * RFC 9420 §6.
 */
record MessageIntake(Epoch epoch, KeptEpochs kept) {
  /** The epoch, current or past, whose keys open an application message. */
  MessageEpoch epochOf(PrivateMessage message) throws MlsException {
    requireGroup(message.groupId());
    requireNotAhead(message.epoch());
    return kept.find(message.epoch())
        .orElseThrow(
            () ->
                new MlsException(
                    Failure.EPOCH_TOO_OLD, "epoch " + message.epoch() + " is no longer kept"));
  }

  /** Handshake messages are of use in the current epoch only. */
  void requireHandshake(PrivateMessage message, ContentType type) throws MlsException {
    if (message.contentType() != type) {
      throw new MlsException(
          Failure.UNSUPPORTED, "expected a " + type + ", got a " + message.contentType());
    }
    requireGroup(message.groupId());
    requireCurrent(message.epoch());
  }

  private void requireGroup(byte[] groupId) throws MlsException {
    if (!epoch.context().isOf(groupId)) {
      throw new MlsException(Failure.WRONG_GROUP, "the message is of another group");
    }
  }

  private void requireCurrent(long messageEpoch) throws MlsException {
    requireNotAhead(messageEpoch);
    if (messageEpoch != epoch.context().epoch()) {
      throw new MlsException(
          Failure.EPOCH_TOO_OLD,
          "a handshake message of epoch "
              + Long.toUnsignedString(messageEpoch)
              + " in epoch "
              + epoch.context().epoch());
    }
  }

  private void requireNotAhead(long messageEpoch) throws MlsException {
    if (Long.compareUnsigned(messageEpoch, epoch.context().epoch()) > 0) {
      throw new MlsException(
          Failure.WRONG_EPOCH_FUTURE,
          "a message of epoch "
              + Long.toUnsignedString(messageEpoch)
              + " in epoch "
              + epoch.context().epoch());
    }
  }

  /** What a member said in the clear, with membership tag and signature verified. */
  record Authored(AuthenticatedContent content, LeafIndex author) {}

  Authored open(PublicMessage message) throws MlsException {
    FramedContent content = message.content().content();
    requireGroup(content.groupId());
    requireCurrent(content.epoch());
    if (!(content.sender() instanceof Sender.Member member)) {
      throw new MlsException(
          Failure.UNSUPPORTED, "only members are heard, not a " + content.sender());
    }
    if (content.body().type() == ContentType.APPLICATION) {
      throw new MlsException(
          Failure.UNSUPPORTED, "application data must be encrypted; RFC 9420 §6.2");
    }
    if (member.leaf().equals(epoch.keys().own())) {
      throw ownMessage();
    }
    LeafNode leaf =
        epoch
            .tree()
            .leaf(member.leaf())
            .orElseThrow(
                () ->
                    new MlsException(
                        Failure.UNKNOWN_SENDER, "leaf " + member.leaf().value() + " is blank"));
    byte[] context = epoch.context().toOctets();
    if (!message.verifyMembershipTag(epoch.suite(), epoch.secrets().membershipKey(), context)) {
      throw new MlsException(Failure.BAD_TAG, "the membership tag does not match");
    }
    if (!message.content().verifySignature(epoch.suite(), leaf.signatureKey(), context)) {
      throw new MlsException(Failure.BAD_SIGNATURE, "the message's signature is not its sender's");
    }
    return new Authored(message.content(), member.leaf());
  }

  static MlsException ownMessage() {
    return new MlsException(
        Failure.OWN_COMMIT, "sent by this member: merge what was staged when it was made");
  }
}
