package io.postern.xmtp.client;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import java.util.List;
import java.util.Optional;

/** An inbox of ours on the network. Used by several threads. */
public final class Inbox {
  private final XmtpClient client;
  private final HostedInbox self;

  Inbox(XmtpClient client, HostedInbox self) {
    this.client = client;
    this.self = self;
  }

  public InboxId id() {
    return self.inbox();
  }

  /** Our installation of it. */
  public InstallationId installation() {
    return self.installation();
  }

  /** The wallet that made it. */
  public EthereumAddress address() {
    return self.address();
  }

  /**
   * The DM with a peer, made if there is none.
   *
   * @throws XmtpException if the peer cannot be reached; retryable if only the network cannot
   */
  public Conversation dm(InboxId peer) throws XmtpException {
    return client.dm(self, peer);
  }

  /** The DM with a peer, if there is one that still works. */
  public Optional<Conversation> findDm(InboxId peer) {
    return client.findDm(self, peer);
  }

  /** A conversation that is there. */
  public Conversation conversation(GroupId group) {
    return client.conversation(new Key(self.installation(), group));
  }

  /** All groups, the one with the newest message first. */
  public List<GroupRow> groups() {
    return client.groups(self.installation());
  }

  /** Whether the inbox wants to hear from this group. */
  public ConsentStore.State consent(GroupId group) {
    return client.consent(self.installation(), group);
  }

  /** Whether the inbox wants to hear from this peer. */
  public ConsentStore.State consent(InboxId peer) {
    return client.consent(self.installation(), peer);
  }

  /** Decides whether the inbox wants to hear from this peer. */
  public void consent(InboxId peer, ConsentStore.State state) {
    client.consent(self.installation(), peer, state);
  }

  /** Looks for new groups and messages now. */
  public void sync() throws XmtpException {
    client.syncInbox(self);
  }
}
