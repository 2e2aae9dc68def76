package io.postern.bridge;

import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The network, with a word before and after each payload that leaves, and of which nothing is read
 * while there is no room for it: the network keeps it.
 */
final class WatchedNode implements Node {
  private final Node node;
  private final Checkpoint.Watch watch;
  private final BooleanSupplier hasRoom;

  WatchedNode(Node node, Checkpoint.Watch watch, BooleanSupplier hasRoom) {
    this.node = node;
    this.watch = watch;
    this.hasRoom = hasRoom;
  }

  @Override
  public void sendGroupMessages(List<GroupMessageInput> messages) throws NodeException {
    watch.reached(Checkpoint.PAYLOAD_STORED);
    node.sendGroupMessages(messages);
    watch.reached(Checkpoint.PAYLOAD_SENT);
  }

  @Override
  public Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses)
      throws NodeException {
    return node.inboxIds(addresses);
  }

  @Override
  public Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after)
      throws NodeException {
    return node.identityUpdates(after);
  }

  @Override
  public void publish(IdentityUpdate update) throws NodeException {
    node.publish(update);
  }

  @Override
  public ContractWalletVerifier.Answer verify(ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException {
    return node.verify(question);
  }

  @Override
  public void uploadKeyPackage(byte[] keyPackage) throws NodeException {
    node.uploadKeyPackage(keyPackage);
  }

  @Override
  public List<Optional<byte[]>> keyPackages(List<InstallationId> installations)
      throws NodeException {
    return node.keyPackages(installations);
  }

  @Override
  public void sendWelcomes(List<WelcomeMessageInput> welcomes) throws NodeException {
    node.sendWelcomes(welcomes);
  }

  @Override
  public Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) throws NodeException {
    requireRoom();
    return node.groupMessages(group, after);
  }

  @Override
  public Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after)
      throws NodeException {
    requireRoom();
    return node.welcomes(recipient, after);
  }

  private void requireRoom() throws NodeException {
    if (!hasRoom.getAsBoolean()) {
      throw new NodeException(
          NodeException.Kind.TROUBLED, "nothing is read from it: the disk here is nearly full");
    }
  }

  @Override
  public Map<GroupId, Position> newest(Collection<GroupId> groups) throws NodeException {
    return node.newest(groups);
  }

  @Override
  public Subscription subscribe(Map<Topic, Cursor> topics, Listener listener) {
    return node.subscribe(topics, listener);
  }

  @Override
  public void close() {
    node.close();
  }
}
