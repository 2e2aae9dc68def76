package io.postern.xmtp.client;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the network which wallets of the seed have an inbox: for whoever has the words and nothing
 * else. It ends where twenty in a row have none, as wallet programs do (BIP-44, address gap limit).
 */
public final class SeedScan {
  private static final int GAP = 20;

  private final Wallets wallets;
  private final Node node;

  public SeedScan(ClientStore store, Node node) {
    this.wallets = new Wallets(store, new SecureRandom());
    this.node = node;
  }

  /**
   * A wallet with an inbox.
   *
   * @param index which key of the seed it is
   */
  public record Found(long index, EthereumAddress wallet, InboxId inbox) {}

  /** In the order of their numbers. */
  public List<Found> run() throws XmtpException {
    var found = new ArrayList<Found>();
    long from = 0;
    long end = GAP;
    while (from < end) {
      var addresses = addresses(from, end);
      try {
        var inboxes = node.inboxIds(addresses);
        for (int i = 0; i < addresses.size(); i++) {
          var inbox = inboxes.get(addresses.get(i));
          if (inbox != null) {
            found.add(new Found(from + i, addresses.get(i), inbox));
          }
        }
      } catch (NodeException failed) {
        throw XmtpException.of(failed);
      }
      from = end;
      end = found.isEmpty() ? GAP : found.get(found.size() - 1).index() + 1 + GAP;
    }
    return found;
  }

  private List<EthereumAddress> addresses(long from, long end) {
    var addresses = new ArrayList<EthereumAddress>();
    for (long index = from; index < end; index++) {
      var wallet = wallets.at(index);
      addresses.add(wallet.address());
      wallet.erase();
    }
    return addresses;
  }
}
