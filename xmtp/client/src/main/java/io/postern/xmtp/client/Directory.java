package io.postern.xmtp.client;

import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.util.Optional;

/** Who is on the network, and can be written to. May be asked by several threads. */
public interface Directory {
  /** The inbox of an address, if the network knows one. */
  Optional<InboxId> find(EthereumAddress address) throws XmtpException;

  /** Whether an inbox exists and at least one of its installations can be written to. */
  boolean isReachable(InboxId inbox) throws XmtpException;

  /** Who belongs to an inbox now. */
  AssociationState state(InboxId inbox) throws XmtpException;
}
