package io.postern.out;

import java.time.Duration;

/**
 * How long the server may take.
 *
 * @param connect to connect
 * @param silence from one octet to the next
 * @param mail for all that one mail takes over one connection, with logging in
 */
record ImapTimeouts(Duration connect, Duration silence, Duration mail) {
  static ImapTimeouts standard() {
    return new ImapTimeouts(Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(15));
  }
}
