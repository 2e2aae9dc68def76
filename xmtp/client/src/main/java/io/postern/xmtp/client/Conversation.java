package io.postern.xmtp.client;

import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.MessageStore.Message;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;

/**
 * A DM or group chat of an inbox of ours, as its members see it. Sending has two parts: {@link
 * #enqueue} belongs into a transaction of the caller, {@link #publish} follows it. Used by several
 * threads.
 */
public final class Conversation {
  private final XmtpClient client;
  private final Key key;

  Conversation(XmtpClient client, Key key) {
    this.client = client;
    this.key = key;
  }

  /** The group that is written to. */
  public GroupId group() {
    return key.group();
  }

  /** Which group of which installation. */
  public Key key() {
    return key;
  }

  /** The other inbox of a DM; empty for a group. */
  public Optional<InboxId> peer() {
    return row().peer();
  }

  /** What is stored of the group. */
  public GroupRow row() {
    return client.row(key);
  }

  /**
   * Stores a message and the wish to publish it. Repeating it with the same octets and key changes
   * nothing: the message has the same id.
   *
   * @param handle the caller's transaction on the client's database
   * @return the message's id
   */
  public MessageId enqueue(Handle handle, EncodedMessage message) {
    return client.enqueue(handle, key, message);
  }

  /**
   * Publishes what is stored. Completes when the network has it, or with the failure. After a
   * {@code NodeException} it is tried again by itself; a {@link GroupException} says that at least
   * one message of the group was given up: ask for it by {@link #message}.
   */
  public CompletableFuture<Void> publish() {
    return client.publish(key);
  }

  /** As {@link #publish}, and waits for it. */
  public void publishNow() throws XmtpException {
    XmtpException.await(publish());
  }

  /** Stores and publishes one message. */
  public MessageId send(EncodedMessage message) throws XmtpException {
    var id = client.inTransaction(handle -> enqueue(handle, message));
    publishNow();
    return id;
  }

  /** A message of the inbox, with how far it has come. */
  public Optional<Message> message(MessageId id) {
    return client.message(key.installation(), id);
  }

  /** Reads what the network has for the group. */
  public void sync() throws XmtpException {
    XmtpException.await(client.sync(key));
  }

  /** The newest messages of the conversation, all groups of a DM together, oldest first. */
  public List<Message> messages(int limit) {
    return client.messages(key, limit);
  }
}
