package io.postern.xmtp.store;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.Topic;
import java.util.HashMap;
import org.jdbi.v3.core.Handle;

/** How far each installation has read each topic. */
public final class CursorStore {
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
