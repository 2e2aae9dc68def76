package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.IntentStore.Payload;
import io.postern.xmtp.store.MessageStore.Arrival;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.SavedLater;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jdbi.v3.core.Handle;

/**
 * A group in memory: its MLS state, and the changes that are not in the database yet. Changes
 * gather and are saved in one transaction; if that fails, this object is thrown away and the group
 * is read again. Owned by the group's lane.
 */
final class LiveGroup {
  /** A write that belongs to the next transaction. */
  interface Write {
    void to(Handle handle);
  }

  private final ClientStore store;
  private final HostedInbox self;
  private final MlsGroup mls;
  private final Topic topic;

  /** By their hashes; what is known of them, if they were made in this life and are messages. */
  private final Map<ByteBuffer, Optional<Payload>> ownPayloads = new HashMap<>();

  private final List<Write> writes = new ArrayList<>();
  private final List<Position> moved = new ArrayList<>();
  private GroupRow row;
  private Cursor cursor;
  private Optional<EchoFinder.Look> look = Optional.empty();
  private long version;
  private long weight;
  private boolean drained;
  private boolean publishAgain;
  private boolean ratchetMoved;
  private boolean epochMoved;
  private boolean rowChanged;
  private boolean arrived;
  private long lastMessageNs;
  private Optional<Meanwhile<Boolean>> saving = Optional.empty();

  private LiveGroup(
      ClientStore store,
      HostedInbox self,
      MlsGroup mls,
      long version,
      long weight,
      GroupRow row,
      Cursor cursor) {
    this.store = store;
    this.self = self;
    this.mls = mls;
    this.version = version;
    this.weight = weight;
    this.topic = Topic.of(row.group());
    this.row = row;
    this.cursor = cursor;
  }

  /**
   * @param version of the stored state that the group was restored from
   * @param weight octets of that state
   */
  static LiveGroup of(
      ClientStore store,
      HostedInbox self,
      MlsGroup mls,
      long version,
      long weight,
      GroupRow row,
      Cursor cursor,
      List<byte[]> ownPayloads) {
    var group = new LiveGroup(store, self, mls, version, weight, row, cursor);
    ownPayloads.forEach(group::ownPayload);
    return group;
  }

  Key key() {
    return new Key(row.installation(), row.group());
  }

  HostedInbox self() {
    return self;
  }

  MlsGroup mls() {
    return mls;
  }

  GroupRow row() {
    return row;
  }

  /** The cursor as it will be once everything is saved. */
  Cursor cursor() {
    return cursor;
  }

  /** How far was looked behind the cursor of a group that is paused. */
  EchoFinder.Look look() {
    return look.orElseGet(() -> new EchoFinder.Look(cursor, mls.epoch()));
  }

  void looked(EchoFinder.Look further) {
    look = Optional.of(further);
  }

  /** Octets of the state that the group was read from or has saved last. */
  long weight() {
    return weight;
  }

  /** Wipes all secrets; nothing can be done with this object afterwards. */
  void erase() {
    mls.erase();
    self.installationSeed().erase();
    self.hmacRoot().erase();
  }

  /** It was read to the end of what the network has, since it is in memory. */
  void drained() {
    drained = true;
  }

  /**
   * Whether it was: only then is it known that no generation was used that the database does not
   * know of, as it does not where it is older than what was sent.
   */
  boolean isDrained() {
    return drained;
  }

  /** Whether we have a leaf in the group. */
  boolean isActive() {
    return mls.isActive();
  }

  /** Adds a write to the next transaction. */
  void write(Write write) {
    writes.add(write);
  }

  /**
   * Adds a message to the next transaction, unless it is stored by then.
   *
   * @param pending whether it waits to be handed on
   */
  void message(Message message, boolean pending) {
    boolean follows = !writes.isEmpty() && writes.get(writes.size() - 1) instanceof Messages;
    var messages = follows ? (Messages) writes.get(writes.size() - 1) : new Messages();
    messages.arrivals.add(new Arrival(message, pending));
    if (!follows) {
      writes.add(messages);
    }
  }

  /** Messages between which nothing else is written: a page of them costs one statement. */
  private final class Messages implements Write {
    private final List<Arrival> arrivals = new ArrayList<>();

    @Override
    public void to(Handle handle) {
      store.messages().insert(handle, arrivals);
    }
  }

  /** Adds a write that changes the group's row to the next transaction. */
  void change(Write write) {
    writes.add(write);
    rowChanged = true;
  }

  /** A message was written or read, at this time of the network. */
  void messageAt(long createdNs) {
    lastMessageNs = Math.max(lastMessageNs, createdNs);
  }

  /** A message is stored, with the next transaction, that waits to be handed on. */
  void messageArrived() {
    arrived = true;
  }

  /** Whether messages arrived; asking takes the mark away. */
  boolean takeArrived() {
    boolean any = arrived;
    arrived = false;
    return any;
  }

  /** Everything up to this position is done, once the next transaction is saved. */
  void advance(Position position) {
    if (!cursor.covers(position)) {
      cursor = cursor.with(position);
      moved.add(position);
    }
  }

  /** A message key was used. */
  void ratchetMoved() {
    ratchetMoved = true;
  }

  /** A message of ours stands on the network: its intent is done. */
  void published(Payload payload, GroupEnvelope envelope) {
    messageAt(envelope.createdNs());
    write(
        handle -> {
          payload
              .messageId()
              .ifPresent(
                  id ->
                      store
                          .messages()
                          .published(
                              handle,
                              row.installation(),
                              id,
                              envelope.position().sequence(),
                              envelope.createdNs()));
          store.intents().done(handle, payload.intentId());
        });
  }

  /** An intent has to be made anew, since the epoch of this payload is past. */
  void publishAgain(long intentId, byte[] payload) {
    writes.add(handle -> store.intents().again(handle, intentId, payload));
    publishAgain = true;
  }

  /** Whether something has to be published anew; asking takes the mark away. */
  boolean takePublishAgain() {
    boolean again = publishAgain;
    publishAgain = false;
    return again;
  }

  /** A commit was merged, or a proposal kept, which is part of the epoch's state. */
  void epochMoved() {
    epochMoved = true;
  }

  /** A payload of ours may be on the network from the next transaction on. */
  void ownPayload(byte[] hash) {
    ownPayloads.put(ByteBuffer.wrap(hash), Optional.empty());
  }

  /** The same of a message: when it comes back nobody has to look up what it was. */
  void ownMessage(byte[] hash, long intentId, long epoch, Optional<MessageId> messageId) {
    var made = new Payload(intentId, epoch, Optional.empty(), Optional.empty(), messageId);
    ownPayloads.put(ByteBuffer.wrap(hash), Optional.of(made));
  }

  /** An intent's message has failed: should a payload of it come back, that stays so. */
  void givenUp(long intentId) {
    ownPayloads.replaceAll((hash, made) -> made.filter(its -> its.intentId() != intentId));
  }

  boolean isOwnPayload(byte[] hash) {
    return ownPayloads.containsKey(ByteBuffer.wrap(hash));
  }

  /** What is stored of a payload of ours, or was when it was made. */
  Optional<Payload> payload(byte[] hash) {
    return ownPayloads
        .getOrDefault(ByteBuffer.wrap(hash), Optional.empty())
        .or(
            () ->
                store.jdbi().withHandle(h -> store.intents().payload(h, row.installation(), hash)));
  }

  void forgetPayload(byte[] hash) {
    ownPayloads.remove(ByteBuffer.wrap(hash));
    writes.add(handle -> store.intents().forgetPayload(handle, key(), hash));
  }

  /** Whether anything waits for {@link #save}. */
  boolean isDirty() {
    return ratchetMoved || epochMoved || lastMessageNs > 0 || !writes.isEmpty() || !moved.isEmpty();
  }

  /**
   * Saves all that has gathered, in one transaction, and waits for the disk: before octets of ours
   * leave. Whoever fails here must forget this object.
   */
  void save() {
    settle();
    if (isDirty()) {
      store.jdbi().useTransaction(this::write);
      clean();
    }
  }

  /** The same without the wait: for what the network will tell again. */
  void saveLater() {
    settle();
    if (isDirty()) {
      SavedLater.useTransaction(store.jdbi(), this::write);
      clean();
    }
  }

  /**
   * The same by another thread, while this one goes on to read: of messages alone, which need no
   * look into the database. Whoever begins it calls {@link #settle} before he lets go of the group.
   */
  void saveMeanwhile(Executor others) {
    if (epochMoved || rowChanged || !ratchetMoved) {
      saveLater();
      return;
    }
    settle();
    var ratchet = mls.ratchetState();
    var key = key();
    long from = version;
    long messageNs = lastMessageNs;
    var done = cursor;
    var gathered = List.copyOf(writes);
    var positions = List.copyOf(moved);
    clean();
    saving =
        Optional.of(
            Meanwhile.begin(
                others,
                () -> {
                  try {
                    SavedLater.useTransaction(
                        store.jdbi(),
                        handle -> {
                          store.groups().saveRatchet(handle, key, from, messageNs, ratchet.clone());
                          write(handle, gathered, positions, done);
                        });
                  } finally {
                    Arrays.fill(ratchet, (byte) 0);
                  }
                  return true;
                }));
  }

  /**
   * What others were to save meanwhile is in the database. Whoever fails here must forget this
   * object, as in {@link #save}.
   */
  void settle() {
    var begun = saving;
    saving = Optional.empty();
    if (begun.isPresent()) {
      try {
        begun.get().await();
      } catch (NodeException impossible) {
        throw new IllegalStateException("to save asks no network", impossible);
      }
    }
  }

  private void write(Handle handle) {
    if (epochMoved) {
      var state = new State(mls.epochState(), mls.ratchetState());
      weight = (long) state.epoch().length + state.ratchet().length;
      store.groups().saveEpoch(handle, key(), version, mls.epoch(), mls.isActive(), state);
    } else if (ratchetMoved) {
      store.groups().saveRatchet(handle, key(), version, lastMessageNs, mls.ratchetState());
    }
    if (lastMessageNs > 0 && (epochMoved || !ratchetMoved)) {
      store.groups().lastMessage(handle, key(), lastMessageNs);
    }
    write(handle, writes, moved, cursor);
    if (epochMoved || rowChanged) {
      row = store.groups().find(handle, row.installation(), row.group()).orElseThrow();
    }
  }

  private void write(Handle handle, List<Write> gathered, List<Position> positions, Cursor done) {
    for (var write : gathered) {
      write.to(handle);
    }
    for (var position : positions) {
      if (position.sequence() == done.of(position.originator())) {
        store.cursors().advance(handle, key().installation(), topic, position);
      }
    }
  }

  private void clean() {
    if (ratchetMoved || epochMoved) {
      version++;
    }
    ratchetMoved = false;
    epochMoved = false;
    rowChanged = false;
    lastMessageNs = 0;
    writes.clear();
    moved.clear();
  }
}
