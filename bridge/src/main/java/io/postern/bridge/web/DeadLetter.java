package io.postern.bridge.web;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A mail that was given up and is kept for a while, as its operator sees it: without content.
 *
 * @param id by which it is shown, tried again or dropped
 * @param at when it was given up
 * @param since from when on it had been tried
 * @param from a person's reverse-path, or a peer's inbox
 * @param to its recipients
 * @param octets of the mail
 * @param attempts how often it was tried
 * @param reason with its status (RFC 3463): words that strangers may have chosen
 * @param journey a name of the journey that tells all
 */
public record DeadLetter(
    String id,
    Instant at,
    Instant since,
    String from,
    List<String> to,
    long octets,
    int attempts,
    String reason,
    String journey) {
  public DeadLetter {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(since, "since");
    to = List.copyOf(to);
  }
}
