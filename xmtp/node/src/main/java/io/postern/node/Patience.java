package io.postern.node;

import java.time.Duration;

/**
 * How long the node waits for a client.
 *
 * @param handshake for a connection to say what it is
 * @param arrival for the first request of a call to arrive whole
 * @param keepalive without a frame before a bidirectional stream is pinged, and for the answer
 */
record Patience(Duration handshake, Duration arrival, Duration keepalive) {
  /** Official clients give a call up after two minutes. */
  static final Patience USUAL =
      new Patience(Duration.ofSeconds(20), Duration.ofMinutes(2), Duration.ofSeconds(30));

  /** The same but for the keepalive. */
  Patience withKeepalive(Duration other) {
    return new Patience(handshake, arrival, other);
  }
}
