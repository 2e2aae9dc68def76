package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The signatures by which mail has come that only its DKIM signature vouches for. Whoever gets such
 * a mail can send it on to anybody, as often as they like: so a signature counts once for a
 * recipient. May be used by several threads.
 */
public final class SignatureLog {
  private final Jdbi jdbi;

  public SignatureLog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Notes that a mail came by this signature, unless another mail did before.
   *
   * @param signature the octets of the signature itself
   * @param mail the key of the mail's first part: a client that did not hear our answer brings the
   *     same mail again, and that becomes nothing new
   * @return false if another mail came by it
   */
  public boolean admit(byte[] signature, Mailbox recipient, IdempotencyKey mail, Instant now) {
    var key = Columns.digest(signature);
    return StoreTransaction.run(jdbi, handle -> admit(handle, key, recipient, mail, now));
  }

  private static boolean admit(
      Handle handle, String key, Mailbox recipient, IdempotencyKey mail, Instant now) {
    var before =
        handle
            .createQuery(
                "select mail_key from seen_signature where signature_key = :key"
                    + " and recipient = :recipient")
            .bind("key", key)
            .bind("recipient", Columns.column(recipient))
            .mapTo(String.class)
            .findOne();
    if (before.isPresent()) {
      return before.get().equals(mail.value());
    }
    handle
        .createUpdate(
            "insert into seen_signature (signature_key, recipient, mail_key, seen_at)"
                + " values (:key, :recipient, :mail, :now)")
        .bind("key", key)
        .bind("recipient", Columns.column(recipient))
        .bind("mail", mail.value())
        .bind("now", Columns.column(now))
        .execute();
    return true;
  }

  /**
   * Forgets what came before that.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from seen_signature where seen_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }
}
