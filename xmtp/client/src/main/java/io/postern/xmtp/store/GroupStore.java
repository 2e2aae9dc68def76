package io.postern.xmtp.store;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Topic;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The groups of each installation: what is known of them, and their sealed MLS state. */
public final class GroupStore {
  /** The places are older than the tables. */
  private static final String EPOCH = "mls_group.epoch";

  private static final String RATCHET = "mls_group.ratchet";
  private static final String COLUMNS =
      "installation_id, group_id, kind, peer_inbox_id, added_by, membership, active, created_ns,"
          + " last_message_ns, rotated_at_ns, checked_at_ns, expire_in_ns, paused_for,"
          + " maybe_forked, epoch";

  private final SealedParts epochs;
  private final SealedParts ratchets;
  private final Lease lease;

  GroupStore(Vault vault, Lease lease) {
    this.lease = lease;
    this.epochs = new SealedParts(vault, "mls_epoch", EPOCH);
    this.ratchets = new SealedParts(vault, "mls_ratchet", RATCHET);
  }

  /** What a group is for; the numbers are those of the wire. */
  public enum Kind {
    GROUP(1),
    DM(2),
    SYNC(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The number on the wire and in the table. */
    public int code() {
      return code;
    }

    static Kind of(int code) {
      for (var kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no such kind of group: " + code);
    }
  }

  /** Our own relation to a group: invited, in use, or leaving. */
  public enum Membership {
    PENDING,
    ALLOWED,
    LEAVING
  }

  /**
   * One row, without the MLS state.
   *
   * @param peer the other inbox of a DM
   * @param active whether we have a leaf in it
   * @param rotatedAtNs when our leaf key was last replaced; 0 if never
   * @param checkedAtNs when the members' installations were last compared with their inboxes
   * @param expireInNs lifetime of new messages, 0 for ever
   * @param pausedFor the protocol version that the group demands and we lack
   * @param maybeForked others went on after a commit that we refused
   */
  public record GroupRow(
      InstallationId installation,
      GroupId group,
      Kind kind,
      Optional<InboxId> peer,
      InboxId addedBy,
      Membership membership,
      boolean active,
      long createdNs,
      long lastMessageNs,
      long rotatedAtNs,
      long checkedAtNs,
      long expireInNs,
      Optional<String> pausedFor,
      boolean maybeForked,
      long epoch) {

    /** Whether it can be written to, as far as is known. */
    public boolean isUsable() {
      return active && pausedFor.isEmpty() && !maybeForked;
    }
  }

  /** The MLS state of a group in its two parts, opened. */
  public record State(byte[] epoch, byte[] ratchet) {}

  /**
   * Adds a group, or replaces it completely: a welcome outranks what we had. The state's octets are
   * wiped.
   */
  public void put(Handle handle, GroupRow row, State state) {
    var key = new Key(row.installation(), row.group());
    long version = version(handle, key).map(former -> former + 1).orElse(1L);
    handle
        .createUpdate("delete from mls_group where installation_id = ? and group_id = ?")
        .bind(0, row.installation().octets())
        .bind(1, row.group().octets())
        .execute();
    handle
        .createUpdate(
            "insert into mls_group ("
                + COLUMNS
                + ", version)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(0, row.installation().octets())
        .bind(1, row.group().octets())
        .bind(2, row.kind().code())
        .bind(3, row.peer().map(InboxId::toString).orElse(null))
        .bind(4, row.addedBy().toString())
        .bind(5, row.membership().ordinal())
        .bind(6, row.active())
        .bind(7, row.createdNs())
        .bind(8, row.lastMessageNs())
        .bind(9, row.rotatedAtNs())
        .bind(10, row.checkedAtNs())
        .bind(11, row.expireInNs())
        .bind(12, row.pausedFor().orElse(null))
        .bind(13, row.maybeForked())
        .bind(14, row.epoch())
        .bind(15, version)
        .execute();
    epochs.replace(handle, key, state.epoch());
    ratchets.replace(handle, key, state.ratchet());
  }

  public Optional<GroupRow> find(Handle handle, InstallationId installation, GroupId group) {
    return handle
        .createQuery(
            "select " + COLUMNS + " from mls_group where installation_id = ? and group_id = ?")
        .bind(0, installation.octets())
        .bind(1, group.octets())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** The MLS state of a group that is there. */
  public State state(Handle handle, InstallationId installation, GroupId group) {
    var key = new Key(installation, group);
    return new State(epochs.read(handle, key), ratchets.read(handle, key));
  }

  /**
   * How often the MLS state of a group has changed. Read it before the state: then a change in
   * between is noticed at the next save.
   */
  public Optional<Long> version(Handle handle, Key key) {
    return handle
        .createQuery("select version from mls_group where installation_id = ? and group_id = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .mapTo(Long.class)
        .findOne();
  }

  /** All groups of a DM between an inbox of ours and a peer, the one to write to first. */
  public List<GroupRow> dms(Handle handle, InstallationId installation, InboxId peer) {
    return handle
        .createQuery(
            "select "
                + COLUMNS
                + " from mls_group where installation_id = ? and peer_inbox_id = ?"
                + " order by last_message_ns desc, created_ns desc")
        .bind(0, installation.octets())
        .bind(1, peer.toString())
        .map((row, context) -> read(row))
        .list();
  }

  /** How many groups an inbox has brought us into since then that nobody has looked at. */
  public int pending(Handle handle, InstallationId installation, InboxId adder, long sinceNs) {
    return handle
        .createQuery(
            "select count(*) from mls_group where installation_id = ? and added_by = ?"
                + " and membership = ? and created_ns > ?")
        .bind(0, installation.octets())
        .bind(1, adder.toString())
        .bind(2, Membership.PENDING.ordinal())
        .bind(3, sinceNs)
        .mapTo(Integer.class)
        .one();
  }

  public List<GroupRow> list(Handle handle, InstallationId installation) {
    return handle
        .createQuery(
            "select "
                + COLUMNS
                + " from mls_group where installation_id = ? order by last_message_ns desc")
        .bind(0, installation.octets())
        .map((row, context) -> read(row))
        .list();
  }

  /** Installation and group of every group of the lease that can still bring something. */
  public List<Key> active(Handle handle) {
    return handle
        .createQuery(
            "select installation_id, group_id from mls_group where active"
                + lease.andHas("installation_id"))
        .map(
            (row, context) ->
                new Key(InstallationId.of(row.getBytes(1)), GroupId.of(row.getBytes(2))))
        .list();
  }

  /** How far every group of the lease that can still bring something has been read. */
  public Map<Key, Cursor> cursors(Handle handle) {
    var entries = new HashMap<Key, Map<Integer, Long>>();
    handle
        .createQuery(
            "select g.installation_id, g.group_id, c.originator, c.sequence_id"
                + " from mls_group g left join topic_cursor c"
                + " on c.installation_id = g.installation_id"
                + " and c.topic = cast(? as bytea) || g.group_id where g.active"
                + lease.andHas("g.installation_id"))
        .bind(0, Topic.Kind.GROUP_MESSAGES.prefix())
        .map(
            (row, context) -> {
              var key = new Key(InstallationId.of(row.getBytes(1)), GroupId.of(row.getBytes(2)));
              var cursor = entries.computeIfAbsent(key, k -> new HashMap<>());
              int originator = row.getInt(3);
              if (!row.wasNull()) {
                cursor.put(originator, row.getLong(4));
              }
              return key;
            })
        .list();
    var cursors = new HashMap<Key, Cursor>();
    entries.forEach((key, found) -> cursors.put(key, Cursor.of(found)));
    return cursors;
  }

  /**
   * Groups of the lease that we write into and whose leaf key of ours was last replaced before this
   * time; the oldest first.
   */
  public List<GroupRow> rotatedBefore(Handle handle, long ns, int limit) {
    return handle
        .createQuery(
            "select "
                + COLUMNS
                + " from mls_group where active and kind <> 3 and paused_for is null"
                + " and not maybe_forked and membership = 1"
                + " and rotated_at_ns > 0 and rotated_at_ns <= ?"
                + lease.andHas("installation_id")
                + " order by rotated_at_ns limit ?")
        .bind(0, ns)
        .bind(1, limit)
        .map((row, context) -> read(row))
        .list();
  }

  /** The groups of the lease that went on without us, or wait for a later version of us. */
  public List<GroupRow> goneOn(Handle handle) {
    return handle
        .createQuery(
            "select "
                + COLUMNS
                + " from mls_group where (maybe_forked or paused_for is not null) and active"
                + lease.andHas("installation_id"))
        .map((row, context) -> read(row))
        .list();
  }

  /** The groups of the lease that wait for a later version of us, and for which. */
  public Map<Key, String> paused(Handle handle) {
    var paused = new HashMap<Key, String>();
    handle
        .createQuery(
            "select installation_id, group_id, paused_for from mls_group"
                + " where paused_for is not null"
                + lease.andHas("installation_id"))
        .map(
            (row, context) ->
                paused.put(
                    new Key(InstallationId.of(row.getBytes(1)), GroupId.of(row.getBytes(2))),
                    row.getString(3)))
        .list();
    return paused;
  }

  /** Which group of which installation. */
  public record Key(InstallationId installation, GroupId group) {
    @Override
    public String toString() {
      return group + "@" + installation.toString().substring(0, 8);
    }
  }

  /**
   * After messages: only what a message changes. The octets are wiped.
   *
   * @param version of the state that this one was made from; the next one is one higher
   * @param lastMessageNs the network's time of the newest of them, or 0
   * @throws StaleGroupException if another version is stored; the transaction must not commit
   */
  public void saveRatchet(
      Handle handle, Key key, long version, long lastMessageNs, byte[] ratchet) {
    raise(handle, key, version, "last_message_ns = greatest(last_message_ns, ?)", lastMessageNs);
    ratchets.replace(handle, key, ratchet);
  }

  /**
   * After a commit: everything. The state's octets are wiped.
   *
   * @param version of the state that this one was made from; the next one is one higher
   * @throws StaleGroupException if another version is stored; the transaction must not commit
   */
  public void saveEpoch(
      Handle handle, Key key, long version, long epoch, boolean active, State state) {
    raise(handle, key, version, "epoch = ?, active = ?", epoch, active);
    epochs.replace(handle, key, state.epoch());
    ratchets.replace(handle, key, state.ratchet());
  }

  private static void raise(
      Handle handle, Key key, long version, String assignments, Object... values) {
    var update =
        handle.createUpdate(
            "update mls_group set version = version + 1, "
                + assignments
                + " where installation_id = ? and group_id = ? and version = ?");
    int at = 0;
    for (var value : values) {
      update.bind(at++, value);
    }
    int changed =
        update
            .bind(at++, key.installation().octets())
            .bind(at++, key.group().octets())
            .bind(at, version)
            .execute();
    if (changed == 0) {
      throw new StaleGroupException(key, version);
    }
  }

  public void lastMessage(Handle handle, Key key, long atNs) {
    set(handle, key, "last_message_ns = greatest(last_message_ns, ?)", atNs);
  }

  public void rotatedAt(Handle handle, Key key, long atNs) {
    set(handle, key, "rotated_at_ns = ?", atNs);
  }

  public void checkedAt(Handle handle, Key key, long atNs) {
    set(handle, key, "checked_at_ns = ?", atNs);
  }

  public void expireIn(Handle handle, Key key, long ns) {
    set(handle, key, "expire_in_ns = ?", ns);
  }

  public void membership(Handle handle, Key key, Membership membership) {
    set(handle, key, "membership = ?", membership.ordinal());
  }

  public void pausedFor(Handle handle, Key key, Optional<String> version) {
    set(handle, key, "paused_for = ?", version.orElse(null));
  }

  public void maybeForked(Handle handle, Key key, boolean forked) {
    set(handle, key, "maybe_forked = ?", forked);
  }

  private static void set(Handle handle, Key key, String assignment, Object value) {
    handle
        .createUpdate(
            "update mls_group set " + assignment + " where installation_id = ? and group_id = ?")
        .bind(0, value)
        .bind(1, key.installation().octets())
        .bind(2, key.group().octets())
        .execute();
  }

  private static GroupRow read(ResultSet row) throws SQLException {
    return new GroupRow(
        InstallationId.of(row.getBytes("installation_id")),
        GroupId.of(row.getBytes("group_id")),
        Kind.of(row.getInt("kind")),
        Optional.ofNullable(row.getString("peer_inbox_id")).map(InboxId::new),
        new InboxId(row.getString("added_by")),
        Membership.values()[row.getInt("membership")],
        row.getBoolean("active"),
        row.getLong("created_ns"),
        row.getLong("last_message_ns"),
        row.getLong("rotated_at_ns"),
        row.getLong("checked_at_ns"),
        row.getLong("expire_in_ns"),
        Optional.ofNullable(row.getString("paused_for")),
        row.getBoolean("maybe_forked"),
        row.getLong("epoch"));
  }
}
