package io.postern.xmtp.store;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.Topic;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** How far each installation has read each topic. */
public final class CursorStore {
  private static final int AT_ONCE = 250;

  /** So many topics are asked for one by one. */
  private static final int FEW = 100;

  /** The stored cursor; at the start if there is none. */
  public Cursor find(Handle handle, InstallationId installation, Topic topic) {
    return Cursor.of(positions(handle, installation, topic));
  }

  private static Map<Integer, Long> positions(
      Handle handle, InstallationId installation, Topic topic) {
    var entries = new HashMap<Integer, Long>();
    handle
        .createQuery(
            "select originator, sequence_id from topic_cursor"
                + " where installation_id = ? and topic = ?")
        .bind(0, installation.octets())
        .bind(1, topic.octets())
        .map((row, context) -> entries.put(row.getInt(1), row.getLong(2)))
        .list();
    return entries;
  }

  /** A topic as one installation reads it. */
  public record Read(InstallationId installation, Topic topic) {}

  /**
   * The stored cursors of topics; others are left out. A few are asked for one by one: an
   * installation may have read thousands. Many are asked for by installation, a few hundred at
   * once: of a list of pairs H2 compares every row with each.
   */
  public Map<Read, Cursor> find(Handle handle, Collection<Read> reads) {
    var wanted = Set.copyOf(reads);
    var entries = wanted.size() <= FEW ? oneByOne(handle, wanted) : byInstallation(handle, wanted);
    var cursors = new HashMap<Read, Cursor>();
    entries.forEach((read, found) -> cursors.put(read, Cursor.of(found)));
    return cursors;
  }

  private static Map<Read, Map<Integer, Long>> oneByOne(Handle handle, Set<Read> wanted) {
    var entries = new HashMap<Read, Map<Integer, Long>>();
    for (var read : wanted) {
      var found = positions(handle, read.installation(), read.topic());
      if (!found.isEmpty()) {
        entries.put(read, found);
      }
    }
    return entries;
  }

  private static Map<Read, Map<Integer, Long>> byInstallation(Handle handle, Set<Read> wanted) {
    var installations = wanted.stream().map(Read::installation).distinct().toList();
    var entries = new HashMap<Read, Map<Integer, Long>>();
    for (int from = 0; from < installations.size(); from += AT_ONCE) {
      var some = installations.subList(from, Math.min(installations.size(), from + AT_ONCE));
      handle
          .createQuery(
              "select installation_id, topic, originator, sequence_id from topic_cursor"
                  + " where installation_id in (<installations>)")
          .bindList("installations", some.stream().map(InstallationId::octets).toList())
          .map((row, context) -> new Entry(row))
          .stream()
          .filter(entry -> wanted.contains(entry.read))
          .forEach(
              entry ->
                  entries
                      .computeIfAbsent(entry.read, read -> new HashMap<>())
                      .put(entry.originator, entry.sequence));
    }
    return entries;
  }

  private record Entry(Read read, int originator, long sequence) {
    Entry(ResultSet row) throws SQLException {
      this(
          new Read(InstallationId.of(row.getBytes(1)), Topic.read(row.getBytes(2))),
          row.getInt(3),
          row.getLong(4));
    }
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
