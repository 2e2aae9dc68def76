package io.postern.mapping;

import java.time.Duration;

/** Why the messages of a peer to a person become no mail, where the peer is told of it. */
public enum Matter {
  /** The person never wrote to the peer, and strangers may not ask. */
  CLOSED(Duration.ofDays(30)),
  /** The person has not answered the peer's request. */
  UNANSWERED(Duration.ofDays(30)),
  /** There were as many requests as there may be in a day. */
  LIMIT(Duration.ofDays(1)),
  /** Nobody's mail is sent to the person. */
  SUPPRESSED(Duration.ofDays(7)),
  /** As much of the peer waits as may wait. */
  FULL(Duration.ofDays(1));

  private final Duration again;

  Matter(Duration again) {
    this.again = again;
  }

  /** How long after they were told of it a peer may be told again. */
  Duration again() {
    return again;
  }
}
