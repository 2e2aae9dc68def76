package io.postern.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/** Where the instance that carries says so, for those that stand by. */
public final class CarrierStore {
  /** Older versions have none. */
  public static final String TABLE = "carrier";

  private final Jdbi jdbi;

  public CarrierStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * In the place of whoever stood there.
   *
   * @param ours the parts of the inboxes for which this one works, from 0
   */
  public void write(Carrier carrier, Set<Integer> ours) {
    jdbi.useTransaction(
        handle -> {
          for (int part : ours) {
            handle.execute("delete from carrier where id = ?", part + 1);
            handle
                .createUpdate(
                    "insert into carrier (id, host, version, network, domains, parts, since)"
                        + " values (:id, :host, :version, :network, :domains, :parts, :since)")
                .bind("id", part + 1)
                .bind("host", carrier.host())
                .bind("version", carrier.version())
                .bind("network", carrier.network())
                .bind("domains", String.join("\n", carrier.domains()))
                .bind("parts", carrier.parts())
                .bind("since", Columns.column(carrier.since()))
                .execute();
          }
        });
  }

  /** Nobody carries. The table is there. */
  public void clear() {
    jdbi.useTransaction(handle -> handle.execute("delete from carrier"));
  }

  /** Who carries, each once; nobody while the first begins to. */
  public List<Carrier> read() {
    return jdbi
        .withHandle(
            handle ->
                handle
                    .createQuery("select * from carrier order by id")
                    .map(
                        (row, context) ->
                            new Carrier(
                                row.getString("host"),
                                row.getString("version"),
                                row.getString("network"),
                                List.of(row.getString("domains").split("\n")),
                                parts(row),
                                Columns.instant(row, "since")))
                    .list())
        .stream()
        .distinct()
        .toList();
  }

  /** An older version, which may carry now, divides nothing and has no such column. */
  private static int parts(ResultSet row) throws SQLException {
    var columns = row.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      if (columns.getColumnLabel(i).equals("parts")) {
        return row.getInt(i);
      }
    }
    return 1;
  }
}
