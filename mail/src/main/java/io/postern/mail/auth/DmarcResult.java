package io.postern.mail.auth;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What DMARC says of one mail, and whether its author is vouched for.
 *
 * @param outcome the result
 * @param policy what the domain wants to happen to its mail that fails, {@code t=y} applied; {@link
 *     Policy#NONE} where no record was found
 * @param organization the author's organizational domain (RFC 9989 §4.10.2); empty if it could not
 *     be found out
 * @param aligned the check that vouches for the author domain, <em>whether or not</em> there is a
 *     policy; empty if none does
 * @param reason in plain words, why it is so: for an error and for what did not align
 */
public record DmarcResult(
    Outcome outcome,
    Policy policy,
    String organization,
    Optional<Alignment> aligned,
    String reason) {
  /** RFC 8601 §2.7 and RFC 9989 §9.2. */
  public enum Outcome {
    /** No record applies. */
    NONE,
    PASS,
    FAIL,
    /** The DNS could not be asked; a later try may say. */
    TEMPERROR,
    /** The author domain is no name that the DNS could know. */
    PERMERROR;

    /** As it stands in an Authentication-Results field. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** RFC 9989 §4.7, {@code p}, the mildest first. */
  public enum Policy {
    NONE,
    QUARANTINE,
    REJECT;

    /** One level below, for {@code t=y}. */
    Policy milder() {
      return this == REJECT ? QUARANTINE : NONE;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What vouches for an author domain. */
  public enum Method {
    DKIM,
    SPF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A check that passed for a domain of the author's organization.
   *
   * @param domain the signing domain, or that of the reverse-path
   */
  public record Alignment(Method method, String domain) {}

  public DmarcResult {
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(aligned, "aligned");
    Objects.requireNonNull(reason, "reason");
  }
}
