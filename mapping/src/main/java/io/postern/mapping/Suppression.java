package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A mailbox that is mailed no more. design.md §2.
 *
 * @param mailbox canonical
 * @param peer whose messages are meant; empty: everybody's
 * @param detail for the operator: what a far server said, or the like; one line
 */
public record Suppression(
    Mailbox mailbox, Optional<InboxId> peer, Reason reason, String detail, Instant since) {
  private static final int MAX_DETAIL = 300;

  /** Why, and what ends it. */
  public enum Reason {
    /** There is no such mailbox (RFC 3463 §3.2). A mail from it ends this. */
    BOUNCED("there is no such mailbox", false),
    /** Its person has called a mail of this peer abuse (RFC 5965). Writing to the peer ends it. */
    COMPLAINED("the person has complained of this peer's mail", true),
    /** Its person has blocked this peer. Writing to the peer ends it. */
    BLOCKED("the person has blocked this peer", true),
    /** The operator wants it so, until the operator wants it otherwise. */
    OPERATOR("the operator has taken the mailbox out", false);

    private final String words;
    private final boolean silent;

    Reason(String words, boolean silent) {
      this.words = words;
      this.silent = silent;
    }

    /** For journeys and lists. */
    public String words() {
      return words;
    }

    /**
     * Whether the peer hears nothing of it, since it is about them. spec/content-types.md §10.16.
     */
    public boolean isSilent() {
      return silent;
    }

    /** Whether the mailbox's person has said it, so that nobody else ends it. */
    public boolean isPersonsWord() {
      return this == COMPLAINED || this == BLOCKED;
    }
  }

  public Suppression {
    mailbox = mailbox.canonical();
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(reason, "reason");
    detail = OneLine.of(detail, MAX_DETAIL);
    Objects.requireNonNull(since, "since");
  }
}
