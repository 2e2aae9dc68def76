package io.postern.xmtp.store;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.Topic;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** How far each installation has read each topic. */
public final class CursorStore {
  private static final int AT_ONCE = 250;

  /** The stored cursor; at the start if there is none. */
  public Cursor find(Handle handle, InstallationId installation, Topic topic) {
    var entries = new HashMap<Integer, Long>();
    handle
        .createQuery(
            "select originator, sequence_id from topic_cursor"
                + " where installation_id = ? and topic = ?")
        .bind(0, installation.octets())
        .bind(1, topic.octets())
        .map((row, context) -> entries.put(row.getInt(1), row.getLong(2)))
        .list();
    return Cursor.of(entries);
  }

  /** A topic as one installation reads it. */
  public record Read(InstallationId installation, Topic topic) {}

  /** The stored cursors of many topics, by one query for each few hundred; others are left out. */
  public Map<Read, Cursor> find(Handle handle, Collection<Read> reads) {
    var entries = new HashMap<Read, Map<Integer, Long>>();
    var all = List.copyOf(reads);
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      var some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
      var query =
          handle.createQuery(
              "select installation_id, topic, originator, sequence_id from topic_cursor"
                  + " where (installation_id, topic) in ("
                  + String.join(", ", Collections.nCopies(some.size(), "(?, ?)"))
                  + ")");
      int at = 0;
      for (var read : some) {
        query.bind(at++, read.installation().octets());
        query.bind(at++, read.topic().octets());
      }
      query
          .map(
              (row, context) ->
                  entries
                      .computeIfAbsent(
                          new Read(InstallationId.of(row.getBytes(1)), Topic.read(row.getBytes(2))),
                          read -> new HashMap<>())
                      .put(row.getInt(3), row.getLong(4)))
          .list();
    }
    var cursors = new HashMap<Read, Cursor>();
    entries.forEach((read, found) -> cursors.put(read, Cursor.of(found)));
    return cursors;
  }

  /**
   * Sets the cursor to one place of all originators, back if need be: what was read behind it was
   * read with the keys of a state that is no more.
   */
  public void restart(Handle handle, InstallationId installation, Topic topic, long sequence) {
    handle
        .createUpdate("delete from topic_cursor where installation_id = ? and topic = ?")
        .bind(0, installation.octets())
        .bind(1, topic.octets())
        .execute();
    for (int originator : new int[] {Cursor.COMMITS, Cursor.MESSAGES}) {
      advance(handle, installation, topic, new Position(originator, sequence));
    }
  }

  /** Moves the cursor to a position; a position behind it changes nothing. */
  public void advance(Handle handle, InstallationId installation, Topic topic, Position position) {
    int moved =
        handle
            .createUpdate(
                "update topic_cursor set sequence_id = ? where installation_id = ?"
                    + " and topic = ? and originator = ? and sequence_id < ?")
            .bind(0, position.sequence())
            .bind(1, installation.octets())
            .bind(2, topic.octets())
            .bind(3, position.originator())
            .bind(4, position.sequence())
            .execute();
    if (moved == 0) {
      handle
          .createUpdate(
              "insert into topic_cursor (installation_id, topic, originator, sequence_id)"
                  + " values (?, ?, ?, ?) on conflict do nothing")
          .bind(0, installation.octets())
          .bind(1, topic.octets())
          .bind(2, position.originator())
          .bind(3, position.sequence())
          .execute();
    }
  }
}
