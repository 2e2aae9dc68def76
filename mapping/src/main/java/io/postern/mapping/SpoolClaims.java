package io.postern.mapping;

import io.postern.xmtp.store.Lease;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** By which life each waiting mail of a spool is delivered. docs/adr/0017, 0023. */
public final class SpoolClaims {
  private final Jdbi jdbi;
  private final String spool;
  private final boolean onPostgres;

  SpoolClaims(Jdbi jdbi, String spool, boolean onPostgres) {
    this.jdbi = jdbi;
    this.spool = spool;
    this.onPostgres = onPostgres;
  }

  /**
   * Gives this life all that waits and is nobody's: added for nobody, or of a life that has ended;
   * but what is known to be for an inbox only if the lease has it.
   *
   * @param life a number of the caller, whose lock it holds where the database is PostgreSQL
   */
  public List<SpoolRow> claim(long life, Lease lease) {
    return StoreTransaction.run(
        jdbi,
        handle -> {
          var claimed = new ArrayList<SpoolRow>();
          for (long other : others(handle, life)) {
            if (other == SpoolRows.NOBODY || hasEnded(handle, other)) {
              claimed.addAll(claim(handle, life, other, lease));
            }
          }
          return claimed;
        });
  }

  /** Written so that an index tells where all is one's own. */
  private List<Long> others(Handle handle, long life) {
    return handle
        .createQuery(
            "select distinct carrier from spool_mail where spool = :spool and place = 'WAITING'"
                + " and carrier < :life union select distinct carrier from spool_mail where"
                + " spool = :spool and place = 'WAITING' and carrier > :life")
        .bind("spool", spool)
        .bind("life", life)
        .mapTo(Long.class)
        .list();
  }

  /** On H2 whoever has the database is alone with it. */
  private boolean hasEnded(Handle handle, long life) {
    return !onPostgres
        || handle
            .createQuery("select pg_try_advisory_xact_lock_shared(:life)")
            .bind("life", life)
            .mapTo(Boolean.class)
            .one();
  }

  /** All that waits and is this life's already. */
  public List<SpoolRow> of(long life) {
    return jdbi.withHandle(handle -> waiting(handle, life, "", ""));
  }

  private List<SpoolRow> waiting(Handle handle, long life, String which, String lock) {
    return handle
        .createQuery(
            "select "
                + SpoolRows.COLUMNS
                + "where spool = :spool and place = 'WAITING' and carrier = :life"
                + which
                + " order by id"
                + lock)
        .bind("spool", spool)
        .bind("life", life)
        .map((row, context) -> SpoolRows.row(row))
        .list();
  }

  private List<SpoolRow> claim(Handle handle, long life, long other, Lease lease) {
    var ours = " and (wallet_index is null or " + lease.has("wallet_index") + ")";
    var rows = waiting(handle, other, ours, " for update skip locked");
    try (var batch = handle.prepareBatch("update spool_mail set carrier = ? where id = ?")) {
      rows.forEach(row -> batch.bind(0, life).bind(1, row.id()).add());
      if (batch.size() > 0) {
        batch.execute();
      }
    }
    return rows;
  }

  /**
   * Leaves a mail to whoever works for an inbox.
   *
   * @param walletIndex of the inbox, as a {@link Lease} counts it
   * @return false if this life does not deliver it
   */
  public boolean handOver(String id, long walletIndex, long life) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                    .createUpdate(
                        "update spool_mail set carrier = :nobody, wallet_index = :wallet where"
                            + " spool = :spool and id = :id and place = 'WAITING'"
                            + " and carrier = :life")
                    .bind("nobody", SpoolRows.NOBODY)
                    .bind("wallet", walletIndex)
                    .bind("spool", spool)
                    .bind("id", id)
                    .bind("life", life)
                    .execute()
                == 1);
  }
}
