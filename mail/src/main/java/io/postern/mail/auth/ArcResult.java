package io.postern.mail.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the chain of ARC sets of a mail shows. RFC 8617 §4.4, §5.2.
 *
 * @param status of the chain
 * @param temporary it failed because the DNS could not be asked; a later attempt may say more
 * @param oldestPass the lowest instance from which on every ARC-Message-Signature still verifies:
 *     what that host and those after it passed on is what has arrived; 0 if all do, or if the chain
 *     does not pass
 * @param seals whoever handled the mail, from the first to the last; none unless the chain passes
 * @param reason in words, for people
 */
public record ArcResult(
    Status status, boolean temporary, int oldestPass, List<Seal> seals, String reason) {

  /** RFC 8617 §4.4. */
  public enum Status {
    NONE,
    PASS,
    FAIL;

    /** As RFC 8601 writes it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One set of the chain.
   *
   * @param instance from 1
   * @param domain whose key sealed it, lower-case
   * @param claim what that host found when the mail came to it; empty if it cannot be read
   */
  public record Seal(int instance, String domain, Optional<AuthenticationResults> claim) {
    public Seal {
      Objects.requireNonNull(domain, "domain");
      Objects.requireNonNull(claim, "claim");
    }
  }

  public ArcResult {
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(reason, "reason");
    seals = List.copyOf(seals);
  }

  public boolean passed() {
    return status == Status.PASS;
  }

  /**
   * Whose claims may be believed if these sealers are: from the last one back until somebody else
   * has handled the mail, since that one could have changed it, or borrowed the chain of another.
   *
   * @param trusted says so of a domain in lower case
   * @return the earliest first: that one was nearest to the author
   */
  public List<Seal> sealedBy(Predicate<String> trusted) {
    var believed = new ArrayList<Seal>();
    for (int i = seals.size() - 1; i >= 0 && trusted.test(seals.get(i).domain()); i--) {
      believed.add(0, seals.get(i));
    }
    return List.copyOf(believed);
  }
}
