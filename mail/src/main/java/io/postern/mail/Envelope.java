package io.postern.mail;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a mail goes and where reports about it go. RFC 5321 §2.3.1.
 *
 * @param reversePath empty for the null sender {@code <>} of RFC 5321 §4.5.5
 * @param forwardPaths one mailbox or more, in the order of their RCPT commands
 */
public record Envelope(Optional<Mailbox> reversePath, List<Mailbox> forwardPaths) {
  /**
   * @throws IllegalArgumentException if there is no forward-path
   */
  public Envelope {
    Objects.requireNonNull(reversePath, "reversePath");
    forwardPaths = List.copyOf(forwardPaths);
    if (forwardPaths.isEmpty()) {
      throw new IllegalArgumentException("an envelope has one forward-path or more");
    }
  }

  /** An envelope from the null sender: reports, receipts and other automatic mail. */
  public static Envelope fromNobody(List<Mailbox> forwardPaths) {
    return new Envelope(Optional.empty(), forwardPaths);
  }

  /** An envelope that reports may come back to. */
  public static Envelope of(Mailbox reversePath, List<Mailbox> forwardPaths) {
    return new Envelope(Optional.of(reversePath), forwardPaths);
  }

  /** Whether a mailbox of this envelope can be reached only by way of SMTPUTF8 (RFC 6531). */
  public boolean needsSmtpUtf8() {
    return reversePath.map(Mailbox::needsSmtpUtf8).orElse(false)
        || forwardPaths.stream().anyMatch(Mailbox::needsSmtpUtf8);
  }
}
