package io.postern.out;

import java.time.Duration;

/**
 * How long the server may keep silent.
 *
 * @param connect to connect
 * @param read from one octet to the next
 * @param write for one piece of writing
 */
record ImapTimeouts(Duration connect, Duration read, Duration write) {
  static ImapTimeouts standard() {
    return new ImapTimeouts(Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(3));
  }
}
