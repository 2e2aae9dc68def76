package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which mail is which message: what an answer answers, in both directions. spec/content-types.md
 * §10.3. May be used by several threads.
 *
 * <p>Every question names the person, because ids authorise nobody: a mail id that somebody else
 * wrote to, or received, is as good as unknown.
 */
public final class ThreadLinks {
  private static final String COLUMNS =
      "l.link_id, l.mail_id, l.original_id, l.direction, l.conversation, l.group_id, l.person,"
          + " l.peer_inbox, l.subject_base, l.parent_ids, l.linked_at";

  private final Jdbi jdbi;

  public ThreadLinks(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** As {@link #link(Handle, ThreadLink)}, in a transaction of its own. */
  public boolean link(ThreadLink link) {
    return StoreTransaction.run(jdbi, handle -> link(handle, link));
  }

  /**
   * Remembers a link, in the caller's transaction. What is known of a mail in a conversation with a
   * person stands: a repeat changes nothing.
   *
   * @return whether it was new
   */
  public boolean link(Handle handle, ThreadLink link) {
    if (isKnown(handle, link)) {
      return false;
    }
    long id =
        handle
            .createUpdate(
                "insert into thread_link (mail_key, mail_id, original_key, original_id, direction,"
                    + " conversation, group_id, person, peer_inbox, subject_base, parent_ids,"
                    + " linked_at) values (:mailKey, :mailId, :originalKey, :originalId,"
                    + " :direction, :conversation, :group, :person, :peer, :subject, :parents,"
                    + " :at)")
            .bind("mailKey", Columns.key(link.mailId()))
            .bind("mailId", link.mailId().asWritten())
            .bind("originalKey", link.originalId().map(Columns::key).orElse(null))
            .bind("originalId", link.originalId().map(MailId::asWritten).orElse(null))
            .bind("direction", link.direction().name())
            .bind("conversation", link.conversation().hex())
            .bind("group", link.groupId())
            .bind("person", Columns.column(link.person()))
            .bind("peer", link.peer().toString())
            .bind("subject", link.subjectBase())
            .bind("parents", joined(link.references()))
            .bind("at", Columns.column(link.at()))
            .executeAndReturnGeneratedKeys("link_id")
            .mapTo(Long.class)
            .one();
    var batch =
        handle.prepareBatch(
            "insert into thread_link_message (link_id, ordinal, message_id)"
                + " values (:link, :ordinal, :message)");
    for (int i = 0; i < link.messageIds().size(); i++) {
      batch.bind("link", id).bind("ordinal", i).bind("message", link.messageIds().get(i)).add();
    }
    batch.execute();
    return true;
  }

  /**
   * What a mail of this person in this conversation answers: the first id that is known, of
   * In-Reply-To in order, then of References from the end.
   */
  public Optional<ThreadLink> answered(
      Mailbox person,
      ConversationId conversation,
      List<MailId> inReplyTo,
      List<MailId> references) {
    return jdbi.withHandle(
        handle ->
            lookUpOrder(inReplyTo, references).stream()
                .flatMap(id -> find(handle, person, id).stream())
                .filter(link -> link.conversation().equals(conversation))
                .findFirst());
  }

  /**
   * The links of this person under the first known id, by the order of {@link #answered}: one for
   * each conversation that the mail stands in. For a mail whose conversation is not yet known.
   */
  public List<ThreadLink> known(Mailbox person, List<MailId> inReplyTo, List<MailId> references) {
    return jdbi.withHandle(
        handle ->
            lookUpOrder(inReplyTo, references).stream()
                .map(id -> find(handle, person, id))
                .filter(links -> !links.isEmpty())
                .findFirst()
                .orElse(List.of()));
  }

  /** The latest mail between the person and the conversation: it carries the thread's state. */
  public Optional<ThreadLink> last(ConversationId conversation, Mailbox person) {
    return jdbi.withHandle(handle -> last(handle, conversation, person));
  }

  /** As {@link #last(ConversationId, Mailbox)}, as the caller's transaction sees it. */
  public Optional<ThreadLink> last(Handle handle, ConversationId conversation, Mailbox person) {
    return links(
            handle,
            handle
                .createQuery(
                    "select "
                        + COLUMNS
                        + " from thread_link l where l.conversation = :conversation and l.person ="
                        + " :person order by l.conversation desc, l.person desc, l.linked_at desc,"
                        + " l.link_id desc limit 1")
                .bind("conversation", conversation.hex())
                .bind("person", Columns.column(person))
                .map((row, context) -> Row.of(row))
                .list())
        .stream()
        .findFirst();
  }

  /** Whether a mail of this person's has become messages of the conversation. */
  public boolean hasWritten(ConversationId conversation, Mailbox person) {
    return has(ThreadLink.Direction.MAIL_TO_XMTP, conversation, person);
  }

  /** Whether messages of the conversation have become a mail to this person. */
  public boolean hasMailed(ConversationId conversation, Mailbox person) {
    return has(ThreadLink.Direction.XMTP_TO_MAIL, conversation, person);
  }

  private boolean has(ThreadLink.Direction direction, ConversationId conversation, Mailbox person) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select 1 from thread_link where conversation = :conversation"
                        + " and person = :person and direction = :direction limit 1")
                .bind("conversation", conversation.hex())
                .bind("person", Columns.column(person))
                .bind("direction", direction.name())
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
  }

  /** Forgets a mail that was never sent, so that nothing answers it. */
  public void unlink(Handle handle, MailId mail, ConversationId conversation, Mailbox person) {
    handle
        .createUpdate(
            "delete from thread_link where mail_key = :key and conversation = :conversation"
                + " and person = :person")
        .bind("key", Columns.key(mail))
        .bind("conversation", conversation.hex())
        .bind("person", Columns.column(person))
        .execute();
  }

  /**
   * The mail in which this person sent or received a message, the earliest if there are several.
   *
   * @param messageId 64 lower-case hex digits
   */
  public Optional<ThreadLink> carrying(String messageId, Mailbox person) {
    return jdbi.withHandle(handle -> carrying(handle, messageId, person));
  }

  /** As {@link #carrying(String, Mailbox)}, as the caller's transaction sees it. */
  public Optional<ThreadLink> carrying(Handle handle, String messageId, Mailbox person) {
    return links(
            handle,
            handle
                .createQuery(
                    "select "
                        + COLUMNS
                        + " from thread_link l join thread_link_message m on m.link_id = l.link_id"
                        + " where m.message_id = :message and l.person = :person"
                        + " order by l.linked_at, l.link_id limit 1")
                .bind("message", messageId)
                .bind("person", Columns.column(person))
                .map((row, context) -> Row.of(row))
                .list())
        .stream()
        .findFirst();
  }

  /**
   * Forgets links older than that, but the last of each direction of a conversation with a person:
   * that they have written to each other is never forgotten.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.deleteInTurns(
        jdbi,
        "thread_link",
        "link_id",
        "linked_at < :before and exists (select 1 from thread_link n where n.conversation ="
            + " thread_link.conversation and n.person = thread_link.person and n.direction ="
            + " thread_link.direction and n.linked_at > thread_link.linked_at)",
        update -> update.bind("before", Columns.column(before)));
  }

  private static boolean isKnown(Handle handle, ThreadLink link) {
    return handle
            .createQuery(
                "select count(*) from thread_link where mail_key = :key and conversation ="
                    + " :conversation and person = :person")
            .bind("key", Columns.key(link.mailId()))
            .bind("conversation", link.conversation().hex())
            .bind("person", Columns.column(link.person()))
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private static List<MailId> lookUpOrder(List<MailId> inReplyTo, List<MailId> references) {
    var order = new ArrayList<>(references);
    Collections.reverse(order);
    order.addAll(0, inReplyTo);
    return order.stream().distinct().toList();
  }

  private static List<ThreadLink> find(Handle handle, Mailbox person, MailId id) {
    return links(
        handle,
        handle
            .createQuery(
                "select "
                    + COLUMNS
                    + " from thread_link l where (l.mail_key = :key or l.original_key = :key)"
                    + " and l.person = :person order by l.linked_at, l.link_id")
            .bind("key", Columns.key(id))
            .bind("person", Columns.column(person))
            .map((row, context) -> Row.of(row))
            .list());
  }

  private static List<ThreadLink> links(Handle handle, List<Row> rows) {
    return rows.stream()
        .map(
            row ->
                row.link(
                    handle
                        .createQuery(
                            "select message_id from thread_link_message where link_id = :link"
                                + " order by ordinal")
                        .bind("link", row.linkId())
                        .mapTo(String.class)
                        .list()))
        .toList();
  }

  private static String joined(List<MailId> ids) {
    return ids.stream().map(MailId::asWritten).collect(Collectors.joining(" "));
  }

  /** A row of thread_link, still without its messages. */
  private record Row(
      long linkId,
      MailId mailId,
      Optional<MailId> originalId,
      ThreadLink.Direction direction,
      ConversationId conversation,
      String groupId,
      Mailbox person,
      InboxId peer,
      String subjectBase,
      List<MailId> references,
      Instant at) {

    static Row of(ResultSet row) throws SQLException {
      return new Row(
          row.getLong("link_id"),
          Columns.mailId(row, "mail_id"),
          Optional.ofNullable(row.getString("original_id")).map(MailId::new),
          ThreadLink.Direction.valueOf(row.getString("direction")),
          new ConversationId(row.getString("conversation")),
          row.getString("group_id"),
          Columns.mailbox(row, "person"),
          Columns.inbox(row, "peer_inbox"),
          row.getString("subject_base"),
          MailId.parseAll(row.getString("parent_ids")),
          Columns.instant(row, "linked_at"));
    }

    ThreadLink link(List<String> messageIds) {
      return new ThreadLink(
          mailId,
          originalId,
          direction,
          conversation,
          groupId,
          person,
          peer,
          subjectBase,
          references,
          messageIds,
          at);
    }
  }
}
