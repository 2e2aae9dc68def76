package io.postern.xmtp.client;

import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.NodeException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The network's own answers, for who has no inbox of its own and no tables: each identity log is
 * read from its beginning, and nothing is kept. It answers as an {@link XmtpClient} does.
 */
public final class NetworkDirectory implements Directory {
  private final Node node;
  private final UsablePackages packages;

  /**
   * @param node stays the caller's
   */
  public NetworkDirectory(Node node, InstantSource clock) {
    this.node = node;
    this.packages = new UsablePackages(node, clock);
  }

  @Override
  public Optional<InboxId> find(EthereumAddress address) throws XmtpException {
    try {
      return Optional.ofNullable(node.inboxIds(List.of(address)).get(address));
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  @Override
  public boolean isReachable(InboxId inbox) throws XmtpException {
    try {
      return packages.isReachable(inbox, this::installations);
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  @Override
  public AssociationState state(InboxId inbox) throws XmtpException {
    try {
      return Identities.fold(node, inbox, log(inbox));
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    } catch (GroupException unusable) {
      throw XmtpException.of(unusable);
    }
  }

  private Set<InstallationId> installations(InboxId inbox) throws GroupException, NodeException {
    var log = log(inbox);
    return log.isEmpty() ? Set.of() : Set.copyOf(Identities.fold(node, inbox, log).installations());
  }

  private List<LoggedUpdate> log(InboxId inbox) throws NodeException {
    return node.identityUpdates(Map.of(inbox, 0L)).getOrDefault(inbox, List.of());
  }
}
