package io.postern.xmtp.store;

import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Inboxes that came back from a backup without their installation: its ratchets must never be used
 * again, so another one is to take its place.
 */
public final class LostInboxStore {
  private static final int MAX_TROUBLE = 1000;

  private final Lease lease;

  LostInboxStore(Lease lease) {
    this.lease = lease;
  }

  /**
   * One of them.
   *
   * @param installation that is lost, and that the network may still list
   * @param address the wallet that made the inbox
   * @param walletIndex which key of the seed that wallet is; empty if it is not of the seed
   * @param trouble what keeps another installation from being made; empty: nothing does
   */
  public record LostInbox(
      InboxId inbox,
      InstallationId installation,
      EthereumAddress address,
      OptionalLong walletIndex,
      String trouble) {}

  public List<LostInbox> list(Handle handle) {
    return list(handle, Lease.ALL);
  }

  /** Those of the lease. */
  public List<LostInbox> leased(Handle handle) {
    return list(handle, lease);
  }

  private static List<LostInbox> list(Handle handle, Lease which) {
    return handle
        .createQuery(
            "select * from lost_inbox where " + which.has("wallet_index") + " order by inbox_id")
        .map((row, context) -> read(row))
        .list();
  }

  public Optional<LostInbox> find(Handle handle, InboxId inbox) {
    return handle
        .createQuery("select * from lost_inbox where inbox_id = ?")
        .bind(0, inbox.toString())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** Answers whether it is another than before. */
  public boolean trouble(Handle handle, InboxId inbox, String trouble) {
    return handle
            .createUpdate(
                "update lost_inbox set trouble = :trouble where inbox_id = :inbox"
                    + " and trouble <> :trouble")
            .bind("trouble", trouble.substring(0, Math.min(trouble.length(), MAX_TROUBLE)))
            .bind("inbox", inbox.toString())
            .execute()
        > 0;
  }

  /**
   * The inbox has another installation now: what was said and decided before is its own from here
   * on.
   */
  public void replaced(Handle handle, LostInbox lost, InstallationId next) {
    for (var table : List.of("message", "consent")) {
      handle
          .createUpdate("update " + table + " set installation_id = ? where installation_id = ?")
          .bind(0, next.octets())
          .bind(1, lost.installation().octets())
          .execute();
    }
    handle
        .createUpdate("delete from lost_inbox where inbox_id = ?")
        .bind(0, lost.inbox().toString())
        .execute();
  }

  private static LostInbox read(ResultSet row) throws SQLException {
    long index = row.getLong("wallet_index");
    var walletIndex = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(index);
    return new LostInbox(
        new InboxId(row.getString("inbox_id")),
        InstallationId.of(row.getBytes("installation_id")),
        new EthereumAddress(row.getString("address")),
        walletIndex,
        row.getString("trouble"));
  }
}
