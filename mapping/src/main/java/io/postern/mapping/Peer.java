package io.postern.mapping;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.util.Locale;
import java.util.Optional;

/** How a peer's inbox is named where its name is not yet looked up. design.md §2. */
public sealed interface Peer {
  /** By a wallet of theirs: the network says which inbox it belongs to now. */
  record ByAddress(EthereumAddress address) implements Peer {
    @Override
    public String toString() {
      return address.value();
    }
  }

  /** By the inbox itself. */
  record ByInboxId(InboxId inbox) implements Peer {
    @Override
    public String toString() {
      return inbox.value();
    }
  }

  /** {@code 0x} and 40 hex digits, or 64 hex digits, of either case; empty for anything else. */
  static Optional<Peer> parse(String text) {
    var lower = text.toLowerCase(Locale.ROOT);
    if (lower.matches("0x[0-9a-f]{40}")) {
      return Optional.of(new ByAddress(new EthereumAddress(lower)));
    }
    if (lower.matches("[0-9a-f]{64}")) {
      return Optional.of(new ByInboxId(new InboxId(lower)));
    }
    return Optional.empty();
  }

  /** The local part of the peer's own address at a bridge domain; {@link #parse} reads it. */
  @Override
  String toString();
}
