package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.CalendarInvitation;
import io.postern.mapping.Participation;
import io.postern.mapping.PeerLines;
import io.postern.mapping.PeerName;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the messages of one peer to one person as lines: what each is about, and whether it answers
 * an invitation.
 */
final class LineReader {
  /** How far back a peer's reactions are looked for. */
  private static final int RECENT = 500;

  /** Of more calendars in one mail the rest invites to nothing. */
  private static final int MAX_CALENDARS = 5;

  private final ClientStore store;
  private final ThreadLinks links;
  private final AddressRules rules;
  private final Mailbox person;
  private final PeerName name;
  private final List<EthereumAddress> wallets;
  private final Optional<ThreadLink> last;

  /**
   * @param name of the peer
   * @param wallets of the peer
   * @param last the latest mail between the two
   */
  LineReader(
      ClientStore store,
      ThreadLinks links,
      AddressRules rules,
      Mailbox person,
      PeerName name,
      List<EthereumAddress> wallets,
      Optional<ThreadLink> last) {
    this.store = store;
    this.links = links;
    this.rules = rules;
    this.person = person;
    this.name = name;
    this.wallets = wallets;
    this.last = last;
  }

  /**
   * @param files what came of the message's remote files
   */
  PeerLines.Line read(Message message, List<PeerLines.Fetched> files) {
    var content = ContentCodec.decode(message.content());
    var target = target(content).flatMap(id -> target(id, message));
    if (!(content instanceof EditMessage) && Participation.of(content).isPresent()) {
      target =
          target
              .map(found -> found.inviting(invitation(found.mail(), message)))
              .or(() -> lastInvitation(message));
    }
    return new PeerLines.Line(
        message.id(), content, XmtpToMail.instant(message.sentAtNs()), files, target);
  }

  private static Optional<MessageId> target(Content content) {
    if (content instanceof Reply reply) {
      return reply.target();
    }
    if (content instanceof Reaction reaction) {
      return reaction.target();
    }
    return content instanceof EditMessage edit ? Optional.of(edit.target()) : Optional.empty();
  }

  /** The message that another is about, if it stands in a mail of this person. */
  private Optional<PeerLines.Target> target(MessageId id, Message about) {
    var link = links.carrying(id.toString(), person);
    var found = find(id, about);
    if (link.isEmpty() || found.isEmpty()) {
      return Optional.empty();
    }
    var target = found.get();
    boolean byPerson = !target.sender().equals(about.sender());
    return Optional.of(
        new PeerLines.Target(
            link.get(),
            XmtpToMail.instant(target.sentAtNs()),
            byPerson ? person.toString() : name.text(),
            ContentCodec.decode(target.content()).summary().orElse(""),
            byPerson,
            reactions(id, about)));
  }

  private Optional<Message> find(MessageId id, Message sameConversation) {
    return store
        .jdbi()
        .withHandle(h -> store.messages().find(h, sameConversation.installation(), id));
  }

  /** What a bare word answers: the mail before it, if that invites. */
  private Optional<PeerLines.Target> lastInvitation(Message message) {
    return last.map(ThreadLink::primaryMessage)
        .flatMap(MessageId::parse)
        .flatMap(id -> target(id, message))
        .filter(found -> !found.sentAt().isAfter(XmtpToMail.instant(message.sentAtNs())))
        .map(found -> found.inviting(invitation(found.mail(), message)))
        .filter(found -> found.invitation().isPresent());
  }

  /** The invitation in a mail of the person: one of the messages that it became is its file. */
  private Optional<CalendarInvitation> invitation(ThreadLink mail, Message answer) {
    if (mail.direction() != ThreadLink.Direction.MAIL_TO_XMTP) {
      return Optional.empty();
    }
    var peer = answer.sender();
    var own = rules.addressOf(peer, wallets);
    return mail.messageIds().stream()
        .flatMap(id -> MessageId.parse(id).stream())
        .flatMap(id -> find(id, answer).stream())
        .flatMap(
            part -> CalendarInvitation.calendarIn(ContentCodec.decode(part.content())).stream())
        .limit(MAX_CALENDARS)
        .flatMap(
            calendar ->
                CalendarInvitation.read(
                    calendar, person, address -> rules.leadsTo(address, peer, wallets), own)
                    .stream())
        .findFirst();
  }

  /** The emoji that the peer had put on a message before this one. */
  private Set<String> reactions(MessageId target, Message before) {
    var set = new LinkedHashSet<String>();
    var groups = List.of(before.group());
    var recent =
        store
            .jdbi()
            .withHandle(h -> store.messages().newest(h, before.installation(), groups, RECENT));
    for (var message : recent) {
      if (message.sender().equals(before.sender())
          && message.sequenceId() < before.sequenceId()
          && ContentCodec.decode(message.content()) instanceof Reaction reaction
          && reaction.target().filter(target::equals).isPresent()) {
        reaction.change(set);
      }
    }
    return set;
  }
}
