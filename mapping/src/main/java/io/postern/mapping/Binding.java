package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;

/** One email address bound to one XMTP inbox at run time. design.md §2. */
public sealed interface Binding {
  /** The address; canonical. */
  Mailbox mailbox();

  /** Since when. */
  Instant since();

  /**
   * A person's address, and an inbox whose key Postern holds.
   *
   * @param walletIndex n of the wallet key {@code m/44'/60'/0'/0/n} that made the inbox
   */
  record Hosted(Mailbox mailbox, InboxId inbox, long walletIndex, Instant since)
      implements Binding {
    /**
     * @throws IllegalArgumentException if the index is negative
     */
    public Hosted {
      mailbox = mailbox.canonical();
      if (walletIndex < 0) {
        throw new IllegalArgumentException("wallets are counted from 0");
      }
    }
  }

  /** A person's address, and their own inbox, of which Postern is one installation. */
  record Attached(Mailbox mailbox, InboxId inbox, Instant since) implements Binding {
    public Attached {
      mailbox = mailbox.canonical();
    }
  }

  /** An address at a bridge domain, and the peer who gets its mail. */
  record Forwarded(Mailbox mailbox, Peer to, Instant since) implements Binding {
    public Forwarded {
      mailbox = mailbox.canonical();
    }
  }
}
