package io.postern.xmtp.client;

import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.Membership;
import io.postern.xmtp.store.IntentStore.Kind;
import io.postern.xmtp.store.MessageStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * What is to be said in a group, stored before it is published: the message, and the intent to send
 * it. Used by several threads.
 */
final class OutgoingMessages {
  private final ClientStore store;
  private final InstantSource clock;

  /** An installation is of one inbox for ever. */
  private final Map<InstallationId, InboxId> inboxOf = new ConcurrentHashMap<>();

  OutgoingMessages(ClientStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * Stores a message, once: what is there already is left as it is. Who says something consents to
   * the conversation.
   */
  MessageId enqueue(Handle handle, Key key, EncodedMessage message) {
    var row = store.groups().find(handle, key.installation(), key.group()).orElseThrow();
    var self =
        inboxOf.computeIfAbsent(
            key.installation(), i -> store.inboxes().inboxOf(handle, i).orElseThrow());
    long now = Nanos.of(clock.instant());
    var id = message.id(key.group().octets());
    var stored =
        new Message(
            key.installation(),
            id,
            key.group(),
            0,
            now,
            self,
            key.installation(),
            MessageStore.Kind.APPLICATION,
            Status.UNPUBLISHED,
            row.expireInNs() > 0 ? Optional.of(now + row.expireInNs()) : Optional.empty(),
            message.envelope().content().toByteArray());
    if (store.messages().insert(handle, stored, false)) {
      store
          .intents()
          .insert(
              handle,
              key,
              Kind.SEND_MESSAGE,
              message.envelope().write(),
              Optional.of(id),
              message.shouldPush());
      store.consents().allow(handle, key.installation(), key.group(), now);
      if (row.membership() == Membership.PENDING) {
        store.groups().membership(handle, key, Membership.ALLOWED);
      }
    }
    return id;
  }
}
