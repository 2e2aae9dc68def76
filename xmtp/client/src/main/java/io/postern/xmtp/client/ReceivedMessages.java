package io.postern.xmtp.client;

import io.postern.mls.group.ApplicationMessage;
import io.postern.mls.group.StagedCommit;
import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.PlaintextEnvelope;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a group says and does as rows of messages: what members wrote, and a line for each change of
 * the group. Content document, groups document 5 and 7.5.
 */
final class ReceivedMessages {
  private static final Logger log = LoggerFactory.getLogger(ReceivedMessages.class);

  /** Longer content is not kept; what everybody may rely on is a million octets. */
  private static final int MAX_CONTENT = 1024 * 1024;

  private final Alarms alarms;
  private final InstantSource clock;

  ReceivedMessages(Alarms alarms, InstantSource clock) {
    this.alarms = alarms;
    this.clock = clock;
  }

  /** Keeps what a member wrote, with the next save of the group. */
  void keep(LiveGroup group, GroupEnvelope envelope, ApplicationMessage message)
      throws ContentException, GroupException {
    checkAuthor(group, Leaves.installation(message.senderLeaf()));
    requireStillMember(group, message);
    if (PlaintextEnvelope.read(message.content()) instanceof PlaintextEnvelope.V1 plain) {
      keep(group, envelope, message, plain);
    }
  }

  /**
   * Only from an older copy of the database could we read what we wrote: its keys were not used.
   */
  private void checkAuthor(LiveGroup group, InstallationId author) {
    if (author.equals(group.row().installation())) {
      alarms.raise(
          author,
          "the database is older than what was sent with it: the inbox "
              + group.self().inbox()
              + " wrote a message that is not in it. Put the newest copy back; never run two");
    }
  }

  /**
   * Whom others have removed before the message came is heard by none of them: they look for the
   * author in the newest tree. Else one who was removed could go on to write to us alone, in the
   * past epochs that we can still read. 5.7.
   */
  private static void requireStillMember(LiveGroup group, ApplicationMessage message)
      throws GroupException {
    var place = group.mls().member(message.sender());
    if (place.isEmpty()
        || !place.get().leaf().credential().equals(message.senderLeaf().credential())) {
      throw new GroupException(
          "5.7: its author of epoch " + message.epoch() + " was removed before it came");
    }
  }

  private void keep(
      LiveGroup group,
      GroupEnvelope envelope,
      ApplicationMessage message,
      PlaintextEnvelope.V1 plain)
      throws GroupException {
    if (plain.content().length() > MAX_CONTENT) {
      throw new GroupException("5.1: content of " + plain.content().length() + " octets");
    }
    var sender = Leaves.inbox(message.senderLeaf());
    var received =
        new Message(
            group.row().installation(),
            plain.messageId(group.row().group().octets()),
            group.row().group(),
            envelope.position().sequence(),
            envelope.createdNs(),
            sender,
            Leaves.installation(message.senderLeaf()),
            Kind.APPLICATION,
            Status.PUBLISHED,
            expiry(group),
            plain.content().toByteArray());
    boolean pending =
        group.row().kind() != GroupStore.Kind.SYNC && !sender.equals(group.self().inbox());
    group.message(received, pending);
    group.messageAt(envelope.createdNs());
    if (pending) {
      group.messageArrived();
    }
  }

  private Optional<Long> expiry(LiveGroup group) {
    long lifetime = group.row().expireInNs();
    return lifetime > 0 ? Optional.of(Nanos.of(clock.instant()) + lifetime) : Optional.empty();
  }

  /** Keeps what a merged commit has changed for people, if it has, with the next save. */
  void keepChange(LiveGroup group, GroupEnvelope envelope, StagedCommit staged, Verdict verdict) {
    var committer = committer(staged, group);
    Transcript.of(verdict)
        .ifPresent(updated -> keepChange(group, envelope, verdict.actor(), committer, updated));
  }

  private static InstallationId committer(StagedCommit staged, LiveGroup group) {
    return staged
        .pathLeaf()
        .map(leaf -> InstallationId.of(leaf.signatureKey()))
        .orElse(group.row().installation());
  }

  private void keepChange(
      LiveGroup group,
      GroupEnvelope envelope,
      InboxId actor,
      InstallationId committer,
      GroupUpdated updated) {
    byte[] content;
    try {
      content = ContentCodec.encode(updated);
    } catch (ContentException tooLarge) {
      log.warn("transcript left out group={} reason={}", group.key(), tooLarge.getMessage());
      return;
    }
    var key = Long.toString(envelope.createdNs());
    var message =
        new Message(
            group.row().installation(),
            MessageId.of(group.row().group().octets(), key, content),
            group.row().group(),
            envelope.position().sequence(),
            envelope.createdNs(),
            actor,
            committer,
            Kind.MEMBERSHIP_CHANGE,
            Status.PUBLISHED,
            Optional.empty(),
            content);
    group.message(message, false);
  }
}
