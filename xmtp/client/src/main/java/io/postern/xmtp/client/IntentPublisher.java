package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import io.postern.mls.MlsException;
import io.postern.mls.group.Proposal;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.IntentStore.Intent;
import io.postern.xmtp.store.IntentStore.Kind;
import io.postern.xmtp.store.IntentStore.State;
import io.postern.xmtp.store.IntentStore.Wish;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes intents happen. State comes before wire: payload, hash, staged commit and the advanced
 * ratchet are committed before the octets leave, so that no generation is used twice and an echo is
 * always recognised; what may have got lost is sent again with the same octets. Groups document 8.
 */
final class IntentPublisher {
  private static final Logger log = LoggerFactory.getLogger(IntentPublisher.class);

  /** How often the network may refuse an intent before it is given up. */
  private static final int ATTEMPTS = 3;

  /**
   * Losing an epoch to others' commits this often in a row ends the round; the next one goes on.
   */
  private static final int ROUNDS = 20;

  /** Messages in one request, and octets in one request: no more is held of a group at once. */
  private static final int BATCH = 50;

  private static final int BATCH_OCTETS = 4 * 1024 * 1024;

  /** Intents that are looked at together: those of a batch under way and those of the next. */
  private static final int LOOK = 2 * BATCH;

  private static final String LEFT = "the chat waits; what is sent from now on begins it anew";

  private final ClientStore store;
  private final Node node;
  private final GroupSync sync;
  private final EchoFinder echoes;
  private final Grace grace;
  private final MembershipCommits memberships;
  private final GroupUpkeep upkeep;
  private final OwnCommits commits;
  private final WelcomeSender welcomes;
  private final InstantSource clock;

  IntentPublisher(
      ClientStore store,
      Node node,
      GroupSync sync,
      EchoFinder echoes,
      Grace grace,
      MembershipCommits memberships,
      GroupUpkeep upkeep,
      OwnCommits commits,
      WelcomeSender welcomes,
      InstantSource clock) {
    this.store = store;
    this.node = node;
    this.sync = sync;
    this.echoes = echoes;
    this.grace = grace;
    this.memberships = memberships;
    this.upkeep = upkeep;
    this.commits = commits;
    this.welcomes = welcomes;
    this.clock = clock;
  }

  /**
   * Does what is to be done for a group, until nothing is left or the network fails.
   *
   * @return why a message was given up, if one was; the others were published all the same
   * @throws NodeException if the network failed, or does not show yet what it took; everything can
   *     be tried again
   */
  Optional<GroupException> publish(LiveGroup group) throws NodeException {
    var refused = new Refused();
    var wishes = sendWelcomes(group, next(group));
    if (group.row().pausedFor().isEmpty()) {
      if (!group.isDrained() && group.isActive() && !wishes.isEmpty()) {
        sync.sync(group); // What we sent and do not know of has used generations.
        wishes = next(group);
      }
      if (any(wishes, State.PUBLISHED)) {
        confirm(group, refused);
        wishes = next(group);
      }
      publishAll(group, wishes, refused);
    }
    if (group.row().pausedFor().isPresent()) {
      if (any(group, State.PUBLISHED)) {
        echoes.find(group);
      }
      if (group.row().kind() == GroupStore.Kind.DM) {
        leave(group, refused);
      }
    }
    return refused.reason.map(GroupException::new);
  }

  /**
   * What was to be said in a DM that waits for a later version of us can be said in another one.
   * What has left already and is not found on the network may be late, for a while.
   */
  private void leave(LiveGroup group, Refused refused) throws NodeException {
    giveUp(group, wishes(group, State.TO_PUBLISH), refused, LEFT);
    var unseen =
        wishes(group, State.PUBLISHED).stream().filter(wish -> !wish.kind().isCommit()).toList();
    if (unseen.isEmpty()) {
      return;
    }
    var missing = new GroupException("a message of ours is not on the network yet");
    grace.check(new Unseen(group.key()), Nanos.of(clock.instant()), missing);
    giveUp(group, unseen, refused, LEFT);
  }

  private record Unseen(GroupStore.Key group) {}

  /** Why the first message that was given up was. */
  private static final class Refused {
    private Optional<String> reason = Optional.empty();
  }

  /**
   * @param wishes as {@link #next} answers them, with nothing changed since
   */
  private void publishAll(LiveGroup group, List<Wish> wishes, Refused refused)
      throws NodeException {
    var left = wishes;
    for (int lost = 0; lost < ROUNDS; ) {
      left = sendWelcomes(group, left);
      var next = left.stream().filter(wish -> wish.state() == State.TO_PUBLISH).findFirst();
      if (next.isEmpty() || group.row().pausedFor().isPresent()) {
        return;
      }
      var closed = closed(group);
      if (closed.isPresent()) {
        giveUp(group, wishes(group, State.TO_PUBLISH), refused, closed.get());
        left = next(group);
      } else {
        if (next.get().kind().isCommit()) {
          lost++;
          publishCommit(group, list(group, State.TO_PUBLISH, 1).get(0), refused);
        } else if (!prepare(group, refused)) {
          publishMessages(group, left, refused);
        }
        sync.sync(group);
        left = next(group);
        requireShown(group, left);
      }
    }
    log.warn("others' commits keep coming first group={}", group.key());
    throw new NodeException(NodeException.Kind.TROUBLED, "others' commits keep coming first");
  }

  /** Why nothing that is written into the group would be read. */
  private static Optional<String> closed(LiveGroup group) {
    if (!group.isActive()) {
      return Optional.of("we are no longer in the group");
    }
    // In a group others may be where we are; in a DM there is nobody else.
    return group.row().maybeForked() && group.row().kind() == GroupStore.Kind.DM
        ? Optional.of("the chat has come apart; what is sent from now on begins it anew")
        : Optional.empty();
  }

  /**
   * Nothing is made behind a payload of ours that the network took and does not show: at most one
   * commit is in flight, and nothing is encrypted behind it.
   */
  private static void requireShown(LiveGroup group, List<Wish> wishes) throws NodeException {
    if (group.isActive() && group.row().pausedFor().isEmpty() && any(wishes, State.PUBLISHED)) {
      throw new NodeException(
          NodeException.Kind.TROUBLED, "the network does not show yet what it took");
    }
  }

  /**
   * What is to be done next, as it stands in the database. It changes with what we publish and what
   * we read, and by others who queue something.
   */
  private List<Wish> next(LiveGroup group) {
    return store.jdbi().withHandle(h -> store.intents().wishes(h, group.key(), LOOK));
  }

  private static boolean any(List<Wish> wishes, State state) {
    return wishes.stream().anyMatch(wish -> wish.state() == state);
  }

  private List<Intent> list(LiveGroup group, State state, int limit) {
    return store
        .jdbi()
        .withHandle(h -> store.intents().list(h, group.key(), state, limit, BATCH_OCTETS));
  }

  private List<Wish> wishes(LiveGroup group, State state) {
    return store.jdbi().withHandle(h -> store.intents().wishes(h, group.key(), state));
  }

  private boolean any(LiveGroup group, State state) {
    return store.jdbi().withHandle(h -> store.intents().any(h, group.key(), state));
  }

  /**
   * What was published before, in this life or the last, is either on the network or sent again.
   */
  private void confirm(LiveGroup group, Refused refused) throws NodeException {
    sync.sync(group);
    while (group.row().pausedFor().isEmpty()) {
      var lost = list(group, State.PUBLISHED, BATCH);
      if (lost.isEmpty()) {
        return;
      }
      var closed = closed(group);
      if (closed.isPresent()) {
        giveUp(group, wishes(group, State.PUBLISHED), refused, closed.get());
        return;
      }
      var same = new ArrayList<Intent>();
      for (var intent : lost) {
        if (intent.epoch() == group.mls().epoch() && intent.payload().isPresent()) {
          same.add(intent);
        } else {
          group.write(handle -> store.intents().again(handle, intent.id(), false));
        }
      }
      group.save();
      for (var intent : same) {
        send(
            group, List.of(intent), List.of(input(group, intent, intent.payload().get())), refused);
      }
      sync.sync(group);
      var sent = same.stream().map(Intent::id).toList();
      var waiting = wishes(group, State.PUBLISHED);
      requireShown(group, waiting.stream().filter(wish -> sent.contains(wish.id())).toList());
    }
  }

  /** Queues what must come before a message; answers whether there is something. */
  private boolean prepare(LiveGroup group, Refused refused) throws NodeException {
    try {
      return upkeep.beforeMessages(group);
    } catch (GroupException nobodyThere) {
      giveUp(group, wishes(group, State.TO_PUBLISH), refused, nobodyThere.getMessage());
      return true;
    }
  }

  private void publishCommit(LiveGroup group, Intent intent, Refused refused) throws NodeException {
    var proposals = new ArrayList<Proposal>();
    var recipients = new ArrayList<WelcomeWrapper.Recipient>();
    try {
      if (intent.kind() == Kind.UPDATE_MEMBERSHIP) {
        var planned = memberships.commit(group, MembershipChange.read(intent.data()));
        if (planned.isEmpty()) {
          group.write(handle -> store.intents().done(handle, intent.id()));
          group.save();
          return;
        }
        proposals.addAll(planned.get().proposals());
        recipients.addAll(planned.get().recipients());
      }
      var made = commits.make(group, proposals);
      recipients.addAll(made.brought());
      var commit = made.commit();
      var welcome =
          commit.welcome().map(octets -> new PendingWelcome(octets, recipients).toOctets());
      save(group, intent, commit.octets(), Optional.of(commit.staged().toOctets()), welcome);
      commit.staged().drop();
      send(group, List.of(intent), List.of(input(group, intent, commit.octets())), refused);
    } catch (GroupException | MlsException impossible) {
      log.warn(
          "commit given up group={} kind={} reason={}",
          group.key(),
          intent.kind(),
          impossible.getMessage());
      group.write(handle -> store.intents().done(handle, intent.id()));
      group.save();
    }
  }

  private void publishMessages(LiveGroup group, List<Wish> wishes, Refused refused)
      throws NodeException {
    var batch = new ArrayList<Intent>();
    var inputs = new ArrayList<GroupMessageInput>();
    long waiting = wishes.stream().filter(wish -> wish.state() == State.TO_PUBLISH).count();
    for (var intent : list(group, State.TO_PUBLISH, (int) Math.min(waiting, BATCH))) {
      if (intent.kind().isCommit()) {
        break;
      }
      try {
        var payload = group.mls().encrypt(intent.data());
        queue(group, intent, payload, Optional.empty(), Optional.empty());
        batch.add(intent);
        inputs.add(input(group, intent, payload));
      } catch (MlsException impossible) {
        giveUp(group, intent.wish(), refused, impossible.getMessage());
      }
    }
    group.save();
    if (!inputs.isEmpty()) {
      send(group, batch, inputs, refused);
    }
  }

  private void save(
      LiveGroup group,
      Intent intent,
      byte[] payload,
      Optional<byte[]> staged,
      Optional<byte[]> welcome) {
    queue(group, intent, payload, staged, welcome);
    group.save();
    staged.ifPresent(octets -> Arrays.fill(octets, (byte) 0));
  }

  private void queue(
      LiveGroup group,
      Intent intent,
      byte[] payload,
      Optional<byte[]> staged,
      Optional<byte[]> welcome) {
    var hash = GroupSync.sha256(payload);
    long epoch = group.mls().epoch();
    group.ratchetMoved();
    if (intent.kind().isCommit()) {
      group.ownPayload(hash);
    } else {
      group.ownMessage(hash, intent.id(), epoch, intent.messageId());
    }
    group.write(
        handle -> store.intents().published(handle, intent, epoch, hash, payload, staged, welcome));
  }

  private GroupMessageInput input(LiveGroup group, Intent intent, byte[] payload) {
    var tag =
        SenderHmac.tag(group.self().hmacRoot(), group.row().group(), clock.instant(), payload);
    return GroupMessageInput.newBuilder()
        .setV1(
            GroupMessageInput.V1
                .newBuilder()
                .setData(ByteString.copyFrom(payload))
                .setSenderHmac(ByteString.copyFrom(tag))
                .setShouldPush(intent.shouldPush()))
        .build();
  }

  /** Sends; what the network refuses for good is counted against its intent. */
  private void send(
      LiveGroup group, List<Intent> intents, List<GroupMessageInput> inputs, Refused refused)
      throws NodeException {
    try {
      node.sendGroupMessages(inputs);
    } catch (NodeException failed) {
      if (failed.isRetryable()) {
        throw failed;
      }
      log.warn("network refused group={} reason={}", group.key(), failed.getMessage());
      if (intents.size() > 1) {
        for (int i = 0; i < intents.size(); i++) {
          send(group, intents.subList(i, i + 1), inputs.subList(i, i + 1), refused);
        }
        return;
      }
      for (var intent : intents) {
        if (intent.attempts() + 1 >= ATTEMPTS) {
          giveUp(group, intent.wish(), refused, failed.getMessage());
        } else {
          group.write(handle -> store.intents().again(handle, intent.id(), true));
        }
      }
      group.save();
    }
  }

  private void giveUp(LiveGroup group, List<Wish> wishes, Refused refused, String reason) {
    wishes.forEach(wish -> giveUp(group, wish, refused, reason));
    group.save();
  }

  private void giveUp(LiveGroup group, Wish intent, Refused refused, String reason) {
    if (intent.messageId().isPresent() && refused.reason.isEmpty()) {
      refused.reason = Optional.of(reason);
    }
    log.warn("intent given up group={} kind={} reason={}", group.key(), intent.kind(), reason);
    group.givenUp(intent.id());
    group.write(
        handle -> {
          intent
              .messageId()
              .ifPresent(id -> store.messages().failed(handle, group.row().installation(), id));
          store.intents().done(handle, intent.id());
        });
  }

  /** Answers what is to be done next after that. */
  private List<Wish> sendWelcomes(LiveGroup group, List<Wish> wishes) throws NodeException {
    if (!any(wishes, State.COMMITTED)) {
      return wishes;
    }
    for (var next = list(group, State.COMMITTED, 1);
        !next.isEmpty();
        next = list(group, State.COMMITTED, 1)) {
      var intent = next.get(0);
      if (intent.welcome().isPresent()) {
        sendWelcomes(group, intent, PendingWelcome.read(intent.welcome().get()));
      }
      group.write(handle -> store.intents().done(handle, intent.id()));
      group.save();
    }
    return next(group);
  }

  /** What the network refuses is kept for some tries: those who were added cannot read else. */
  private void sendWelcomes(LiveGroup group, Intent intent, PendingWelcome pending)
      throws NodeException {
    int refused = welcomes.send(group, pending, intent.commitSequence());
    if (refused > 0 && intent.attempts() + 1 < ATTEMPTS) {
      group.write(handle -> store.intents().refused(handle, intent.id()));
      group.save();
      throw new NodeException(NodeException.Kind.TROUBLED, "the network refuses welcomes");
    }
    if (refused > 0) {
      welcomes.giveUp(group, refused);
    }
  }
}
