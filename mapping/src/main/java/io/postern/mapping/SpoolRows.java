package io.postern.mapping;

import io.postern.mapping.SpoolRow.Place;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Accepted mail in the database, in parts, so that another instance can go on with it.
 * docs/adr/0017.
 *
 * <p>Any instance may add a mail. It is delivered by one: that whose life stands in its row as the
 * {@code carrier}. The number of a life is that of an advisory lock which it holds as long as it
 * lives; whoever gets the lock knows that the mail is nobody's any more.
 *
 * <p>For many threads.
 */
public final class SpoolRows {
  /** Octets of a part. */
  public static final int PART = 256 << 10;

  /** The life of nobody: who adds a mail with it leaves it to whoever delivers. */
  public static final long NOBODY = 0;

  private static final String POSTGRES = "PostgreSQL";

  static final String COLUMNS =
      "id, place, attempts, state_at, status, reason, revived_at from spool_mail ";

  private final Jdbi settling;
  private final Jdbi taking;
  private final String spool;
  private final boolean onPostgres;
  private final SpoolClaims claims;

  /**
   * @param settling makes the transactions of the daemon that delivers
   * @param taking makes those of whoever adds a mail, who need not be that daemon
   * @param spool which of the spools of the database
   */
  public SpoolRows(Jdbi settling, Jdbi taking, String spool) {
    this.settling = settling;
    this.taking = taking;
    this.spool = spool;
    this.onPostgres =
        taking
            .withHandle(handle -> handle.queryMetadata(DatabaseMetaData::getDatabaseProductName))
            .equals(POSTGRES);
    this.claims = new SpoolClaims(settling, spool, onPostgres);
  }

  /** Who delivers them. */
  public SpoolClaims claims() {
    return claims;
  }

  /**
   * A small mail, in one part.
   *
   * @param content at most {@link #PART} octets
   */
  public record Small(SpoolRow row, byte[] content, byte[] trailer) {
    public Small {
      if (content.length > PART) {
        throw new IllegalArgumentException("too large for one part: " + content.length);
      }
    }
  }

  /**
   * Adds several mails in one transaction, which is on the disk when this returns.
   *
   * @throws IOException if the database is being moved to another
   */
  public void add(List<Small> mails, long carrier) throws IOException {
    taking.<IOException>useTransaction(
        handle -> {
          waitForTheDisk(handle);
          for (var mail : mails) {
            insert(handle, mail.row(), mail.content().length, mail.trailer(), carrier);
          }
          try (var parts = handle.prepareBatch("insert into spool_part values (?, ?, ?)")) {
            for (var mail : mails) {
              if (mail.content().length > 0) {
                parts.bind(0, mail.row().id()).bind(1, 0).bind(2, mail.content()).add();
              }
            }
            if (parts.size() > 0) {
              parts.execute();
            }
          }
          requireThatItStays(handle);
        });
  }

  /**
   * Adds a mail of any size in one transaction, which is on the disk when this returns. No more
   * than one part is in memory. A mail of this id that is there already stays as it is.
   *
   * @param content is read to its end
   * @throws IOException if the content cannot be read or is not as long as it was said to be, or
   *     the database is being moved to another
   */
  public void add(SpoolRow row, InputStream content, long octets, byte[] trailer, long carrier)
      throws IOException {
    taking.<IOException>useTransaction(
        handle -> {
          if (isThere(handle, row.id())) {
            return;
          }
          waitForTheDisk(handle);
          insert(handle, row, octets, trailer, carrier);
          long left = octets;
          for (int part = 0; left > 0; part++) {
            var piece = content.readNBytes((int) Math.min(PART, left));
            if (piece.length == 0) {
              throw new IOException("a mail ended " + left + " octets early");
            }
            handle.execute("insert into spool_part values (?, ?, ?)", row.id(), part, piece);
            left -= piece.length;
          }
          requireThatItStays(handle);
        });
  }

  private void insert(
      Handle handle, SpoolRow row, long contentOctets, byte[] trailer, long carrier) {
    insert(handle, row, contentOctets, trailer, carrier, "");
  }

  private void insert(
      Handle handle,
      SpoolRow row,
      long contentOctets,
      byte[] trailer,
      long carrier,
      String onConflict) {
    handle
        .createUpdate(
            "insert into spool_mail (id, spool, place, carrier, content_octets, trailer, attempts,"
                + " state_at, status, reason, revived_at) values (:id, :spool, :place, :carrier,"
                + " :octets, :trailer, :attempts, :at, :status, :reason, :revived)"
                + onConflict)
        .bind("id", row.id())
        .bind("spool", spool)
        .bind("place", row.place().name())
        .bind("carrier", carrier)
        .bind("octets", contentOctets)
        .bind("trailer", trailer)
        .bind("attempts", row.attempts())
        .bind("at", Columns.column(row.at()))
        .bind("status", row.status())
        .bind("reason", row.reason())
        .bind("revived", row.revivedAt().map(Columns::column).orElse(null))
        .execute();
  }

  /** Whatever the server, the database or the role is set to; what is as strict stays. */
  private void waitForTheDisk(Handle handle) {
    if (onPostgres) {
      handle
          .createQuery(
              "select set_config('synchronous_commit', 'on', true)"
                  + " where current_setting('synchronous_commit') not in ('on', 'remote_apply')")
          .mapTo(String.class)
          .findOne();
    }
  }

  /**
   * Asked when the rows are in: a move marks the database first, then waits for those who have not
   * seen the mark (see {@link #waitForTakers}).
   */
  private void requireThatItStays(Handle handle) throws IOException {
    if (onPostgres
        && isTrue(handle, "select to_regclass('store_mark') is not null")
        && isTrue(handle, "select exists (select 1 from store_mark)")) {
      throw new IOException("the database is being moved to another");
    }
  }

  private static boolean isTrue(Handle handle, String question) {
    return handle.createQuery(question).mapTo(Boolean.class).one();
  }

  /** A mail of this spool, wherever it is. */
  public Optional<SpoolRow> row(String id) {
    return settling.withHandle(
        handle ->
            handle
                .createQuery("select " + COLUMNS + "where spool = :spool and id = :id")
                .bind("spool", spool)
                .bind("id", id)
                .map((row, context) -> row(row))
                .findOne());
  }

  /** What a mail holds that is in this place. */
  public Optional<SpooledOctets> octets(String id, Place place) {
    return settling.withHandle(handle -> find(handle, id, place));
  }

  private boolean isThere(Handle handle, String id) {
    return handle
        .createQuery("select 1 from spool_mail where id = :id")
        .bind("id", id)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private Optional<SpooledOctets> find(Handle handle, String id, Place place) {
    return handle
        .createQuery(
            "select content_octets, trailer from spool_mail"
                + " where spool = :spool and id = :id and place = :place")
        .bind("spool", spool)
        .bind("id", id)
        .bind("place", place.name())
        .map(
            (row, context) ->
                new SpooledOctets(row.getLong("content_octets"), row.getBytes("trailer")))
        .findOne();
  }

  /**
   * One part of a mail; empty if it has none of this number.
   *
   * @param part counted from 0; each but the last has {@link #PART} octets
   */
  public Optional<byte[]> part(String id, int part) {
    return settling.withHandle(
        handle ->
            handle
                .createQuery("select octets from spool_part where mail_id = :id and part = :part")
                .bind("id", id)
                .bind("part", part)
                .map((row, context) -> row.getBytes("octets"))
                .findOne());
  }

  /** The ids of all that is in the dead-letter box, oldest first. */
  public List<String> dead() {
    return settling.withHandle(
        handle ->
            handle
                .createQuery(
                    "select id from spool_mail where spool = :spool and place = 'DEAD' order by id")
                .bind("spool", spool)
                .mapTo(String.class)
                .list());
  }

  /**
   * Puts another state, and another place, in the place of what stands there.
   *
   * @param from where the mail must be; if it waits, this life must deliver it
   * @return false if it is not there
   */
  public boolean change(SpoolRow row, Place from, long life) {
    return StoreTransaction.run(
        settling,
        handle ->
            handle
                    .createUpdate(
                        "update spool_mail set place = :place, carrier = :life, attempts ="
                            + " :attempts, state_at = :at, status = :status, reason = :reason,"
                            + " revived_at = :revived where spool = :spool and id = :id and place ="
                            + " :from and (carrier = :life or place <> 'WAITING')")
                    .bind("place", row.place().name())
                    .bind("life", life)
                    .bind("attempts", row.attempts())
                    .bind("at", Columns.column(row.at()))
                    .bind("status", row.status())
                    .bind("reason", row.reason())
                    .bind("revived", row.revivedAt().map(Columns::column).orElse(null))
                    .bind("spool", spool)
                    .bind("id", row.id())
                    .bind("from", from.name())
                    .execute()
                == 1);
  }

  /**
   * Removes a mail that this life has delivered. It may come back with a crash of the server.
   *
   * @return false if it is not there
   */
  public boolean remove(String id, long life) {
    return StoreTransaction.runSavedLater(
        settling,
        handle ->
            handle
                    .createUpdate(
                        "delete from spool_mail where spool = :spool and id = :id"
                            + " and place = 'WAITING' and carrier = :life")
                    .bind("spool", spool)
                    .bind("id", id)
                    .bind("life", life)
                    .execute()
                == 1);
  }

  /**
   * Removes a dead mail.
   *
   * @return false if it was not there
   */
  public boolean forget(String id) {
    return StoreTransaction.run(
        settling,
        handle ->
            handle
                    .createUpdate(
                        "delete from spool_mail where spool = :spool and id = :id"
                            + " and place = 'DEAD'")
                    .bind("spool", spool)
                    .bind("id", id)
                    .execute()
                == 1);
  }

  /**
   * Removes mails of which nobody knows whether adding them has failed; nobody was told of them.
   * The transaction that adds them may go on at the server: whoever makes a row of the same key
   * waits for its end.
   */
  public void takeBack(List<SpoolRow> mails) {
    taking.useTransaction(
        handle -> {
          for (var mail : mails) {
            insert(handle, mail, 0, new byte[0], NOBODY, " on conflict do nothing");
          }
          try (var batch = handle.prepareBatch("delete from spool_mail where id = ?")) {
            mails.forEach(mail -> batch.bind(0, mail.id()).add());
            batch.execute();
          }
        });
  }

  static SpoolRow row(ResultSet row) throws SQLException {
    return new SpoolRow(
        row.getString("id"),
        Place.valueOf(row.getString("place")),
        row.getInt("attempts"),
        Columns.instant(row, "state_at"),
        row.getString("status"),
        row.getString("reason"),
        Columns.optionalInstant(row, "revived_at"));
  }

  /**
   * Returns when everybody who adds a mail has either ended or will find the mark of a move that
   * was made before. On H2 nobody else has the database open.
   */
  public static void waitForTakers(Connection database) throws SQLException {
    if (!database.getMetaData().getDatabaseProductName().equals(POSTGRES)) {
      return;
    }
    boolean joined = database.getAutoCommit();
    database.setAutoCommit(false);
    try (var statement = database.createStatement()) {
      statement.execute("lock table spool_mail in share mode");
      database.commit();
    } finally {
      database.setAutoCommit(joined);
    }
  }
}
