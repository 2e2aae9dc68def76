package io.postern.mail;

import io.postern.mail.auth.Verdict;
import java.time.Instant;
import java.util.Objects;

/**
 * How a mail came in.
 *
 * @param at when the last octet was here
 * @param clientAddress the IP address of the client, without brackets; empty if no client brought
 *     the mail, but it was fetched from a mailbox
 * @param helo what the client called itself in EHLO or HELO; empty if it came another way
 * @param tls whether it came over TLS
 * @param verdict who has been shown to have sent it
 */
public record Received(
    Instant at, String clientAddress, String helo, boolean tls, Verdict verdict) {
  public Received {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(clientAddress, "clientAddress");
    Objects.requireNonNull(helo, "helo");
    Objects.requireNonNull(verdict, "verdict");
  }

  /**
   * As it is when a mail was fetched from a mailbox: nobody knows by which server it came there.
   */
  public static Received fetched(Instant at, boolean tls) {
    return new Received(at, "", "", tls, Verdict.none());
  }

  /** Whether no client brought it, so that its address can vouch for nothing. */
  public boolean isFetched() {
    return clientAddress.isEmpty();
  }

  /** The same, judged. */
  public Received with(Verdict judged) {
    return new Received(at, clientAddress, helo, tls, judged);
  }
}
