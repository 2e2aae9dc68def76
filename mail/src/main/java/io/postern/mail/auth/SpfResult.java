package io.postern.mail.auth;

import java.util.Locale;
import java.util.Objects;

/**
 * What SPF says of one identity. RFC 7208 §2.6.
 *
 * @param outcome the result
 * @param identity which of the two names of the client was checked
 * @param domain the domain that was checked, lower-case and in ASCII; empty if the client gave none
 *     that could be asked for
 * @param explanation for {@link Outcome#FAIL}, what the domain wants to be said about it (RFC 7208
 *     §6.2): words of a stranger, printable US-ASCII, bounded; else, for an error, our own words on
 *     what is wrong; empty if there is nothing to say
 */
public record SpfResult(Outcome outcome, Identity identity, String domain, String explanation) {
  /** RFC 7208 §2.6, by the names of RFC 8601 §2.7.2. */
  public enum Outcome {
    NONE,
    NEUTRAL,
    PASS,
    FAIL,
    SOFTFAIL,
    TEMPERROR,
    PERMERROR;

    /** As it stands in an Authentication-Results field. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** RFC 7208 §2.3 and §2.4. */
  public enum Identity {
    HELO,
    /** With a null reverse-path, {@code postmaster} at the HELO name. */
    MAILFROM;

    /** As RFC 8601 §2.7.2 names the property below {@code smtp}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SpfResult {
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(domain, "domain");
    Objects.requireNonNull(explanation, "explanation");
  }

  public boolean passed() {
    return outcome == Outcome.PASS;
  }
}
