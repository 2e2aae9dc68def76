package io.postern.xmtp.store;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Identity updates as the network ordered them. They never change and never expire. */
public final class IdentityStore {
  private static final int AT_ONCE = 250;

  /** Adds an update; one that is there stays. */
  public void insert(Handle handle, InboxId inbox, LoggedUpdate update) {
    handle
        .createUpdate(
            "insert into identity_update (inbox_id, sequence_id, octets) values (?, ?, ?)"
                + " on conflict do nothing")
        .bind(0, inbox.toString())
        .bind(1, update.sequenceId())
        .bind(2, update.update().toByteArray())
        .execute();
  }

  /** Forgets whole logs; the network has them. */
  public void forget(Handle handle, Collection<InboxId> inboxes) {
    var batch = handle.prepareBatch("delete from identity_update where inbox_id = ?");
    inboxes.forEach(inbox -> batch.bind(0, inbox.toString()).add());
    batch.execute();
  }

  /** The highest sequence id that we hold of an inbox, 0 if none. */
  public long latest(Handle handle, InboxId inbox) {
    return handle
        .createQuery("select coalesce(max(sequence_id), 0) from identity_update where inbox_id = ?")
        .bind(0, inbox.toString())
        .mapTo(Long.class)
        .one();
  }

  /** The same of many inboxes, by one query for each few hundred. */
  public Map<InboxId, Long> latest(Handle handle, Collection<InboxId> inboxes) {
    var latest = new LinkedHashMap<InboxId, Long>();
    inboxes.forEach(inbox -> latest.put(inbox, 0L));
    var all = List.copyOf(latest.keySet());
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      handle
          .createQuery(
              "select inbox_id, max(sequence_id) from identity_update"
                  + " where inbox_id in (<inboxes>) group by inbox_id")
          .bindList(
              "inboxes",
              all.subList(from, Math.min(all.size(), from + AT_ONCE)).stream()
                  .map(InboxId::toString)
                  .toList())
          .map((row, context) -> latest.put(new InboxId(row.getString(1)), row.getLong(2)))
          .list();
    }
    return latest;
  }

  /** All updates of an inbox up to a sequence id (inclusive), ascending. */
  public List<LoggedUpdate> list(Handle handle, InboxId inbox, long upTo) {
    return handle
        .createQuery(
            "select sequence_id, octets from identity_update"
                + " where inbox_id = ? and sequence_id <= ? order by sequence_id")
        .bind(0, inbox.toString())
        .bind(1, upTo)
        .map((row, context) -> new LoggedUpdate(row.getLong(1), parse(row.getBytes(2))))
        .list();
  }

  private static IdentityUpdate parse(byte[] octets) {
    try {
      return IdentityUpdate.parseFrom(octets);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored identity update is damaged", damaged);
    }
  }
}
