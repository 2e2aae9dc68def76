package io.postern.xmtp.store;

import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Decrypted messages, ours and others', each once; and the queue of those not yet handed on. */
public final class MessageStore {
  /** Why a message is there. */
  public enum Kind {
    /** Somebody sent it. */
    APPLICATION,
    /** Made here from a commit. */
    MEMBERSHIP_CHANGE
  }

  /** How far a message of ours has come; others' are always published. */
  public enum Status {
    UNPUBLISHED,
    PUBLISHED,
    FAILED
  }

  /** Named whole, so that the index message_group is read from its end and nothing is sorted. */
  private static final String NEWEST_FIRST =
      " order by installation_id desc, group_id desc, sent_at_ns desc, sequence_id desc";

  private static final Comparator<Message> AGE =
      Comparator.comparingLong(Message::sentAtNs).thenComparingLong(Message::sequenceId);

  private final Lease lease;

  MessageStore(Lease lease) {
    this.lease = lease;
  }

  /**
   * One message.
   *
   * @param sequenceId its number on the network, 0 before it is there
   * @param sentAtNs the network's time, Unix nanoseconds; before it is published, ours
   * @param expireAtNs when it is to be forgotten
   * @param content the EncodedContent octets as sent
   */
  public record Message(
      InstallationId installation,
      MessageId id,
      GroupId group,
      long sequenceId,
      long sentAtNs,
      InboxId sender,
      InstallationId senderInstallation,
      Kind kind,
      Status status,
      Optional<Long> expireAtNs,
      byte[] content) {}

  /**
   * One that comes.
   *
   * @param pending whether it waits to be handed on
   */
  public record Arrival(Message message, boolean pending) {}

  /**
   * Adds a message unless one with its id is there.
   *
   * @param pending whether it waits to be handed on
   * @return whether it is new
   */
  public boolean insert(Handle handle, Message message, boolean pending) {
    return insert(handle, List.of(new Arrival(message, pending))) > 0;
  }

  /**
   * Adds messages in this order, each unless one with its id is there.
   *
   * @return how many are new
   */
  public int insert(Handle handle, List<Arrival> arrivals) {
    var batch =
        handle.prepareBatch(
            "insert into message (installation_id, message_id, group_id, sequence_id,"
                + " sent_at_ns, sender_inbox_id, sender_installation, kind, status, pending,"
                + " expire_at_ns, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " on conflict do nothing");
    for (var arrival : arrivals) {
      var message = arrival.message();
      batch
          .bind(0, message.installation().octets())
          .bind(1, message.id().toByteArray())
          .bind(2, message.group().octets())
          .bind(3, message.sequenceId())
          .bind(4, message.sentAtNs())
          .bind(5, message.sender().toString())
          .bind(6, message.senderInstallation().octets())
          .bind(7, message.kind().ordinal())
          .bind(8, message.status().ordinal())
          .bind(9, arrival.pending())
          .bind(10, message.expireAtNs().orElse(null))
          .bind(11, message.content())
          .add();
    }
    var inserted = batch.execute();
    var queue =
        handle.prepareBatch(
            "insert into pending_message (installation_id, message_id) values (?, ?)");
    int added = 0;
    for (int i = 0; i < inserted.length; i++) {
      added += inserted[i];
      if (inserted[i] > 0 && arrivals.get(i).pending()) {
        var message = arrivals.get(i).message();
        queue.bind(0, message.installation().octets()).bind(1, message.id().toByteArray()).add();
      }
    }
    queue.execute();
    return added;
  }

  /** A message of ours is on the network. */
  public void published(
      Handle handle, InstallationId installation, MessageId id, long sequenceId, long sentAtNs) {
    handle
        .createUpdate(
            "update message set status = ?, sequence_id = ?, sent_at_ns = ?"
                + " where installation_id = ? and message_id = ? and sequence_id = 0")
        .bind(0, Status.PUBLISHED.ordinal())
        .bind(1, sequenceId)
        .bind(2, sentAtNs)
        .bind(3, installation.octets())
        .bind(4, id.toByteArray())
        .execute();
  }

  /** A message of ours could not be published. */
  public void failed(Handle handle, InstallationId installation, MessageId id) {
    handle
        .createUpdate("update message set status = ? where installation_id = ? and message_id = ?")
        .bind(0, Status.FAILED.ordinal())
        .bind(1, installation.octets())
        .bind(2, id.toByteArray())
        .execute();
  }

  public Optional<Message> find(Handle handle, InstallationId installation, MessageId id) {
    return handle
        .createQuery("select * from message where installation_id = ? and message_id = ?")
        .bind(0, installation.octets())
        .bind(1, id.toByteArray())
        .map((row, context) -> read(row))
        .findOne();
  }

  /**
   * The last message that one installation had published in some groups before a time.
   *
   * @param groups one at least
   * @param beforeNs Unix nanoseconds, the network's time; not included
   */
  public Optional<Message> lastOf(
      Handle handle,
      InstallationId installation,
      InstallationId sender,
      List<GroupId> groups,
      long beforeNs) {
    return groups.stream()
        .flatMap(group -> lastOf(handle, installation, sender, group, beforeNs).stream())
        .max(AGE);
  }

  private static Optional<Message> lastOf(
      Handle handle,
      InstallationId installation,
      InstallationId sender,
      GroupId group,
      long beforeNs) {
    return handle
        .createQuery(
            "select * from message where installation_id = :installation and group_id = :group"
                + " and sender_installation = :sender and status = :status and kind = :kind"
                + " and sent_at_ns < :before"
                + NEWEST_FIRST
                + " limit 1")
        .bind("installation", installation.octets())
        .bind("group", group.octets())
        .bind("sender", sender.octets())
        .bind("status", Status.PUBLISHED.ordinal())
        .bind("kind", Kind.APPLICATION.ordinal())
        .bind("before", beforeNs)
        .map((row, context) -> read(row))
        .findOne();
  }

  /** The newest messages of some groups, oldest first. */
  public List<Message> newest(
      Handle handle, InstallationId installation, List<GroupId> groups, int limit) {
    var messages =
        groups.stream()
            .flatMap(group -> newest(handle, installation, group, limit).stream())
            .sorted(AGE)
            .toList();
    return messages.subList(Math.max(0, messages.size() - limit), messages.size());
  }

  private static List<Message> newest(
      Handle handle, InstallationId installation, GroupId group, int limit) {
    return handle
        .createQuery(
            "select * from message where installation_id = :installation and group_id = :group"
                + NEWEST_FIRST
                + " limit :limit")
        .bind("installation", installation.octets())
        .bind("group", group.octets())
        .bind("limit", limit)
        .map((row, context) -> read(row))
        .list();
  }

  /** Messages of the lease that wait to be handed on, oldest first. */
  public List<Pending> pending(Handle handle, long after, int limit) {
    return handle
        .createQuery(
            "select p.id as queue_id, m.* from pending_message p join message m"
                + " on m.installation_id = p.installation_id and m.message_id = p.message_id"
                + " where p.id > ?"
                + lease.andHas("p.installation_id")
                + " order by p.id limit ?")
        .bind(0, after)
        .bind(1, limit)
        .map((row, context) -> new Pending(row.getLong("queue_id"), read(row)))
        .list();
  }

  /** A message that waits, and its place in the queue. */
  public record Pending(long queueId, Message message) {}

  /** The message has been handed on; belongs into the transaction that does it. */
  public void handedOn(Handle handle, Pending pending) {
    handle
        .createUpdate("delete from pending_message where id = ?")
        .bind(0, pending.queueId())
        .execute();
    handle
        .createUpdate(
            "update message set pending = false where installation_id = ? and message_id = ?")
        .bind(0, pending.message().installation().octets())
        .bind(1, pending.message().id().toByteArray())
        .execute();
  }

  /** Which message of which installation. */
  public record Place(InstallationId installation, MessageId id) {}

  /** What has expired, but nothing that still waits to be handed on; the longest expired first. */
  public List<Place> expired(Handle handle, long nowNs, int limit) {
    return handle
        .createQuery(
            "select installation_id, message_id from message"
                + " where expire_at_ns <= ? and not pending order by expire_at_ns limit ?")
        .bind(0, nowNs)
        .bind(1, limit)
        .map(
            (row, context) ->
                new Place(InstallationId.of(row.getBytes(1)), MessageId.of(row.getBytes(2))))
        .list();
  }

  /** Forgets messages. */
  public void delete(Handle handle, List<Place> messages) {
    var batch =
        handle.prepareBatch("delete from message where installation_id = ? and message_id = ?");
    for (var message : messages) {
      batch.bind(0, message.installation().octets()).bind(1, message.id().toByteArray()).add();
    }
    batch.execute();
  }

  private static Message read(ResultSet row) throws SQLException {
    long expire = row.getLong("expire_at_ns");
    Optional<Long> expireAt = row.wasNull() ? Optional.empty() : Optional.of(expire);
    return new Message(
        InstallationId.of(row.getBytes("installation_id")),
        MessageId.of(row.getBytes("message_id")),
        GroupId.of(row.getBytes("group_id")),
        row.getLong("sequence_id"),
        row.getLong("sent_at_ns"),
        new InboxId(row.getString("sender_inbox_id")),
        InstallationId.of(row.getBytes("sender_installation")),
        Kind.values()[row.getInt("kind")],
        Status.values()[row.getInt("status")],
        expireAt,
        row.getBytes("content"));
  }
}
