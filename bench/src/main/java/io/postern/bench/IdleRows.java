package io.postern.bench;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.MessageStore;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jdbi.v3.core.Handle;

/**
 * Fills a store with inboxes that nobody writes to, each with a DM, and with old messages: every
 * row that registering, joining and reading would leave, written through the client's own stores.
 * Nothing asks the network about them, and nobody opens their keys: the state of their groups is a
 * copy of one that is real, sealed anew for each.
 */
final class IdleRows {
  private static final int BATCH = 500;
  private static final int HMAC_ROOT = 42;
  private static final int KEY = 32;
  private static final int KEY_PACKAGE = 1_500;

  /** As long as a short mail. */
  private static final String TEXT = "The train at nine would do, shall we meet at the station? ";

  private final ClientStore store;
  private final SplittableRandom random = new SplittableRandom(1);
  private final long nowNs = nanos(Instant.now());

  IdleRows(ClientStore store) {
    this.store = store;
  }

  /**
   * Adds inboxes with a DM each.
   *
   * @param real a DM whose state and identity log are copied
   * @return the DMs
   */
  List<Key> inboxes(int count, Key real) {
    var keys = new ArrayList<Key>();
    var pattern =
        store
            .jdbi()
            .withHandle(
                handle -> {
                  var inbox = store.inboxes().inboxOf(handle, real.installation()).orElseThrow();
                  return new Pattern(
                      store.groups().state(handle, real.installation(), real.group()),
                      store.identities().list(handle, inbox, Long.MAX_VALUE));
                });
    while (keys.size() < count) {
      int batch = Math.min(BATCH, count - keys.size());
      store
          .jdbi()
          .useTransaction(
              handle -> {
                for (int i = 0; i < batch; i++) {
                  keys.add(inbox(handle, pattern));
                }
              });
    }
    return keys;
  }

  private record Pattern(State state, List<LoggedUpdate> log) {
    State copy() {
      return new State(state.epoch().clone(), state.ratchet().clone());
    }
  }

  private Key inbox(Handle handle, Pattern pattern) {
    var self =
        new HostedInbox(
            InstallationId.of(octets(KEY)),
            inboxId(),
            new EthereumAddress("0x" + hex(20)),
            OptionalLong.empty(),
            Secret.take(octets(KEY)),
            Secret.take(octets(HMAC_ROOT)),
            true,
            nowNs + Duration.ofDays(30).toNanos());
    store.inboxes().insert(handle, self);
    var keys =
        new OwnKeys(
            octets(KEY),
            octets(KEY_PACKAGE),
            Secret.take(octets(KEY)),
            Secret.take(octets(KEY)),
            Secret.take(octets(KEY)));
    store.keys().insert(handle, self.installation(), keys, octets(KEY), octets(KEY), nowNs);
    var peer = inboxId();
    for (var inbox : List.of(self.inbox(), peer)) {
      pattern.log().forEach(update -> store.identities().insert(handle, inbox, update));
    }
    var key = new Key(self.installation(), GroupId.of(octets(GroupId.LENGTH)));
    store.groups().put(handle, row(key, self.inbox(), peer), pattern.copy());
    store.consents().set(handle, key.installation(), key.group(), ConsentStore.State.ALLOWED, 1);
    advance(handle, key.installation(), Topic.welcomes(key.installation()), Cursor.WELCOMES);
    advance(handle, key.installation(), Topic.of(key.group()), Cursor.MESSAGES);
    advance(handle, key.installation(), Topic.of(key.group()), Cursor.COMMITS);
    return key;
  }

  private void advance(Handle handle, InstallationId installation, Topic topic, int originator) {
    store.cursors().advance(handle, installation, topic, new Position(originator, 1));
  }

  private GroupRow row(Key key, InboxId self, InboxId peer) {
    return new GroupRow(
        key.installation(),
        key.group(),
        GroupStore.Kind.DM,
        Optional.of(peer),
        self,
        GroupStore.Membership.ALLOWED,
        true,
        nowNs,
        nowNs,
        nowNs,
        nowNs,
        0,
        Optional.empty(),
        false,
        1);
  }

  /** Adds old messages to DMs, the same number to each. */
  void messages(long count, List<Key> groups) throws ContentException {
    var content = EncodedMessage.of(new Text(TEXT + TEXT), "0").envelope().content().toByteArray();
    long each = count / groups.size();
    for (var key : groups) {
      store
          .jdbi()
          .useTransaction(
              handle -> {
                var self = store.inboxes().inboxOf(handle, key.installation()).orElseThrow();
                for (long i = 0; i < each; i++) {
                  store.messages().insert(handle, message(key, self, i + 1, content), false);
                }
              });
    }
  }

  private Message message(Key key, InboxId sender, long sequence, byte[] content) {
    long age = Duration.ofDays(30).toNanos() - sequence * Duration.ofSeconds(1).toNanos();
    return new Message(
        key.installation(),
        MessageId.of(octets(MessageId.LENGTH)),
        key.group(),
        sequence,
        nowNs - age,
        sender,
        key.installation(),
        MessageStore.Kind.APPLICATION,
        MessageStore.Status.PUBLISHED,
        Optional.empty(),
        content);
  }

  private InboxId inboxId() {
    return new InboxId(hex(KEY));
  }

  private String hex(int length) {
    return HexFormat.of().formatHex(octets(length));
  }

  private byte[] octets(int length) {
    var octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}
