package io.postern.mapping;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * One change of a bundle's state, and of its lines: it takes place only if the bundle is in the
 * state that it leaves, so a repeat changes nothing.
 *
 * @param tries how many it counts
 * @param status of the far side, RFC 3463; may be empty
 * @param words why, or what the far side said; they stand in the lines, too
 */
record BundleChange(
    OutboxState from,
    OutboxState to,
    int tries,
    String status,
    String words,
    Instant nextTry,
    Instant now) {
  private static final Set<OutboxState> ENDED =
      EnumSet.of(OutboxState.DELIVERED, OutboxState.REFUSED, OutboxState.WITHHELD);

  /** What a try came to. */
  static BundleChange tried(OutboxState to, String status, String words, Instant now) {
    return new BundleChange(OutboxState.BUNDLED, to, 1, status, words, now, now);
  }

  /** What something else than a try came to. */
  static BundleChange untried(
      OutboxState from, OutboxState to, String status, String words, Instant now) {
    return new BundleChange(from, to, 0, status, words, now, now);
  }

  BundleChange withNextTry(Instant at) {
    return new BundleChange(from, to, tries, status, words, at, now);
  }

  /**
   * Of a mail, with all parts if it is a digest.
   *
   * @param id of the bundle that carries the octets
   * @return whether it took place
   */
  boolean ofMail(Handle handle, long id) {
    if (!ofBundle(handle, id)) {
      return false;
    }
    handle
        .createQuery(
            "select bundle_id from outbox_bundle where digest_id = :id and bundle_id <> :id"
                + " order by bundle_id")
        .bind("id", id)
        .mapTo(Long.class)
        .list()
        .forEach(part -> ofBundle(handle, part));
    return true;
  }

  /**
   * Of one bundle by itself.
   *
   * @return whether it took place
   */
  boolean ofBundle(Handle handle, long id) {
    int moved =
        handle
            .createUpdate(
                "update outbox_bundle set state = :to, attempts = attempts + :tries, last_status ="
                    + " :status, last_words = :words, next_try_at = :next, changed_at = :now"
                    + " where bundle_id = :id and state = :from")
            .bind("to", to.name())
            .bind("tries", tries)
            .bind("status", status)
            .bind("words", words)
            .bind("next", Columns.column(nextTry))
            .bind("now", Columns.column(now))
            .bind("id", id)
            .bind("from", from.name())
            .execute();
    if (moved == 0) {
      return false;
    }
    if (ENDED.contains(to)) {
      // Nobody will send them any more; the disk is not to fill with what has left.
      handle
          .createUpdate("update outbox_bundle set octets = :none where bundle_id = :id")
          .bind("none", new byte[0])
          .bind("id", id)
          .execute();
    }
    handle
        .createUpdate(
            "update outbox_line set state = :to, state_reason = :words, changed_at = :now"
                + " where bundle_id = :id")
        .bind("to", to.name())
        .bind("words", words)
        .bind("now", Columns.column(now))
        .bind("id", id)
        .execute();
    return true;
  }
}
