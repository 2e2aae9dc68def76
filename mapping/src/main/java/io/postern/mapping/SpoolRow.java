package io.postern.mapping;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What has happened to a mail of {@link SpoolRows} since it arrived.
 *
 * @param id its spool id
 * @param attempts how often its delivery has been deferred
 * @param at when the next attempt is due; when it was given up or set aside, if it was
 * @param status RFC 3463, of a dead mail; else empty
 * @param reason of the last deferral, of its death, or why it was set aside
 * @param revivedAt when it was last taken out of the dead-letter box
 */
public record SpoolRow(
    String id,
    Place place,
    int attempts,
    Instant at,
    String status,
    String reason,
    Optional<Instant> revivedAt) {
  /** Where a mail is. */
  public enum Place {
    /** It is to be delivered. */
    WAITING,
    /** In the dead-letter box. */
    DEAD,
    /** It cannot be read; a person looks at it. */
    DAMAGED
  }

  public SpoolRow {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(revivedAt, "revivedAt");
  }
}
