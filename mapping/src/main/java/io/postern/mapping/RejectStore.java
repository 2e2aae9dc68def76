package io.postern.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What was refused, kept for some days: a bounded number for each day, of which the eldest go
 * first. May be used by several threads.
 */
public final class RejectStore {
  /** Of one day. A flood pushes out what came before it on the same day, and nothing else. */
  public static final int MAX_PER_DAY = 10_000;

  private final Jdbi jdbi;
  private final int maxPerDay;

  public RejectStore(Jdbi jdbi) {
    this(jdbi, MAX_PER_DAY);
  }

  RejectStore(Jdbi jdbi, int maxPerDay) {
    this.jdbi = jdbi;
    this.maxPerDay = maxPerDay;
  }

  /**
   * Adds them in one transaction, in this order. What was fetched, and so has no client, may be
   * fetched again, for example when a server has made its folder anew: it is there once.
   */
  public void add(List<Reject> rejects) {
    StoreTransaction.run(
        jdbi,
        handle -> {
          rejects.stream()
              .filter(reject -> !isKnown(handle, reject))
              .forEach(reject -> insert(handle, reject));
          rejects.stream()
              .map(reject -> Columns.day(reject.at()))
              .distinct()
              .forEach(day -> bound(handle, day));
          return rejects;
        });
  }

  private static boolean isKnown(Handle handle, Reject reject) {
    return reject.client().isEmpty()
        && !reject.nameOfMail().isEmpty()
        && handle
            .createQuery(
                "select r.reject_id from reject_name n join reject r on r.reject_id = n.reject_id"
                    + " where n.name_key = :key and r.client = '' and r.mail_id = :mail"
                    + " and r.recipients = :recipients and r.octets = :octets"
                    + " and r.status = :status limit 1")
            .bind("key", Columns.digest(Reject.canonical(reject.nameOfMail())))
            .bind("mail", reject.mailId())
            .bind("recipients", String.join("\n", reject.recipients()))
            .bind("octets", reject.octets())
            .bind("status", reject.status())
            .mapTo(Long.class)
            .findOne()
            .isPresent();
  }

  private static void insert(Handle handle, Reject reject) {
    long id =
        handle
            .createUpdate(
                "insert into reject (refused_on, refused_at, client, helo, reverse_path,"
                    + " recipients, recipient_count, author, mail_id, octets, code, status, words)"
                    + " values (:day, :at, :client, :helo, :path, :recipients, :count, :author,"
                    + " :mail, :octets, :code, :status, :words)")
            .bind("day", Columns.day(reject.at()))
            .bind("at", Columns.column(reject.at()))
            .bind("client", reject.client())
            .bind("helo", reject.helo())
            .bind("path", reject.reversePath())
            .bind("recipients", String.join("\n", reject.recipients()))
            .bind("count", reject.recipientCount())
            .bind("author", reject.author())
            .bind("mail", reject.mailId())
            .bind("octets", reject.octets())
            .bind("code", reject.code())
            .bind("status", reject.status())
            .bind("words", reject.words())
            .executeAndReturnGeneratedKeys("reject_id")
            .mapTo(Long.class)
            .one();
    var batch =
        handle.prepareBatch("insert into reject_name (name_key, reject_id) values (:key, :id)");
    reject.names().stream()
        .map(Columns::digest)
        .forEach(key -> batch.bind("key", key).bind("id", id).add());
    batch.execute();
  }

  /** Ids rise, so of one day the highest are the youngest. */
  private void bound(Handle handle, long day) {
    handle
        .createUpdate(
            "delete from reject where refused_on = :day and reject_id <="
                + " (select max(reject_id) from reject where refused_on = :day) - :max")
        .bind("day", day)
        .bind("max", maxPerDay)
        .execute();
  }

  /**
   * Those that have to do with an address, a domain, a client's IP address or a Message-ID; the
   * latest first.
   *
   * @param name whatever somebody typed; empty: all
   * @param count the most to return
   */
  public List<Reject> find(String name, int count) {
    var wanted = Reject.canonical(name);
    return jdbi.withHandle(
        handle ->
            (wanted.isEmpty()
                    ? handle.createQuery(
                        "select * from reject order by reject_id desc limit :count")
                    : handle
                        .createQuery(
                            "select r.* from reject_name n join reject r"
                                + " on r.reject_id = n.reject_id where n.name_key = :key"
                                + " order by n.reject_id desc limit :count")
                        .bind("key", Columns.digest(wanted)))
                .bind("count", count)
                .map((row, context) -> read(row))
                .list());
  }

  /**
   * Forgets the days before that one.
   *
   * @return how many rejects
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from reject where refused_on < :day")
                .bind("day", Columns.day(before))
                .execute());
  }

  private static Reject read(ResultSet row) throws SQLException {
    return new Reject(
        Columns.instant(row, "refused_at"),
        row.getString("client"),
        row.getString("helo"),
        row.getString("reverse_path"),
        List.of(row.getString("recipients").split("\n")),
        row.getInt("recipient_count"),
        row.getString("author"),
        row.getString("mail_id"),
        "",
        row.getLong("octets"),
        row.getInt("code"),
        row.getString("status"),
        row.getString("words"));
  }
}
