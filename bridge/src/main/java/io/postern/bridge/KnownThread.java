package io.postern.bridge;

import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.CalendarInvitation;
import io.postern.mapping.Circumstances;
import io.postern.mapping.Circumstances.AnsweredMessage;
import io.postern.mapping.ConversationId;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.MessageStore.Message;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a person's thread with a peer when a mail of theirs arrives: which message it
 * answers, whether they have written before, under what subject.
 */
final class KnownThread {
  private static final int MEMBERS_OF_A_DM = 2;

  /** How far back the message is looked for that a mail answers. */
  private static final int RECENT = 500;

  /** How far back the peer's last words are looked for. */
  private static final int LATELY = 20;

  /** How many calendars among those messages are read to find an invitation again. */
  private static final int MAX_CALENDARS = 50;

  private final ThreadLinks links;
  private final ThreadIds threadIds;
  private final Inbox inbox;
  private final InboxId peer;
  private final Conversation conversation;
  private final Mailbox person;
  private final ConversationId id;
  private final Circumstances.Quotes quotes;

  /**
   * @param kept whether the peer can ask for the whole mail
   */
  KnownThread(
      ThreadLinks links,
      ThreadIds threadIds,
      Inbox inbox,
      InboxId peer,
      Conversation conversation,
      Mailbox person,
      boolean kept) {
    this.links = links;
    this.threadIds = threadIds;
    this.inbox = inbox;
    this.peer = peer;
    this.conversation = conversation;
    this.person = person.canonical();
    this.id = ConversationId.ofDm(inbox.id(), peer);
    this.quotes = kept ? Circumstances.Quotes.CUT_AND_TOLD : Circumstances.Quotes.CUT;
  }

  ConversationId id() {
    return id;
  }

  /** Whose mails it is made of; canonical. */
  Mailbox person() {
    return person;
  }

  InboxId peer() {
    return peer;
  }

  /** The subject that the thread goes on with: a mail without one changes nothing. */
  String subjectAfter(Mail mail) {
    return links
        .last(id, person)
        .filter(last -> mail.subject().isBlank())
        .map(ThreadLink::subjectBase)
        .orElse(mail.baseSubject().text());
  }

  /**
   * @param repeated the pictures of the mail that are known already
   */
  Circumstances around(Arrival arrival, Mailbox recipient, Set<String> repeated) {
    var mail = arrival.mail();
    var last = links.last(id, person);
    var answered = answered(mail);
    // Who answers a request is not known to the peer yet, either.
    boolean wrote =
        last.filter(link -> link.direction() == ThreadLink.Direction.MAIL_TO_XMTP).isPresent()
            || last.isPresent() && links.hasWritten(id, person);
    Optional<String> introduction =
        wrote
            ? Optional.empty()
            : Optional.of(
                mail.author().orElseThrow().mailbox() + ", by mail via " + recipient.domain());
    return new Circumstances(
        arrival.at(),
        answered.map(Answered::message),
        MEMBERS_OF_A_DM,
        last.map(ThreadLink::subjectBase),
        introduction,
        arrival.caution(),
        others(mail, recipient),
        repeated,
        answered.map(Answered::reactions).orElse(Set.of()),
        form(mail),
        quotes);
  }

  /**
   * Markdown for a peer whose program wrote some when they spoke last: what writes it shows it, and
   * others would show nothing. {@code spec/content-types.md} §2.3.
   */
  private Circumstances.Form form(Mail mail) {
    if (mail.bodies().stream().allMatch(body -> body.html().isEmpty())) {
      return Circumstances.Form.TEXT;
    }
    return conversation.messages(LATELY).stream()
        .filter(message -> !message.sender().equals(inbox.id()))
        .flatMap(message -> Circumstances.Form.of(ContentCodec.decode(message.content())).stream())
        .reduce((earlier, later) -> later)
        .orElse(Circumstances.Form.TEXT);
  }

  /** Circumstances in which nothing stands before what the mail says of itself. */
  static Circumstances none(
      Arrival arrival, Mailbox recipient, Set<String> repeated, Circumstances.Form form) {
    var mail = arrival.mail();
    return new Circumstances(
        mail.date().orElse(arrival.at()),
        Optional.empty(),
        MEMBERS_OF_A_DM,
        Optional.of(mail.baseSubject().text()),
        Optional.empty(),
        Optional.empty(),
        others(mail, recipient),
        repeated,
        Set.of(),
        form,
        Circumstances.Quotes.CUT);
  }

  /** People who got the same mail, for the peer to know. */
  private static List<NamedMailbox> others(Mail mail, Mailbox recipient) {
    var others = new ArrayList<>(mail.to());
    others.addAll(mail.cc());
    others.removeIf(other -> other.mailbox().canonical().equals(recipient.canonical()));
    return others;
  }

  /**
   * A message that a mail answers.
   *
   * @param reactions the emoji that the person has on it now
   */
  private record Answered(AnsweredMessage message, Set<String> reactions) {}

  /**
   * The conversation is read only if the mail names a message: most mails answer nothing of ours.
   */
  private Optional<Answered> answered(Mail mail) {
    List<Message> said = List.of();
    for (var mailId : mail.answeredIds()) {
      var named = named(mailId);
      if (named.isPresent() && said.isEmpty()) {
        said = said();
      }
      for (var candidate : said) {
        if (named.filter(candidate.id()::equals).isPresent()) {
          boolean newest = said.get(said.size() - 1).id().equals(candidate.id());
          return Optional.of(
              new Answered(
                  new AnsweredMessage(mailId, candidate.id(), candidate.sender(), newest),
                  reactions(candidate.id(), said)));
        }
      }
    }
    return invited(mail, said);
  }

  /** Without receipts, whosesoever: nobody sees them as messages. */
  private List<Message> said() {
    return conversation.messages(RECENT).stream()
        .filter(message -> !(ContentCodec.decode(message.content()) instanceof ReadReceipt))
        .toList();
  }

  /** A change of an invitation, or its end, answers the first that was said about it. */
  private Optional<Answered> invited(Mail mail, List<Message> alreadyRead) {
    var uids = CalendarInvitation.uids(mail);
    if (uids.isEmpty()) {
      return Optional.empty();
    }
    var said = alreadyRead.isEmpty() ? said() : alreadyRead;
    return said.stream()
        .filter(message -> message.sender().equals(inbox.id()))
        .flatMap(message -> calendar(message).stream())
        .limit(MAX_CALENDARS)
        .filter(file -> CalendarInvitation.uid(file.octets()).filter(uids::contains).isPresent())
        .findFirst()
        .map(Calendar::message)
        .flatMap(message -> links.carrying(message.id().toString(), person))
        .flatMap(
            link ->
                MessageId.parse(link.primaryMessage())
                    .map(card -> new AnsweredMessage(link.mailId(), card, inbox.id(), false)))
        .map(card -> new Answered(card, Set.of()));
  }

  /** A message that is a calendar. */
  private record Calendar(Message message, byte[] octets) {}

  private static Optional<Calendar> calendar(Message message) {
    return CalendarInvitation.calendarIn(ContentCodec.decode(message.content()))
        .map(octets -> new Calendar(message, octets));
  }

  private Optional<MessageId> named(MailId mailId) {
    return links
        .answered(person, id, List.of(mailId), List.of())
        .map(ThreadLink::primaryMessage)
        .or(() -> threadIds.messageIn(mailId))
        .flatMap(MessageId::parse);
  }

  /** The emoji that the person has on a message now. */
  private Set<String> reactions(MessageId target, List<Message> said) {
    var set = new LinkedHashSet<String>();
    for (var message : said) {
      if (message.sender().equals(inbox.id())
          && ContentCodec.decode(message.content()) instanceof Reaction reaction
          && reaction.target().filter(target::equals).isPresent()) {
        reaction.change(set);
      }
    }
    return set;
  }
}
