package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** The inboxes that this database speaks for, one installation each, and their long-lived keys. */
public final class HostedInboxStore {
  private static final String KEY = "hosted_inbox.key";
  private static final String HMAC_ROOT = "hosted_inbox.hmac_root";

  private final Vault vault;
  private final Lease lease;

  HostedInboxStore(Vault vault, Lease lease) {
    this.vault = vault;
    this.lease = lease;
  }

  /**
   * One inbox of ours.
   *
   * @param address the wallet that made the inbox
   * @param walletIndex which key of the seed that wallet is; empty if it is not of the seed
   * @param installationSeed the Ed25519 seed of the installation key
   * @param hmacRoot 42 octets, from which push keys are derived (groups document 5.3)
   * @param registered whether the network lists the installation
   * @param rotateAtNs when the key package is to be replaced, Unix nanoseconds
   */
  public record HostedInbox(
      InstallationId installation,
      InboxId inbox,
      EthereumAddress address,
      OptionalLong walletIndex,
      Secret installationSeed,
      Secret hmacRoot,
      boolean registered,
      long rotateAtNs) {}

  public void insert(Handle handle, HostedInbox inbox) {
    handle
        .createUpdate(
            "insert into hosted_inbox (installation_id, inbox_id, address, wallet_index,"
                + " key_sealed, hmac_root_sealed, registered, rotate_at_ns)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(0, inbox.installation().octets())
        .bind(1, inbox.inbox().toString())
        .bind(2, inbox.address().toString())
        .bind(3, inbox.walletIndex().isPresent() ? inbox.walletIndex().getAsLong() : null)
        .bind(4, vault.seal(KEY, inbox.installationSeed()))
        .bind(5, vault.seal(HMAC_ROOT, inbox.hmacRoot()))
        .bind(6, inbox.registered())
        .bind(7, inbox.rotateAtNs())
        .execute();
  }

  /**
   * The network lists the installation now; its key package is to be replaced at the given time.
   */
  public void registered(Handle handle, InstallationId installation, long rotateAtNs) {
    handle
        .createUpdate(
            "update hosted_inbox set registered = true, rotate_at_ns = ?"
                + " where installation_id = ?")
        .bind(0, rotateAtNs)
        .bind(1, installation.octets())
        .execute();
  }

  /** Brings the replacement of the key package forward, never back. */
  public void rotateBy(Handle handle, InstallationId installation, long atNs) {
    handle
        .createUpdate(
            "update hosted_inbox set rotate_at_ns = ?"
                + " where installation_id = ? and rotate_at_ns > ?")
        .bind(0, atNs)
        .bind(1, installation.octets())
        .bind(2, atNs)
        .execute();
  }

  /** Sets the time of the next replacement, after one was made. */
  public void rotateNext(Handle handle, InstallationId installation, long atNs) {
    handle
        .createUpdate("update hosted_inbox set rotate_at_ns = ? where installation_id = ?")
        .bind(0, atNs)
        .bind(1, installation.octets())
        .execute();
  }

  public Optional<HostedInbox> find(Handle handle, InboxId inbox) {
    return handle
        .createQuery("select * from hosted_inbox where inbox_id = ?")
        .bind(0, inbox.toString())
        .map((row, context) -> read(row))
        .findOne();
  }

  public Optional<HostedInbox> find(Handle handle, InstallationId installation) {
    return handle
        .createQuery("select * from hosted_inbox where installation_id = ?")
        .bind(0, installation.octets())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** The inbox of an installation of ours, without opening any key. */
  public Optional<InboxId> inboxOf(Handle handle, InstallationId installation) {
    return handle
        .createQuery("select inbox_id from hosted_inbox where installation_id = ?")
        .bind(0, installation.octets())
        .map((row, context) -> new InboxId(row.getString(1)))
        .findOne();
  }

  /** Whether an installation is of the lease; one that is not here is everybody's. */
  public boolean isLeased(Handle handle, InstallationId installation) {
    return handle
        .createQuery(
            "select count(*) from hosted_inbox where installation_id = ? and not "
                + lease.has("wallet_index"))
        .bind(0, installation.octets())
        .mapTo(Long.class)
        .one()
        .equals(0L);
  }

  /** Which registered installations of the lease are due for a new key package. */
  public List<InstallationId> due(Handle handle, long nowNs, int limit) {
    return handle
        .createQuery(
            "select installation_id from hosted_inbox where registered and rotate_at_ns <= ? and "
                + lease.has("wallet_index")
                + " order by rotate_at_ns limit ?")
        .bind(0, nowNs)
        .bind(1, limit)
        .map((row, context) -> InstallationId.of(row.getBytes(1)))
        .list();
  }

  /** Inbox and installation of everything hosted here, without opening any key. */
  public List<Listed> list(Handle handle) {
    return list(handle, Lease.ALL);
  }

  /** The same of what the lease has and the network knows. */
  public List<Listed> leased(Handle handle) {
    return list(handle, lease).stream().filter(Listed::registered).toList();
  }

  private static List<Listed> list(Handle handle, Lease which) {
    return handle
        .createQuery(
            "select installation_id, inbox_id, address, registered from hosted_inbox where "
                + which.has("wallet_index")
                + " order by inbox_id")
        .map(
            (row, context) ->
                new Listed(
                    InstallationId.of(row.getBytes(1)),
                    new InboxId(row.getString(2)),
                    new EthereumAddress(row.getString(3)),
                    row.getBoolean(4)))
        .list();
  }

  /** A hosted inbox without its secrets. */
  public record Listed(
      InstallationId installation, InboxId inbox, EthereumAddress address, boolean registered) {}

  private HostedInbox read(ResultSet row) throws SQLException {
    long index = row.getLong("wallet_index");
    var walletIndex = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(index);
    return new HostedInbox(
        InstallationId.of(row.getBytes("installation_id")),
        new InboxId(row.getString("inbox_id")),
        new EthereumAddress(row.getString("address")),
        walletIndex,
        vault.openSecret(KEY, row.getBytes("key_sealed")),
        vault.openSecret(HMAC_ROOT, row.getBytes("hmac_root_sealed")),
        row.getBoolean("registered"),
        row.getLong("rotate_at_ns"));
  }
}
