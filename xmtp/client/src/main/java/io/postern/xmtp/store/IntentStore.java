package io.postern.xmtp.store;

import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.GroupStore.Key;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * What we want to happen to groups. An intent outlives the payload made for it: it is encrypted
 * anew when the epoch moves, but each payload that ever left stays known until its epoch is past,
 * so that its echo is recognised even if the answer to its publication was lost.
 */
public final class IntentStore {
  private static final String STAGED = "intent.staged";
  private static final String WELCOME = "intent.welcome";

  private static final String OF_GROUP = " from intent where installation_id = ? and group_id = ?";

  /** Commits first, then in the order they were queued. */
  private static final String IN_ORDER = " case when kind = 1 then 1 else 0 end, id";

  private static final String IN_STATE = OF_GROUP + " and state = ? order by" + IN_ORDER;

  private static final String OCTETS =
      "octet_length(data) + coalesce(octet_length(payload), 0)"
          + " + coalesce(octet_length(welcome_sealed), 0)";

  private final Vault vault;
  private final Lease lease;

  IntentStore(Vault vault, Lease lease) {
    this.vault = vault;
    this.lease = lease;
  }

  /** What is wanted. The codes stand in the table. */
  public enum Kind {
    SEND_MESSAGE(1),
    KEY_UPDATE(2),
    UPDATE_MEMBERSHIP(4);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Whether it becomes a commit. */
    public boolean isCommit() {
      return this != SEND_MESSAGE;
    }

    static Kind of(int code) {
      for (var kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no such kind of intent: " + code);
    }
  }

  /** How far it got. An intent that is done has no row. */
  public enum State {
    TO_PUBLISH,
    /** Its payload may be on the network; the echo will tell. */
    PUBLISHED,
    /** Its commit is merged, its welcomes are still to be sent. */
    COMMITTED
  }

  /**
   * One intent.
   *
   * @param data what is wanted, by kind: a PlaintextEnvelope, or a GroupMembership change
   * @param messageId the message that it publishes
   * @param attempts how often the network has refused it
   * @param epoch the epoch its newest payload was made in
   * @param payload the newest MLSMessage octets made for it
   * @param welcome MLSMessage(Welcome) and recipients to send once the commit is merged
   * @param commitSequence the number of the merged commit
   */
  public record Intent(
      long id,
      Key key,
      Kind kind,
      State state,
      byte[] data,
      Optional<MessageId> messageId,
      boolean shouldPush,
      int attempts,
      long epoch,
      Optional<byte[]> payload,
      Optional<byte[]> welcome,
      long commitSequence) {
    /** The same without what it holds. */
    public Wish wish() {
      return new Wish(id, kind, state, messageId);
    }
  }

  /** An intent without what it holds. */
  public record Wish(long id, Kind kind, State state, Optional<MessageId> messageId) {}

  /**
   * A payload that may be on the network.
   *
   * @param messageId the message that its intent publishes; empty if it publishes none, or is done
   */
  public record Payload(
      long intentId,
      long epoch,
      Optional<byte[]> staged,
      Optional<byte[]> welcome,
      Optional<MessageId> messageId) {}

  /** Queues an intent; answers its number. */
  public long insert(
      Handle handle,
      Key key,
      Kind kind,
      byte[] data,
      Optional<MessageId> messageId,
      boolean shouldPush) {
    return handle
        .createUpdate(
            "insert into intent (installation_id, group_id, kind, state, data, message_id,"
                + " should_push, attempts, epoch, commit_sequence)"
                + " values (?, ?, ?, 0, ?, ?, ?, 0, 0, 0)")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, kind.code)
        .bind(3, data)
        .bind(4, messageId.map(MessageId::toByteArray).orElse(null))
        .bind(5, shouldPush)
        .executeAndReturnGeneratedKeys("id")
        .mapTo(Long.class)
        .one();
  }

  /** A payload was made: from now on it may be on the network. Commit before it is sent. */
  public void published(
      Handle handle,
      Intent intent,
      long epoch,
      byte[] payloadHash,
      byte[] payload,
      Optional<byte[]> staged,
      Optional<byte[]> welcome) {
    var stagedSealed = staged.map(octets -> vault.seal(STAGED, octets)).orElse(null);
    var welcomeSealed = welcome.map(octets -> vault.seal(WELCOME, octets)).orElse(null);
    handle
        .createUpdate("update intent set state = 1, epoch = ?, payload = ? where id = ?")
        .bind(0, epoch)
        .bind(1, payload)
        .bind(2, intent.id())
        .execute();
    handle
        .createUpdate(
            "insert into intent_payload (installation_id, payload_hash, group_id, intent_id, epoch,"
                + " staged_sealed, welcome_sealed) values (?, ?, ?, ?, ?, ?, ?)")
        .bind(0, intent.key().installation().octets())
        .bind(1, payloadHash)
        .bind(2, intent.key().group().octets())
        .bind(3, intent.id())
        .bind(4, epoch)
        .bind(5, stagedSealed)
        .bind(6, welcomeSealed)
        .execute();
  }

  /** To be made anew: its epoch is past, or the network refused it. */
  public void again(Handle handle, long intentId, boolean countAttempt) {
    handle
        .createUpdate(
            "update intent set state = 0, payload = null, attempts = attempts + ? where id = ?")
        .bind(0, countAttempt ? 1 : 0)
        .bind(1, intentId)
        .execute();
  }

  /**
   * To be made anew because this payload came back too late; nothing happens if a newer one has
   * been made since, or the intent has got further.
   */
  public void again(Handle handle, long intentId, byte[] payload) {
    handle
        .createUpdate(
            "update intent set state = 0, payload = null"
                + " where id = ? and state = 1 and payload = ?")
        .bind(0, intentId)
        .bind(1, payload)
        .execute();
  }

  /**
   * A welcome has replaced the group: what was published in its former life is to be made anew, and
   * its welcomes lead nowhere.
   */
  public void replaced(Handle handle, Key key) {
    handle
        .createUpdate("delete from intent where installation_id = ? and group_id = ? and state = 2")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .execute();
    handle
        .createUpdate(
            "update intent set state = 0, payload = null"
                + " where installation_id = ? and group_id = ? and state = 1")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .execute();
    handle
        .createUpdate("delete from intent_payload where installation_id = ? and group_id = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .execute();
  }

  /** The network refused its welcomes. */
  public void refused(Handle handle, long intentId) {
    handle
        .createUpdate("update intent set attempts = attempts + 1 where id = ?")
        .bind(0, intentId)
        .execute();
  }

  /** The commit is merged; its welcomes are due, and nobody has refused them. */
  public void committed(Handle handle, long intentId, long commitSequence, byte[] welcome) {
    handle
        .createUpdate(
            "update intent set state = 2, commit_sequence = ?, welcome_sealed = ?, payload = null,"
                + " attempts = 0"
                + " where id = ?")
        .bind(0, commitSequence)
        .bind(1, vault.seal(WELCOME, welcome))
        .bind(2, intentId)
        .execute();
  }

  /** Nothing is left to do for it. Its payloads stay known until their epoch is past. */
  public void done(Handle handle, long intentId) {
    handle.createUpdate("delete from intent where id = ?").bind(0, intentId).execute();
  }

  /** Forgets payloads of epochs whose messages nobody can decrypt any more. */
  public void forgetPayloads(Handle handle, Key key, long beforeEpoch) {
    handle
        .createUpdate(
            "delete from intent_payload where installation_id = ? and group_id = ? and epoch < ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, beforeEpoch)
        .execute();
  }

  /**
   * An epoch has begun: what was staged in earlier ones has lost and is erased. The hashes stay, so
   * that the echo is known.
   */
  public void forgetStaged(Handle handle, Key key, long epoch) {
    handle
        .createUpdate(
            "update intent_payload set staged_sealed = null, welcome_sealed = null"
                + " where installation_id = ? and group_id = ? and epoch < ?"
                + " and staged_sealed is not null")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, epoch)
        .execute();
  }

  /** Forgets one payload whose echo has come. */
  public void forgetPayload(Handle handle, Key key, byte[] payloadHash) {
    handle
        .createUpdate("delete from intent_payload where installation_id = ? and payload_hash = ?")
        .bind(0, key.installation().octets())
        .bind(1, payloadHash)
        .execute();
  }

  public Optional<Payload> payload(Handle handle, InstallationId installation, byte[] hash) {
    return handle
        .createQuery(
            "select p.intent_id, p.epoch, p.staged_sealed, p.welcome_sealed, i.message_id"
                + " from intent_payload p left join intent i on i.id = p.intent_id"
                + " where p.installation_id = ? and p.payload_hash = ?")
        .bind(0, installation.octets())
        .bind(1, hash)
        .map(
            (row, context) ->
                new Payload(
                    row.getLong(1),
                    row.getLong(2),
                    opened(STAGED, row.getBytes(3)),
                    opened(WELCOME, row.getBytes(4)),
                    Optional.ofNullable(row.getBytes(5)).map(MessageId::of)))
        .findOne();
  }

  /** The hashes of all payloads of a group that may still come back. */
  public List<byte[]> payloadHashes(Handle handle, Key key) {
    return handle
        .createQuery(
            "select payload_hash from intent_payload where installation_id = ? and group_id = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .map((row, context) -> row.getBytes(1))
        .list();
  }

  /**
   * The next intents of a group in one state; commits first, then in the order they were queued.
   *
   * @param limit how many at most
   * @param maxOctets how much they hold together at most; one is answered in any case
   */
  public List<Intent> list(Handle handle, Key key, State state, int limit, int maxOctets) {
    int count = limit == 1 ? 1 : fitting(handle, key, state, limit, maxOctets);
    return count == 0
        ? List.of()
        : inState(handle, "select *", key, state, count).map((row, context) -> read(row)).list();
  }

  private static int fitting(Handle handle, Key key, State state, int limit, int maxOctets) {
    long octets = 0;
    int count = 0;
    for (long each :
        inState(handle, "select " + OCTETS, key, state, limit).mapTo(Long.class).list()) {
      octets += each;
      if (count > 0 && octets > maxOctets) {
        break;
      }
      count++;
    }
    return count;
  }

  private static Query inState(Handle handle, String what, Key key, State state, int limit) {
    return handle
        .createQuery(what + IN_STATE + " limit ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, state.ordinal())
        .bind(3, limit);
  }

  /** All intents of a group in one state, in the same order. */
  public List<Wish> wishes(Handle handle, Key key, State state) {
    return inState(handle, "select id, kind, state, message_id", key, state, Integer.MAX_VALUE)
        .map((row, context) -> wish(row))
        .list();
  }

  /**
   * The first intents of a group in all states, those that have come furthest first: so it is seen
   * with one look whether there is any of a state.
   */
  public List<Wish> wishes(Handle handle, Key key, int limit) {
    return handle
        .createQuery(
            "select id, kind, state, message_id"
                + OF_GROUP
                + " order by state desc,"
                + IN_ORDER
                + " limit ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, limit)
        .map((row, context) -> wish(row))
        .list();
  }

  private static Wish wish(ResultSet row) throws SQLException {
    return new Wish(
        row.getLong(1),
        Kind.of(row.getInt(2)),
        State.values()[row.getInt(3)],
        Optional.ofNullable(row.getBytes(4)).map(MessageId::of));
  }

  /** Whether a group has an intent in this state. */
  public boolean any(Handle handle, Key key, State state) {
    return inState(handle, "select id", key, state, 1).mapTo(Long.class).findOne().isPresent();
  }

  /** Every group of the lease for which anything is left to do. */
  public List<Key> groupsWithWork(Handle handle) {
    return handle
        .createQuery(
            "select distinct installation_id, group_id from intent where true"
                + lease.andHas("installation_id"))
        .map(
            (row, context) ->
                new Key(InstallationId.of(row.getBytes(1)), GroupId.of(row.getBytes(2))))
        .list();
  }

  private Optional<byte[]> opened(String place, byte[] sealed) {
    return Optional.ofNullable(sealed).map(octets -> vault.open(place, octets));
  }

  private Intent read(ResultSet row) throws SQLException {
    return new Intent(
        row.getLong("id"),
        new Key(
            InstallationId.of(row.getBytes("installation_id")),
            GroupId.of(row.getBytes("group_id"))),
        Kind.of(row.getInt("kind")),
        State.values()[row.getInt("state")],
        row.getBytes("data"),
        Optional.ofNullable(row.getBytes("message_id")).map(MessageId::of),
        row.getBoolean("should_push"),
        row.getInt("attempts"),
        row.getLong("epoch"),
        Optional.ofNullable(row.getBytes("payload")),
        opened(WELCOME, row.getBytes("welcome_sealed")),
        row.getLong("commit_sequence"));
  }
}
