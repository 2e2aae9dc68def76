package io.postern.xmtp.network;

import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The network as a client needs it. {@link V3Node} speaks to the centralised service; the
 * decentralised network fits behind the same methods, which is why cursors are vectors and topics
 * are named by kind. All methods block; all may be called from many threads.
 */
public interface Node extends AutoCloseable {
  /** The inbox of each address that has one. */
  Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses)
      throws NodeException;

  /**
   * The identity updates of each inbox after a sequence id (exclusive; 0 from the start),
   * ascending.
   */
  Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after) throws NodeException;

  /** Appends to an inbox's log. Not idempotent: a repeat is refused as a replay. */
  void publish(IdentityUpdate update) throws NodeException;

  /** Asks a chain whether a contract wallet accepts a signature. */
  ContractWalletVerifier.Answer verify(ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException;

  /** Makes this the installation's key package. The octets are a bare KeyPackage. */
  void uploadKeyPackage(byte[] keyPackage) throws NodeException;

  /** The current key package of each installation, in order; empty where there is none. */
  List<Optional<byte[]>> keyPackages(List<InstallationId> installations) throws NodeException;

  /** Publishes in order. Idempotent: the same octets are taken once. */
  void sendGroupMessages(List<GroupMessageInput> messages) throws NodeException;

  /** Publishes welcomes and pointers. Idempotent. */
  void sendWelcomes(List<WelcomeMessageInput> welcomes) throws NodeException;

  /** One page of a group's messages after the cursor, ascending. */
  Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) throws NodeException;

  /** One page of the welcomes after the cursor, ascending. */
  Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after) throws NodeException;

  /** Where each group's newest message stands; groups without any are left out. */
  Map<GroupId, Position> newest(Collection<GroupId> groups) throws NodeException;

  /**
   * Follows topics from their cursors: first what lies behind each cursor, then what comes. Ends
   * with one call of {@link Listener#ended}, except after its own {@code close}.
   */
  Subscription subscribe(Map<Topic, Cursor> topics, Listener listener);

  @Override
  void close();

  /**
   * An identity update as the network ordered it.
   *
   * @param sequenceId its number, permanent, shared by all inboxes
   */
  record LoggedUpdate(long sequenceId, IdentityUpdate update) {}

  /**
   * @param more whether the page was full, so that asking again may bring more
   */
  record Page<T>(List<T> items, boolean more) {}

  /** Receives what a subscription brings; called by one thread at a time, must not block long. */
  interface Listener {
    void received(GroupEnvelope envelope);

    void received(WelcomeEnvelope envelope);

    /** The stream is over, by the far side or by a failure. */
    void ended(NodeException reason);
  }

  /** A running subscription. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
