package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The bindings that were made at run time; those of the configuration are in {@link AddressRules}.
 * May be used by several threads.
 *
 * <p>A hosted inbox is made in three steps, each safe to repeat: claim a wallet index, register the
 * inbox of that wallet with the network, add the binding.
 */
public final class BindingStore {
  private final Jdbi jdbi;

  public BindingStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** As {@link #claimWallet(Handle, Mailbox)}, in a transaction of its own. */
  public long claimWallet(Mailbox mailbox) {
    return StoreTransaction.run(jdbi, handle -> claimWallet(handle, mailbox));
  }

  /**
   * The wallet index of this person: the lowest one that was never given out, from 0, or the one
   * that they were given before. It stays theirs when the binding ends, since the inbox of that
   * wallet does not end with it.
   */
  public long claimWallet(Handle handle, Mailbox mailbox) {
    var person = Columns.column(mailbox);
    var known =
        handle
            .createQuery("select wallet_index from wallet_claim where mailbox = :mailbox")
            .bind("mailbox", person)
            .mapTo(Long.class)
            .findOne();
    if (known.isPresent()) {
      return known.get();
    }
    long next =
        handle
            .createQuery("select coalesce(max(wallet_index) + 1, 0) from wallet_claim")
            .mapTo(Long.class)
            .one();
    handle
        .createUpdate("insert into wallet_claim (wallet_index, mailbox) values (:next, :mailbox)")
        .bind("next", next)
        .bind("mailbox", person)
        .execute();
    return next;
  }

  /**
   * Another wallet for a person, whose wallet turned out to be somebody's of whom nothing is known
   * here: that one is never given out again.
   */
  public long claimAnother(Mailbox mailbox, long taken) {
    return StoreTransaction.run(
        jdbi,
        handle -> {
          handle
              .createUpdate(
                  "update wallet_claim set mailbox = null"
                      + " where wallet_index = :taken and mailbox = :mailbox")
              .bind("taken", taken)
              .bind("mailbox", Columns.column(mailbox))
              .execute();
          return claimWallet(handle, mailbox);
        });
  }

  /** Keeps a wallet from ever being given out, unless somebody here has it. */
  public static void reserve(Handle handle, long wallet) {
    handle
        .createUpdate(
            "insert into wallet_claim (wallet_index, mailbox)"
                + " select cast(:wallet as bigint), cast(null as varchar)"
                + " where not exists (select 1 from wallet_claim where wallet_index = :wallet)")
        .bind("wallet", wallet)
        .execute();
  }

  /** As {@link #add(Handle, Binding)}, in a transaction of its own. */
  public Binding add(Binding binding) {
    return StoreTransaction.run(jdbi, handle -> add(handle, binding));
  }

  /**
   * Binds a mailbox that is not yet bound.
   *
   * @return the binding that stands: this one, or the one that was there
   * @throws org.jdbi.v3.core.JdbiException if another mailbox has the inbox or the wallet
   */
  public Binding add(Handle handle, Binding binding) {
    var standing = find(handle, binding.mailbox());
    if (standing.isPresent()) {
      return standing.get();
    }
    var row = Row.of(binding);
    handle
        .createUpdate(
            "insert into binding (mailbox, kind, inbox_id, wallet_index, forward_to, bound_at)"
                + " values (:mailbox, :kind, :inbox, :wallet, :to, :at)")
        .bind("mailbox", Columns.column(binding.mailbox()))
        .bind("kind", row.kind().name())
        .bind("inbox", row.inbox().map(InboxId::value).orElse(null))
        .bind("wallet", row.wallet().orElse(null))
        .bind("to", row.to().map(Peer::toString).orElse(null))
        .bind("at", Columns.column(binding.since()))
        .execute();
    return binding;
  }

  /** The binding of a mailbox. */
  public Optional<Binding> find(Mailbox mailbox) {
    return jdbi.withHandle(handle -> find(handle, mailbox));
  }

  /** As {@link #find(Mailbox)}, as the caller's transaction sees it. */
  public Optional<Binding> find(Handle handle, Mailbox mailbox) {
    return handle
        .createQuery("select * from binding where mailbox = :mailbox")
        .bind("mailbox", Columns.column(mailbox))
        .map((row, context) -> read(row))
        .findOne();
  }

  /** The binding whose inbox Postern runs: hosted or attached. */
  public Optional<Binding> find(InboxId inbox) {
    return jdbi.withHandle(handle -> find(handle, inbox));
  }

  /** As {@link #find(InboxId)}, as the caller's transaction sees it. */
  public Optional<Binding> find(Handle handle, InboxId inbox) {
    return handle
        .createQuery("select * from binding where inbox_id = :inbox")
        .bind("inbox", inbox.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** All bindings, by mailbox. */
  public List<Binding> list() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from binding order by mailbox")
                .map((row, context) -> read(row))
                .list());
  }

  /** As {@link #remove(Handle, Mailbox)}, in a transaction of its own. */
  public boolean remove(Mailbox mailbox) {
    return StoreTransaction.run(jdbi, handle -> remove(handle, mailbox));
  }

  /**
   * Ends a binding. The wallet stays claimed.
   *
   * @return whether there was one
   */
  public boolean remove(Handle handle, Mailbox mailbox) {
    return handle
            .createUpdate("delete from binding where mailbox = :mailbox")
            .bind("mailbox", Columns.column(mailbox))
            .execute()
        == 1;
  }

  private enum Kind {
    HOSTED,
    ATTACHED,
    FORWARDED
  }

  private static Binding read(ResultSet row) throws SQLException {
    var mailbox = Columns.mailbox(row, "mailbox");
    var since = Columns.instant(row, "bound_at");
    return switch (Kind.valueOf(row.getString("kind"))) {
      case HOSTED ->
          new Binding.Hosted(
              mailbox, Columns.inbox(row, "inbox_id"), row.getLong("wallet_index"), since);
      case ATTACHED -> new Binding.Attached(mailbox, Columns.inbox(row, "inbox_id"), since);
      case FORWARDED ->
          new Binding.Forwarded(
              mailbox, Peer.parse(row.getString("forward_to")).orElseThrow(), since);
    };
  }

  /** The columns in which the kinds differ. */
  private record Row(Kind kind, Optional<InboxId> inbox, Optional<Long> wallet, Optional<Peer> to) {
    static Row of(Binding binding) {
      if (binding instanceof Binding.Hosted hosted) {
        return new Row(
            Kind.HOSTED,
            Optional.of(hosted.inbox()),
            Optional.of(hosted.walletIndex()),
            Optional.empty());
      }
      if (binding instanceof Binding.Attached attached) {
        return new Row(
            Kind.ATTACHED, Optional.of(attached.inbox()), Optional.empty(), Optional.empty());
      }
      var forwarded = (Binding.Forwarded) binding;
      return new Row(
          Kind.FORWARDED, Optional.empty(), Optional.empty(), Optional.of(forwarded.to()));
    }
  }
}
