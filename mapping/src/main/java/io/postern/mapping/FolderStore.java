package io.postern.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** How far the folders of mailboxes have been read. Used by several threads. */
public final class FolderStore {
  private final Jdbi jdbi;

  public FolderStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * A place in a folder. RFC 9051 §2.3.1.1.
   *
   * @param lastUid the highest UID that is done with, and all below it
   * @param seenAt all that had come until then has been seen
   * @param since of higher UIDs, only what came on that day or later is new; empty if all are
   */
  public record Place(long uidValidity, long lastUid, Instant seenAt, Optional<LocalDate> since) {
    static Place read(ResultSet row) throws SQLException {
      return new Place(
          row.getLong("uid_validity"),
          row.getLong("last_uid"),
          Columns.instant(row, "seen_at"),
          Optional.ofNullable(row.getObject("since_day", LocalDate.class)));
    }
  }

  /**
   * @param folder names it among all, with its server; of any length
   */
  public Optional<Place> find(String folder) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select uid_validity, last_uid, seen_at, since_day from imap_folder"
                        + " where folder_digest = :folder")
                .bind("folder", Columns.digest(folder))
                .map((row, context) -> Place.read(row))
                .findOne());
  }

  /** When this returns, the place outlives the process. */
  public void keep(String folder, Place place) {
    StoreTransaction.run(
        jdbi,
        handle -> {
          var again =
              "update imap_folder set uid_validity = :validity, last_uid = :uid,"
                  + " seen_at = :seen, since_day = :since where folder_digest = :folder";
          var first =
              "insert into imap_folder (folder_digest, uid_validity, last_uid, seen_at, since_day)"
                  + " values (:folder, :validity, :uid, :seen, :since)";
          int changed = 0;
          for (var sql : new String[] {again, first}) {
            if (changed == 0) {
              changed =
                  handle
                      .createUpdate(sql)
                      .bind("folder", Columns.digest(folder))
                      .bind("validity", place.uidValidity())
                      .bind("uid", place.lastUid())
                      .bind("seen", Columns.column(place.seenAt()))
                      .bind("since", place.since().orElse(null))
                      .execute();
            }
          }
          return changed;
        });
  }
}
