package io.postern.mail.auth;

import java.util.Objects;

/**
 * Who has been shown to have sent a mail.
 *
 * @param authenticatedDomain the domain for which the mail passed an aligned check; empty if none
 */
public record Verdict(String authenticatedDomain) {
  public Verdict {
    Objects.requireNonNull(authenticatedDomain, "authenticatedDomain");
  }

  /** Nothing was checked or nothing passed: the mail speaks for nobody. */
  public static Verdict none() {
    return new Verdict("");
  }
}
