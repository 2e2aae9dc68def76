package io.postern.bridge;

import java.sql.SQLException;
import java.sql.Statement;

/**
 * The advisory locks of PostgreSQL by which instances of one database know each other. All are held
 * by a connection, and go with it. docs/adr/0012, 0018, 0023.
 *
 * <ul>
 *   <li>{@link #DATABASE}: whoever has it alone has the whole database, and may change its tables;
 *       several that carry have it in common.
 *   <li>A part's: whoever has it works for that part of the inboxes.
 *   <li>{@link #WANTED}: whoever could carry and has no part has it, in common with others.
 * </ul>
 */
final class PostgresLocks {
  /** "postern" in octets; locks of others on the same database have other numbers. */
  static final long DATABASE = 0x706f737465726eL;

  /** Of part 0; those of the others follow it. */
  private static final long FIRST_PART = DATABASE << 8;

  static final long WANTED = FIRST_PART | 0xff;

  private static final String GRANTED =
      "locktype = 'advisory' and objsubid = 1 and granted and database ="
          + " (select oid from pg_database where datname = current_database())";

  private static final String NUMBER = "((classid::bigint << 32) | objid::bigint)";

  private PostgresLocks() {}

  static long part(int number) {
    return FIRST_PART + number;
  }

  /** Whether it is granted, alone; does not wait. */
  static boolean tryAlone(Statement statement, long lock) throws SQLException {
    return isTrue(statement, "select pg_try_advisory_lock(" + lock + ")");
  }

  /** Waits until it is granted, alone. */
  static void waitAlone(Statement statement, long lock) throws SQLException {
    statement.execute("select pg_advisory_lock(" + lock + ")");
  }

  /** Whether it is granted, in common with others; does not wait. */
  static boolean tryInCommon(Statement statement, long lock) throws SQLException {
    return isTrue(statement, "select pg_try_advisory_lock_shared(" + lock + ")");
  }

  static void letGoInCommon(Statement statement, long lock) throws SQLException {
    statement.execute("select pg_advisory_unlock_shared(" + lock + ")");
  }

  static void letGoAlone(Statement statement, long lock) throws SQLException {
    statement.execute("select pg_advisory_unlock(" + lock + ")");
  }

  private static boolean isTrue(Statement statement, String question) throws SQLException {
    try (var row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /**
   * How things stand between those that carry and those that could; whoever asks is one of them.
   * Who only looks whether they could has the lock of the database for a moment, and does not
   * count.
   */
  static Deal deal(Statement statement, int parts, int ours) throws SQLException {
    var isPart = NUMBER + " between " + part(0) + " and " + part(parts - 1);
    try (var row =
        statement.executeQuery(
            "select 1 + count(distinct pid) filter (where pid <> pg_backend_pid()), "
                + "count(*) filter (where "
                + isPart
                + ") from pg_locks where "
                + GRANTED
                + " and ("
                + isPart
                + " or "
                + NUMBER
                + " = "
                + WANTED
                + ")")) {
      row.next();
      return new Deal(parts, ours, row.getInt(1), parts - row.getInt(2));
    }
  }

  /** A condition: somebody has the lock of a number alone. */
  static String isHeld(String number) {
    return "exists (select 1 from pg_locks where "
        + GRANTED
        + " and mode = 'ExclusiveLock' and "
        + NUMBER
        + " = "
        + number
        + ")";
  }
}
