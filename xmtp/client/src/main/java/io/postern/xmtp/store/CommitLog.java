package io.postern.xmtp.store;

import io.postern.xmtp.store.GroupStore.Key;
import org.jdbi.v3.core.Handle;

/** One row for each commit that was tried: the best witness when members disagree. */
public final class CommitLog {
  /** What became of a commit; the numbers are those of the protocol. */
  public enum Result {
    APPLIED(1),
    WRONG_EPOCH(2),
    UNDECRYPTABLE(3),
    /** Made by a member of that epoch, and refused. */
    INVALID(4);

    private final int code;

    Result(int code) {
      this.code = code;
    }
  }

  private static final int MAX_NOTE = 500;

  /** The note of an epoch into which a welcome has brought us. */
  private static final String WELCOME = "welcome";

  /**
   * Rows of a group that are kept of each way to fail: whoever can write to its topic makes as many
   * as they like. What was followed is kept for good.
   */
  public static final int KEPT = 256;

  /** A welcome has brought us into this epoch. */
  public void joined(Handle handle, Key key, long sequenceId, long epoch, byte[] authenticator) {
    add(handle, key, sequenceId, Result.APPLIED, epoch, authenticator, WELCOME);
  }

  private static void forget(Handle handle, Key key, long sequenceId) {
    handle
        .createUpdate(
            "delete from commit_log"
                + " where installation_id = ? and group_id = ? and sequence_id = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, sequenceId)
        .execute();
  }

  /** Whether a commit of a member, made in this epoch, was refused by us. */
  public boolean hasRefused(Handle handle, Key key, long epoch) {
    return handle
        .createQuery(
            "select count(*) from commit_log where installation_id = ? and group_id = ?"
                + " and result = 4 and epoch = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, epoch)
        .mapTo(Integer.class)
        .map(count -> count > 0)
        .one();
  }

  /**
   * Whether the commit at this place, which was read, was not followed. Since what was refused is
   * not kept for good, this asks for what is: no commit at this place was followed, and no welcome
   * has led past it since.
   */
  public boolean isRefused(Handle handle, Key key, long sequenceId) {
    return handle
        .createQuery(
            "select count(*) from commit_log where installation_id = :installation"
                + " and group_id = :group and result = 1 and (sequence_id = :sequence"
                + " or (sequence_id > :sequence and note = :welcome))")
        .bind("installation", key.installation().octets())
        .bind("group", key.group().octets())
        .bind("sequence", sequenceId)
        .bind("welcome", WELCOME)
        .mapTo(Integer.class)
        .map(count -> count == 0)
        .one();
  }

  /** Whether we have been in this very epoch. */
  public boolean wasIn(Handle handle, Key key, long epoch, byte[] authenticator) {
    return handle
        .createQuery(
            "select count(*) from commit_log where installation_id = ? and group_id = ?"
                + " and result = 1 and epoch = ? and authenticator = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, epoch)
        .bind(3, authenticator)
        .mapTo(Integer.class)
        .map(count -> count > 0)
        .one();
  }

  /**
   * @param epoch the epoch after the commit, or the one that it failed in
   * @param authenticator the epoch authenticator of that epoch
   * @param note why it failed, or empty
   */
  public void add(
      Handle handle,
      Key key,
      long sequenceId,
      Result result,
      long epoch,
      byte[] authenticator,
      String note) {
    if (result == Result.APPLIED) {
      forget(handle, key, sequenceId); // Read and refused in a former state of the group.
    }
    handle
        .createUpdate(
            "insert into commit_log (installation_id, group_id, sequence_id, result, epoch,"
                + " authenticator, note) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, sequenceId)
        .bind(3, result.code)
        .bind(4, epoch)
        .bind(5, authenticator)
        .bind(6, note.length() > MAX_NOTE ? note.substring(0, MAX_NOTE) : note)
        .execute();
    if (result != Result.APPLIED) {
      prune(handle, key, result);
    }
  }

  private static void prune(Handle handle, Key key, Result result) {
    handle
        .createUpdate(
            "delete from commit_log where installation_id = :installation and group_id = :group"
                + " and result = :result and sequence_id <= (select sequence_id from commit_log"
                + " where installation_id = :installation and group_id = :group"
                + " and result = :result order by sequence_id desc"
                + " offset :kept rows fetch first 1 row only)")
        .bind("installation", key.installation().octets())
        .bind("group", key.group().octets())
        .bind("result", result.code)
        .bind("kept", KEPT)
        .execute();
  }
}
