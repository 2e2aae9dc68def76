package io.postern.mapping;

import io.postern.mail.EmojiReaction;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The people whose mail programs show reactions as such: then one that is taken back makes a mail,
 * too. RFC 9078, spec/content-types.md §10.5. May be used by several threads.
 */
public final class ReactionReaders {
  private final Jdbi jdbi;

  public ReactionReaders(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Whether a mail shows that its author's program does. Gmail's own form is not RFC 9078. */
  public static boolean wrote(Mail mail) {
    return mail.fromChatClient() || mail.reaction().filter(EmojiReaction::completeSet).isPresent();
  }

  /** Remembers somebody, in the transaction that makes their mail a message. */
  public void add(Handle handle, Mailbox person, Instant now) {
    if (!contains(handle, person)) {
      handle
          .createUpdate("insert into reaction_reader (person, since) values (:person, :now)")
          .bind("person", Columns.column(person))
          .bind("now", Columns.column(now))
          .execute();
    }
  }

  /** Whether somebody is one of them. */
  public boolean contains(Mailbox person) {
    return jdbi.withHandle(handle -> contains(handle, person));
  }

  private static boolean contains(Handle handle, Mailbox person) {
    return handle
            .createQuery("select count(*) from reaction_reader where person = :person")
            .bind("person", Columns.column(person))
            .mapTo(Long.class)
            .one()
        > 0;
  }
}
