package io.postern.mapping;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** Where the instance that carries says so, for those that stand by. */
public final class CarrierStore {
  /** Older versions have none. */
  public static final String TABLE = "carrier";

  private final Jdbi jdbi;

  public CarrierStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** In the place of whoever stood there. */
  public void write(Carrier carrier) {
    jdbi.useTransaction(
        handle -> {
          handle.execute("delete from carrier");
          handle
              .createUpdate(
                  "insert into carrier (id, host, version, network, domains, since)"
                      + " values (1, :host, :version, :network, :domains, :since)")
              .bind("host", carrier.host())
              .bind("version", carrier.version())
              .bind("network", carrier.network())
              .bind("domains", String.join("\n", carrier.domains()))
              .bind("since", Columns.column(carrier.since()))
              .execute();
        });
  }

  /** Nobody carries. The table is there. */
  public void clear() {
    jdbi.useTransaction(handle -> handle.execute("delete from carrier"));
  }

  /** Who carries; empty while one begins to. */
  public Optional<Carrier> read() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select host, version, network, domains, since from carrier")
                .map(
                    (row, context) ->
                        new Carrier(
                            row.getString("host"),
                            row.getString("version"),
                            row.getString("network"),
                            List.of(row.getString("domains").split("\n")),
                            Columns.instant(row, "since")))
                .findOne());
  }
}
