package io.postern.mapping;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.util.Objects;
import java.util.Optional;

/**
 * How a peer is called in a mail. XMTP inboxes have no names of their own, and names can be made to
 * look alike: the full address always stands beside it. spec/content-types.md §9.
 *
 * @param text one line, never empty, at most {@link #MAX_CODE_POINTS} and an ellipsis
 */
public record PeerName(String text) {
  /** Longer names are cut. */
  public static final int MAX_CODE_POINTS = 80;

  private static final int HEAD = 6;
  private static final int TAIL = 4;
  private static final int INBOX_ID_DIGITS = 8;

  /**
   * @throws IllegalArgumentException if nothing visible is left of it
   */
  public PeerName {
    text = OneLine.of(text, MAX_CODE_POINTS);
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a name has a visible character");
    }
  }

  /**
   * The first that there is: what the operator or the person calls the peer, a name that points to
   * the peer's address and back, the address shortened, the beginning of the inbox id.
   *
   * @param alias of the operator's or the person's choice
   * @param verified a reverse record whose forward look-up gives the same address
   */
  public static PeerName of(
      Optional<String> alias,
      Optional<String> verified,
      Optional<EthereumAddress> address,
      InboxId inbox) {
    return alias
        .flatMap(PeerName::visible)
        .or(() -> verified.flatMap(PeerName::visible))
        .or(() -> address.map(PeerName::of))
        .orElseGet(() -> of(inbox));
  }

  /** {@code 0x1A64…14f1}, with the checksum's letters. */
  public static PeerName of(EthereumAddress address) {
    var all = address.checksummed();
    return new PeerName(all.substring(0, HEAD) + "…" + all.substring(all.length() - TAIL));
  }

  /** The first eight digits. */
  public static PeerName of(InboxId inbox) {
    return new PeerName(inbox.value().substring(0, INBOX_ID_DIGITS));
  }

  private static Optional<PeerName> visible(String given) {
    Objects.requireNonNull(given, "given");
    return OneLine.of(given, MAX_CODE_POINTS).isEmpty()
        ? Optional.empty()
        : Optional.of(new PeerName(given));
  }

  @Override
  public String toString() {
    return text;
  }
}
