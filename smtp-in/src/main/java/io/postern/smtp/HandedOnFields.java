package io.postern.smtp;

import io.postern.mail.auth.AuthenticationResults;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * Takes out of a mail what its readers must not see: Authentication-Results fields of somebody else
 * that claim to be of this host, RFC 8601 §5, and who got a blind copy, RFC 5322 §3.6.3.
 */
final class HandedOnFields {
  private static final Set<String> BLIND = Set.of("bcc", "resent-bcc");

  private HandedOnFields() {}

  /**
   * @param mail lines ended by CR LF
   * @param host our {@code authserv-id}; empty if we have found out nothing
   * @return the mail without those fields, else octet for octet the same
   */
  static InputStream of(InputStream mail, String host) throws IOException {
    return HeaderFields.removed(
        mail, (name, value) -> BLIND.contains(name) || isForged(name, value, host));
  }

  private static boolean isForged(String name, String value, String host) {
    return !host.isEmpty()
        && name.equals("authentication-results")
        && AuthenticationResults.isForgery(value, host);
  }
}
