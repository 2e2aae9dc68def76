package io.postern.xmtp.client;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;

/**
 * A wallet of the seed that was never used here has an inbox on the network: another database of
 * the same seed has given it to somebody. It must not be given to anybody else.
 */
final class TakenWalletException extends GroupException {
  private static final long serialVersionUID = 1L;

  TakenWalletException(EthereumAddress wallet, InboxId inbox) {
    super("the wallet " + wallet + " has the inbox " + inbox + ", of which nothing is known here");
  }
}
