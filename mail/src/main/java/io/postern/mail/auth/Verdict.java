package io.postern.mail.auth;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.AuthenticationResults.MethodResult;
import io.postern.mail.auth.AuthenticationResults.Property;
import java.util.List;
import java.util.Objects;

/**
 * Who has been shown to have sent a mail.
 *
 * @param authenticatedDomain the domain for which the mail passed an aligned check; empty if none
 * @param returnable whether the reverse-path has been shown to be that of whoever sent the mail, so
 *     that a report which goes there reaches no bystander
 * @param caution what a reader should know of how far the author is verified, one line of plain
 *     words; empty if there is nothing to say
 * @param results what was checked, as an Authentication-Results field (RFC 8601) with its last CR
 *     LF; empty if nothing was
 */
public record Verdict(
    String authenticatedDomain, boolean returnable, String caution, String results) {
  /**
   * @throws IllegalArgumentException if the caution is more than one line
   */
  public Verdict {
    Objects.requireNonNull(authenticatedDomain, "authenticatedDomain");
    Objects.requireNonNull(results, "results");
    if (caution.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a caution is one line");
    }
  }

  /** Nothing was checked or nothing passed: the mail speaks for nobody. */
  public static Verdict none() {
    return new Verdict("", false, "", "");
  }

  /**
   * The sender is taken at their word: nothing was checked, because nobody but the operator of this
   * machine can write.
   */
  public static Verdict unchecked() {
    return new Verdict("", true, "", "");
  }

  /**
   * The author has logged in. No domain vouches for them: the operator does. RFC 8601 §2.7.4.
   *
   * @param hostname who says so
   */
  public static Verdict loggedIn(String hostname, Mailbox login) {
    var auth = MethodResult.of("auth", "pass", new Property("smtp", "auth", login.toString()));
    var results = new AuthenticationResults(hostname, List.of(auth));
    return new Verdict("", true, "", results.field());
  }

  /**
   * The same, with one more caution after those that there are.
   *
   * @throws IllegalArgumentException if it is more than one line
   */
  public Verdict cautioned(String words) {
    var all = caution.isEmpty() ? words : caution + " · " + words;
    return new Verdict(authenticatedDomain, returnable, all, results);
  }

  /** A clean pass. */
  public static Verdict of(String authenticatedDomain) {
    return new Verdict(authenticatedDomain, true, "", "");
  }
}
