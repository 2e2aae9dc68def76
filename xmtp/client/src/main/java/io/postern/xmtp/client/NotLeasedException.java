package io.postern.xmtp.client;

import io.postern.xmtp.store.Lease;
import java.util.OptionalLong;

/** An inbox is another process's: nothing was done, and that one can do it. */
public final class NotLeasedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long walletIndex;

  private NotLeasedException(long walletIndex) {
    super("another instance works for the inbox of wallet " + walletIndex);
    this.walletIndex = walletIndex;
  }

  static void check(Lease lease, OptionalLong walletIndex) {
    if (!lease.has(walletIndex)) {
      throw new NotLeasedException(walletIndex.orElse(0));
    }
  }

  /** Of the inbox, as {@link Lease} counts it. */
  public long walletIndex() {
    return walletIndex;
  }
}
