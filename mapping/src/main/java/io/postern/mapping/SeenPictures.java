package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which {@link Logos} a person's mails have shown to a peer: the logo of a signature comes with
 * each mail, and is worth a message once. spec/content-types.md §10.6, "inline image". May be used
 * by several threads.
 */
public final class SeenPictures {
  /** Pictures of one person that are known of one peer; of more the eldest go. */
  static final int MAX_PICTURES = 200;

  private final Jdbi jdbi;

  public SeenPictures(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Those of the pictures that another mail brought first.
   *
   * @param pictures by their keys
   * @param mail the key of the mail's first part: what it brought itself is new to it, however
   *     often it is carried
   */
  public Set<String> repeated(
      Mailbox person, InboxId peer, Set<String> pictures, IdempotencyKey mail) {
    if (pictures.isEmpty()) {
      return Set.of();
    }
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select picture from seen_picture where person = :person"
                        + " and peer_inbox = :peer and mail_key <> :mail")
                .bind("person", Columns.column(person))
                .bind("peer", peer.value())
                .bind("mail", mail.value())
                .mapTo(String.class)
                .stream()
                .filter(pictures::contains)
                .collect(Collectors.toUnmodifiableSet()));
  }

  /** Notes what a mail shows, in the transaction that makes it messages. */
  public void note(
      Handle handle,
      Mailbox person,
      InboxId peer,
      Set<String> pictures,
      IdempotencyKey mail,
      Instant now) {
    if (pictures.isEmpty()) {
      return;
    }
    for (var picture : pictures) {
      if (!seeAgain(handle, person, peer, picture, now)) {
        handle
            .createUpdate(
                "insert into seen_picture (person, peer_inbox, picture, mail_key, seen_at)"
                    + " values (:person, :peer, :picture, :mail, :now)")
            .bind("person", Columns.column(person))
            .bind("peer", peer.value())
            .bind("picture", picture)
            .bind("mail", mail.value())
            .bind("now", Columns.column(now))
            .execute();
      }
    }
    forgetEldest(handle, person, peer);
  }

  /** Whether it was known. Whoever brought it first stays the first. */
  private static boolean seeAgain(
      Handle handle, Mailbox person, InboxId peer, String picture, Instant now) {
    return handle
            .createUpdate(
                "update seen_picture set seen_at = :now where person = :person"
                    + " and peer_inbox = :peer and picture = :picture")
            .bind("now", Columns.column(now))
            .bind("person", Columns.column(person))
            .bind("peer", peer.value())
            .bind("picture", picture)
            .execute()
        > 0;
  }

  private static void forgetEldest(Handle handle, Mailbox person, InboxId peer) {
    handle
        .createUpdate(
            "delete from seen_picture where person = :person and peer_inbox = :peer"
                + " and picture in (select picture from seen_picture where person = :person"
                + " and peer_inbox = :peer order by seen_at desc, picture offset :kept rows)")
        .bind("person", Columns.column(person))
        .bind("peer", peer.value())
        .bind("kept", MAX_PICTURES)
        .execute();
  }

  /**
   * Forgets what was shown last before that.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from seen_picture where seen_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }
}
