package io.postern.xmtp.store;

import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * The client's database: its tables by name, and the transactions that span them.
 *
 * @param jdbi opens transactions; the caller may share one with tables of its own
 * @param lease the inboxes that this process works for; whatever lists what is to be done lists
 *     theirs alone
 */
public record ClientStore(
    Jdbi jdbi,
    HostedInboxStore inboxes,
    LostInboxStore lost,
    SeedStore seeds,
    KeyStore keys,
    IdentityStore identities,
    CursorStore cursors,
    GroupStore groups,
    IntentStore intents,
    MessageStore messages,
    ConsentStore consents,
    PointerStore pointers,
    CommitLog commits,
    Lease lease) {

  /** Brings the tables up to date and opens them. */
  public static ClientStore open(DataSource database, Vault vault) {
    ClientSchema.migrate(database);
    return on(database, vault);
  }

  /** Over tables that are up to date, for all inboxes. */
  public static ClientStore on(DataSource database, Vault vault) {
    return on(database, vault, Lease.ALL);
  }

  /** Over tables that are up to date. */
  public static ClientStore on(DataSource database, Vault vault, Lease lease) {
    var state = vault.forState();
    return new ClientStore(
        StoredText.jdbi(database),
        new HostedInboxStore(vault, lease),
        new LostInboxStore(lease),
        new SeedStore(vault),
        new KeyStore(state),
        new IdentityStore(),
        new CursorStore(),
        new GroupStore(state, lease),
        new IntentStore(state, lease),
        new MessageStore(lease),
        new ConsentStore(),
        new PointerStore(lease),
        new CommitLog(),
        lease);
  }
}
