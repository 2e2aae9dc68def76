package io.postern.node;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse.IdentityUpdateLog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The identity updates of every inbox, and which inbox each address belongs to. Sequence ids are
 * one sequence over all inboxes and are never changed: clients write them into the state of their
 * groups. Safe for use by several threads.
 */
final class InboxLog {
  /** Updates of one inbox at most, as on the network. */
  static final int MAX_UPDATES = 256;

  /**
   * Octets of the updates of one inbox at most: a log is told whole, and official clients ask for
   * 50 at once.
   */
  static final long MAX_BYTES = 400 << 10;

  private static final String SEQUENCE = "inbox";
  private static final int MAX_TRIES = 3;
  private static final Pattern INBOX_ID = Pattern.compile("[0-9a-f]{64}");

  private final NodeDatabase database;
  private final PublishCheck check;

  InboxLog(NodeDatabase database, PublishCheck check) {
    this.database = database;
    this.check = check;
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT sequence_id, server_timestamp_ns FROM inbox_log ORDER BY"
                            + " sequence_id DESC FETCH FIRST ROW ONLY")
                    .map((row, context) -> Map.entry(row.getLong(1), row.getLong(2)))
                    .findFirst()
                    .ifPresent(
                        last ->
                            database.sequences().resume(SEQUENCE, last.getKey(), last.getValue())));
  }

  /**
   * Verifies the update against the whole log of its inbox and stores it. Blocks until it is
   * durable. Two updates of one inbox at the same time are put in order: the later one is verified
   * again behind the other.
   *
   * @throws RefusedException if the update breaks a rule, or the log is full
   */
  void publish(IdentityUpdate update) throws RefusedException {
    if (!INBOX_ID.matcher(update.getInboxId()).matches()) {
      throw new RefusedException(
          Status.Code.UNKNOWN, "inbox_id is not 64 lower-case hexadecimal digits");
    }
    for (var tries = 0; tries < MAX_TRIES; tries++) {
      var known = updatesAfter(update.getInboxId(), 0);
      if (known.size() >= MAX_UPDATES) {
        throw new RefusedException(Status.Code.UNKNOWN, "inbox log is full");
      }
      var bytes = known.stream().mapToLong(entry -> entry.getSerializedSize()).sum();
      if (bytes + update.getSerializedSize() > MAX_BYTES) {
        throw new RefusedException(Status.Code.UNKNOWN, "inbox log is full of octets");
      }
      var change = check.verify(known.stream().map(IdentityUpdateLog::getUpdate).toList(), update);
      var last = known.isEmpty() ? 0 : known.get(known.size() - 1).getSequenceId();
      if (database
          .write(
              update.getSerializedSize(), transaction -> append(transaction, update, last, change))
          .join()) {
        return;
      }
    }
    throw new RefusedException(
        Status.Code.UNKNOWN, "other updates of the inbox came first, try again");
  }

  /** All updates of an inbox above a sequence id, ascending. */
  List<IdentityUpdateLog> updatesAfter(String inboxId, long sequenceId) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT sequence_id, server_timestamp_ns, identity_update FROM inbox_log"
                            + " WHERE inbox_id = ? AND sequence_id > ? ORDER BY sequence_id")
                    .bind(0, inboxId)
                    .bind(1, sequenceId)
                    .map(InboxLog::entry)
                    .list());
  }

  /**
   * The inbox of each address that has one: its newest association that is not revoked. Addresses
   * match exactly.
   */
  Map<String, String> inboxIds(Collection<String> addresses) {
    var found = new HashMap<String, String>();
    Object[] wanted = addresses.stream().distinct().toArray();
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT a.address, a.inbox_id FROM UNNEST(CAST(? AS VARCHAR ARRAY)) AS"
                            + " t(address) JOIN address_log a ON a.address = t.address WHERE"
                            + " a.revocation_sequence_id IS NULL ORDER BY"
                            + " a.association_sequence_id")
                    .bind(
                        0, (position, statement, context) -> statement.setObject(position, wanted))
                    .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
                    .forEach(row -> found.put(row.getKey(), row.getValue())));
    return found;
  }

  /** Returns false, and stores nothing, if the inbox has moved on since {@code last}. */
  private boolean append(
      Transaction transaction,
      IdentityUpdate update,
      long last,
      PublishCheck.AddressChange change) {
    var inboxId = update.getInboxId();
    if (newest(transaction.handle(), inboxId) != last) {
      return false;
    }
    var sequenceId = database.sequences().next(SEQUENCE);
    transaction.make(
        Change.IDENTITY_UPDATE,
        sequenceId,
        inboxId,
        database.sequences().nextTimeNs(),
        update.toByteArray());
    for (var address : change.added()) {
      transaction.make(Change.ADDRESS_ADDED, address, inboxId, sequenceId);
    }
    for (var address : change.removed()) {
      newestAssociation(transaction.handle(), address, inboxId)
          .ifPresent(
              association ->
                  transaction.make(
                      Change.ADDRESS_REVOKED, sequenceId, address, inboxId, association));
    }
    return true;
  }

  private static long newest(Handle handle, String inboxId) {
    return handle
        .createQuery("SELECT COALESCE(MAX(sequence_id), 0) FROM inbox_log WHERE inbox_id = ?")
        .bind(0, inboxId)
        .mapTo(Long.class)
        .one();
  }

  private static Optional<Long> newestAssociation(Handle handle, String address, String inboxId) {
    return handle
        .createQuery(
            "SELECT association_sequence_id FROM address_log WHERE address = ? AND inbox_id = ?"
                + " ORDER BY association_sequence_id DESC FETCH FIRST ROW ONLY")
        .bind(0, address)
        .bind(1, inboxId)
        .mapTo(Long.class)
        .findFirst();
  }

  private static IdentityUpdateLog entry(ResultSet row, StatementContext context)
      throws SQLException {
    try {
      return IdentityUpdateLog.newBuilder()
          .setSequenceId(row.getLong(1))
          .setServerTimestampNs(row.getLong(2))
          .setUpdate(IdentityUpdate.parseFrom(row.getBytes(3)))
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("inbox_log row %d is damaged".formatted(row.getLong(1)), e);
    }
  }
}
