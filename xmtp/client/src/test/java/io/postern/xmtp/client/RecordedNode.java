package io.postern.xmtp.client;

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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A network that holds what was recorded and takes nothing. */
final class RecordedNode implements Node {
  final Map<InboxId, List<LoggedUpdate>> identities = new HashMap<>();
  final List<WelcomeEnvelope> welcomes = new ArrayList<>();
  final List<GroupEnvelope> messages = new ArrayList<>();

  @Override
  public Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses) {
    return Map.of();
  }

  @Override
  public Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after) {
    var found = new HashMap<InboxId, List<LoggedUpdate>>();
    after.forEach(
        (inbox, sequence) ->
            found.put(
                inbox,
                identities.getOrDefault(inbox, List.of()).stream()
                    .filter(update -> update.sequenceId() > sequence)
                    .toList()));
    return found;
  }

  @Override
  public void publish(IdentityUpdate update) throws NodeException {
    throw refused();
  }

  @Override
  public ContractWalletVerifier.Answer verify(ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException {
    throw new ContractWalletUnavailableException("nothing was recorded");
  }

  @Override
  public void uploadKeyPackage(byte[] keyPackage) throws NodeException {
    throw refused();
  }

  @Override
  public List<Optional<byte[]>> keyPackages(List<InstallationId> installations) {
    return installations.stream().map(installation -> Optional.<byte[]>empty()).toList();
  }

  @Override
  public void sendGroupMessages(List<GroupMessageInput> sent) throws NodeException {
    throw refused();
  }

  @Override
  public void sendWelcomes(List<WelcomeMessageInput> sent) throws NodeException {
    throw refused();
  }

  @Override
  public Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) {
    return new Page<>(
        messages.stream()
            .filter(m -> m.group().equals(group) && m.position().sequence() > after.highest())
            .toList(),
        false);
  }

  @Override
  public Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after) {
    return new Page<>(
        welcomes.stream()
            .filter(w -> w.recipient().equals(recipient))
            .filter(w -> w.position().sequence() > after.highest())
            .toList(),
        false);
  }

  @Override
  public Map<GroupId, Position> newest(Collection<GroupId> groups) {
    return Map.of();
  }

  @Override
  public Subscription subscribe(Map<Topic, Cursor> topics, Listener listener) {
    return () -> {};
  }

  @Override
  public void close() {}

  private static NodeException refused() {
    return new NodeException(NodeException.Kind.REFUSED, "the recording takes nothing");
  }
}
