package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MessageHeader;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.group.ApplicationMessage;
import io.postern.mls.group.StagedCommit;
import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.CommitLog.Result;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.IntentStore.Payload;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 2 of the way from XMTP to mail: takes what the network holds of a group, in its order, and
 * makes it durable. A page of messages is one transaction of ratchet, cursor and messages; a commit
 * is checked first, which may need the network, and is then a transaction of its own.
 */
final class GroupSync {
  private static final Logger log = LoggerFactory.getLogger(GroupSync.class);

  /** Past epochs whose messages can still be read, by us and by others. */
  private static final int PAST_EPOCHS = 3;

  private final ClientStore store;
  private final Node node;
  private final CommitPolicy policy;
  private final Grace grace;
  private final ForkWatch forks;
  private final ReceivedMessages messages;
  private final Executor others;

  /**
   * @param others what may be done beside the lane of a group; it may be the pool of the lanes
   */
  GroupSync(
      ClientStore store,
      Node node,
      CommitPolicy policy,
      Grace grace,
      ForkWatch forks,
      ReceivedMessages messages,
      Executor others) {
    this.store = store;
    this.node = node;
    this.policy = policy;
    this.grace = grace;
    this.forks = forks;
    this.messages = messages;
    this.others = others;
  }

  /**
   * Reads a group to its end. While a page is read the next one is asked for, and the one before is
   * saved.
   *
   * @throws NodeException if the network could not be asked; what was read before is saved
   */
  void sync(LiveGroup group) throws NodeException {
    try (var pages = new GroupPages(node, others, group.row().group())) {
      boolean more = true;
      while (more && goesOn(group)) {
        var before = group.cursor();
        var page = pages.after(before);
        more = page.more() && page.items().stream().anyMatch(e -> !before.covers(e.position()));
        try {
          read(group, page);
        } catch (NodeException later) {
          group.saveLater();
          throw later;
        }
        if (more) {
          group.saveMeanwhile(others);
        } else {
          group.saveLater();
        }
      }
    } finally {
      group.settle();
    }
    if (group.row().pausedFor().isPresent()) {
      // Whenever we look, not only when it begins: it is news once the chat is allowed.
      forks.paused(group);
    }
    group.drained();
    grace.end(group.key()); // No welcome waits for it any more.
  }

  private static boolean goesOn(LiveGroup group) {
    return group.isActive() && group.row().pausedFor().isEmpty();
  }

  private void read(LiveGroup group, Node.Page<GroupEnvelope> page) throws NodeException {
    for (var envelope : page.items()) {
      if (!goesOn(group)) {
        break;
      }
      if (!group.cursor().covers(envelope.position())) {
        process(group, envelope);
      }
    }
  }

  private void process(LiveGroup group, GroupEnvelope envelope) throws NodeException {
    var hash = sha256(envelope.data());
    try {
      var header = MlsMessage.header(envelope.data());
      boolean isOwn = group.isOwnPayload(hash);
      if (isOwn || header.contentType() != ContentType.APPLICATION) {
        group.settle(); // These look into the database.
      }
      if (isOwn) {
        echo(group, envelope, header, hash);
      } else if (header.contentType() == ContentType.COMMIT) {
        commit(group, envelope, header);
      } else if (header.contentType() == ContentType.PROPOSAL) {
        proposal(group, envelope);
      } else {
        application(group, envelope, header);
        group.advance(envelope.position());
      }
    } catch (MlsException unreadable) {
      log.info(
          "message not readable group={} sequence={} reason={}",
          group.key(),
          envelope.position().sequence(),
          unreadable.getMessage());
      group.advance(envelope.position());
    }
  }

  private void application(LiveGroup group, GroupEnvelope envelope, MessageHeader header)
      throws MlsException {
    ApplicationMessage message;
    try {
      message = group.mls().decrypt(privateMessage(envelope.data()));
    } catch (MlsException unreadable) {
      group.settle();
      forks.seen(group, header.epoch());
      throw unreadable;
    }
    group.ratchetMoved();
    try {
      messages.keep(group, envelope, message);
    } catch (ContentException | GroupException unusable) {
      log.info(
          "message not usable group={} sequence={} reason={}",
          group.key(),
          envelope.position().sequence(),
          unusable.getMessage());
    }
  }

  private void proposal(LiveGroup group, GroupEnvelope envelope) throws MlsException {
    var demanded = ProposalIntake.take(group, envelope);
    if (demanded.isPresent()) {
      pause(group, demanded.get());
    } else {
      group.advance(envelope.position());
    }
  }

  private static PrivateMessage privateMessage(byte[] data) throws MlsException {
    if (MlsMessage.read(data) instanceof MlsMessage.OfPrivate framed) {
      return framed.message();
    }
    throw new MlsException(MlsException.Failure.UNSUPPORTED, "1.1: only PrivateMessage is used");
  }

  private void commit(LiveGroup group, GroupEnvelope envelope, MessageHeader header)
      throws NodeException {
    if (header.epoch() != group.mls().epoch()) {
      rejected(group, envelope, Result.WRONG_EPOCH, "made in epoch " + header.epoch());
      forks.seen(group, header.epoch());
      return;
    }
    var context = context(group, envelope);
    if (context.isEmpty()) {
      return;
    }
    var demanded = context.get().demandedVersion();
    if (demanded.isPresent()) {
      // Demanded before we stepped back to an older Postern, or by our welcome: what its updates
      // mean may be told by a later version only.
      pause(group, demanded.get());
      return;
    }
    StagedCommit staged;
    try {
      staged = group.mls().stage(MlsMessage.read(envelope.data()));
    } catch (MlsException invalid) {
      var result = isByMember(invalid) ? Result.INVALID : Result.UNDECRYPTABLE;
      rejected(group, envelope, result, invalid.getMessage());
      return;
    }
    apply(group, envelope, context.get(), staged, handle -> {});
  }

  /** What a commit is judged by; if that cannot be read, nothing can be followed. */
  private Optional<XmtpContext> context(LiveGroup group, GroupEnvelope envelope) {
    try {
      return Optional.of(XmtpContext.of(group.mls().contextExtensions()));
    } catch (GroupException unreadable) {
      rejected(group, envelope, Result.INVALID, unreadable.getMessage());
      return Optional.empty();
    }
  }

  /** Whether a commit was found to be a member's before it was refused. */
  private static boolean isByMember(MlsException refused) {
    return switch (refused.failure()) {
      case INVALID_COMMIT, UNKNOWN_PROPOSAL, UNKNOWN_PSK, BAD_TAG, OWN_COMMIT -> true;
      default -> false;
    };
  }

  /**
   * Merges a commit if XMTP allows it; if not, its fate is recorded.
   *
   * @param before the context of the group, as it is before the commit
   * @param along written in the transaction that merges
   * @return whether it was merged
   */
  private boolean apply(
      LiveGroup group,
      GroupEnvelope envelope,
      XmtpContext before,
      StagedCommit staged,
      LiveGroup.Write along)
      throws NodeException {
    try {
      var verdict = policy.check(group.mls(), before, staged);
      if (verdict.demandedVersion().isPresent()) {
        staged.drop();
        pause(group, verdict.demandedVersion().get());
        return false;
      }
      merge(group, envelope, staged, verdict, along);
      return true;
    } catch (MissingUpdateException missing) {
      staged.drop();
      grace.check(new InGrace(group.key(), envelope.position()), envelope.createdNs(), missing);
      rejected(group, envelope, Result.INVALID, missing.getMessage());
    } catch (GroupException refused) {
      staged.drop();
      rejected(group, envelope, Result.INVALID, refused.getMessage());
    } catch (MlsException stale) {
      rejected(group, envelope, Result.INVALID, stale.getMessage());
    }
    return false;
  }

  private record InGrace(GroupStore.Key key, Position position) {}

  /** The cursor stays before what we cannot follow; a later version of us goes on from there. */
  private void pause(LiveGroup group, String version) {
    log.warn("group paused group={} demands={}", group.key(), version);
    group.change(handle -> store.groups().pausedFor(handle, group.key(), Optional.of(version)));
    group.save();
  }

  private void merge(
      LiveGroup group,
      GroupEnvelope envelope,
      StagedCommit staged,
      Verdict verdict,
      LiveGroup.Write along)
      throws MlsException {
    group.save(); // What came before is kept even if this commit cannot be.
    group.mls().merge(staged);
    group.epochMoved();
    forks.followed(group, verdict.actor());
    group.write(along);
    group.advance(envelope.position());
    long sequence = envelope.position().sequence();
    long epoch = group.mls().epoch();
    var authenticator = group.mls().epochAuthenticator();
    group.write(
        handle -> {
          store
              .commits()
              .add(handle, group.key(), sequence, Result.APPLIED, epoch, authenticator, "");
          store.intents().forgetPayloads(handle, group.key(), epoch - PAST_EPOCHS - 1);
          store.intents().forgetStaged(handle, group.key(), epoch);
          store.groups().expireIn(handle, group.key(), verdict.after().disappearInNs());
        });
    messages.keepChange(group, envelope, staged, verdict);
    group.save();
    log.info("commit merged group={} sequence={} epoch={}", group.key(), sequence, epoch);
  }

  private void rejected(LiveGroup group, GroupEnvelope envelope, Result result, String reason) {
    long sequence = envelope.position().sequence();
    log.info(
        "commit not merged group={} sequence={} result={} reason={}",
        group.key(),
        sequence,
        result,
        reason);
    long epoch = group.mls().epoch();
    var authenticator = group.mls().epochAuthenticator();
    group.write(
        handle ->
            store
                .commits()
                .add(handle, group.key(), sequence, result, epoch, authenticator, reason));
    group.advance(envelope.position());
  }

  /** A payload of ours came back: it is on the network, at this place in the order. */
  private void echo(LiveGroup group, GroupEnvelope envelope, MessageHeader header, byte[] hash)
      throws NodeException {
    var found = group.payload(hash);
    if (found.isEmpty()) {
      group.advance(envelope.position());
      return;
    }
    var payload = found.get();
    if (header.contentType() == ContentType.COMMIT) {
      ownCommit(group, envelope, header, payload);
    } else {
      ownMessage(group, envelope, payload);
    }
    if (group.row().pausedFor().isEmpty()) {
      group.forgetPayload(hash);
      group.advance(envelope.position());
    }
  }

  private void ownCommit(
      LiveGroup group, GroupEnvelope envelope, MessageHeader header, Payload payload)
      throws NodeException {
    if (header.epoch() != group.mls().epoch() || payload.staged().isEmpty()) {
      rejected(group, envelope, Result.WRONG_EPOCH, "another commit came first");
      group.publishAgain(payload.intentId(), envelope.data());
      return;
    }
    StagedCommit staged;
    try {
      staged = StagedCommit.fromOctets(payload.staged().get());
    } catch (MlsException damaged) {
      throw new IllegalStateException("a stored commit of ours is damaged", damaged);
    } finally {
      Arrays.fill(payload.staged().get(), (byte) 0);
    }
    long sequence = envelope.position().sequence();
    LiveGroup.Write done = handle -> store.intents().done(handle, payload.intentId());
    LiveGroup.Write committed =
        payload
            .welcome()
            .<LiveGroup.Write>map(
                welcome ->
                    handle ->
                        store.intents().committed(handle, payload.intentId(), sequence, welcome))
            .orElse(done);
    var context = context(group, envelope);
    boolean merged =
        context.isPresent() && apply(group, envelope, context.get(), staged, committed);
    if (!merged && group.row().pausedFor().isEmpty()) {
      group.write(done); // Everybody refuses it alike; trying again would be refused alike.
    }
  }

  private void ownMessage(LiveGroup group, GroupEnvelope envelope, Payload payload) {
    if (isReadable(payload, group.mls().epoch())) {
      group.published(payload, envelope);
    } else {
      // Nobody can read it any more: the same plaintext goes out again, with the same message id.
      group.publishAgain(payload.intentId(), envelope.data());
    }
  }

  /** Whether those who are in this epoch can read a message of ours. */
  static boolean isReadable(Payload payload, long epoch) {
    return payload.epoch() + PAST_EPOCHS > epoch;
  }

  static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every runtime has SHA-256", impossible);
    }
  }
}
