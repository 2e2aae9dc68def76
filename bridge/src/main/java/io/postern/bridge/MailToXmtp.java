package io.postern.bridge;

import io.postern.bridge.Peers.Answer;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Circumstances;
import io.postern.mapping.Circumstances.AnsweredMessage;
import io.postern.mapping.ConversationId;
import io.postern.mapping.IdempotencyKey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.MailToContent;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.mapping.Translation;
import io.postern.mapping.Translations;
import io.postern.smtp.SpooledMail;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/**
 * Step 3 of the way from mail to XMTP: carries one spooled mail into the conversation of its author
 * and each recipient. Safe to repeat: what a mail becomes is committed once, with the wish to
 * publish it, and a repeat publishes what stands there.
 */
final class MailToXmtp {
  private static final int MEMBERS_OF_A_DM = 2;

  /** How far back the message is looked for that a mail answers. */
  private static final int RECENT = 500;

  private final Jdbi jdbi;
  private final AddressRules rules;
  private final ThreadIds threadIds;
  private final Peers peers;
  private final Persons persons;
  private final ThreadLinks links;
  private final Translations translations;
  private final JourneyStore journeys;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  MailToXmtp(
      Jdbi jdbi,
      AddressRules rules,
      ThreadIds threadIds,
      Peers peers,
      Persons persons,
      Checkpoint.Watch watch,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.rules = rules;
    this.threadIds = threadIds;
    this.peers = peers;
    this.persons = persons;
    this.links = new ThreadLinks(jdbi);
    this.translations = new Translations(jdbi);
    this.journeys = new JourneyStore(jdbi);
    this.watch = watch;
    this.clock = clock;
  }

  /** Delivers to one recipient of the envelope. */
  Delivery deliver(SpooledMail spooled, Mailbox recipient) throws IOException {
    try {
      var octets = spooled.arrivedOctets();
      var mail = MailReader.read(octets);
      var author = mail.author();
      if (author.isEmpty()) {
        return new Delivery.Refused("5.6.0", "The mail has no single author");
      }
      var peer = rules.resolve(recipient).peer();
      if (peer.isEmpty()) {
        return new Delivery.Refused("5.1.1", rules.resolve(recipient).why());
      }
      var answer = peers.find(peer.get());
      if (answer instanceof Answer.Nobody nobody) {
        return new Delivery.Refused("5.1.1", nobody.why());
      }
      if (answer instanceof Answer.NotNow notNow) {
        return new Delivery.Deferred(SpoolLoop.NETWORK_AWAY, notNow.why());
      }
      var inbox = persons.inboxOf(author.get().mailbox());
      watch.reached(Checkpoint.INBOX_READY);
      return deliver(spooled, octets, mail, recipient, inbox, ((Answer.Reached) answer).inbox());
    } catch (MailException unreadable) {
      return new Delivery.Refused(unreadable.status(), unreadable.advice());
    } catch (XmtpException failed) {
      if (!failed.isRetryable()) {
        return new Delivery.Refused("5.4.0", failed.getMessage());
      }
      var status = failed.isNetworkAway() ? SpoolLoop.NETWORK_AWAY : "4.3.0";
      return new Delivery.Deferred(status, failed.getMessage(), failed.retryAfter());
    } catch (ContentException impossible) {
      return new Delivery.Refused("5.6.0", impossible.getMessage());
    }
  }

  private Delivery deliver(
      SpooledMail spooled, byte[] octets, Mail mail, Mailbox recipient, Inbox inbox, InboxId peer)
      throws XmtpException, ContentException {
    var conversation = inbox.dm(peer);
    watch.reached(Checkpoint.DM_READY);
    // One peer may have several addresses: the key names the peer, so a mail to two of them is one.
    var canonical = new Mailbox(peer.toString(), recipient.domain());
    var standing = translations.find(spooled.id().toString(), canonical);
    if (standing.isEmpty()) {
      standing = again(octets, mail, canonical, conversation);
    }
    if (standing.isEmpty()) {
      var person = mail.author().orElseThrow().mailbox().canonical();
      var thread = ConversationId.ofDm(inbox.id(), peer);
      var result =
          MailToContent.convert(
              mail, circumstances(spooled, mail, recipient, inbox, peer, conversation));
      if (!(result instanceof MailToContent.Result.Messages messages)) {
        var reason = withheld(result);
        journeys.end(
            spooled.id().toString(), recipient, Outcome.WITHHELD, step(Place.MAIL_TO_XMTP, reason));
        return new Delivery.Delivered("withheld: " + reason);
      }
      var parts = messages.parts();
      standing =
          commit(spooled, octets, mail, recipient, canonical, conversation, thread, person, parts);
      watch.reached(Checkpoint.TRANSLATED);
    }
    conversation.publishNow();
    watch.reached(Checkpoint.PUBLISHED);
    for (var part : standing) {
      translations.published(part.spoolId(), part.recipient(), part.part(), clock.instant());
    }
    var ids = standing.stream().map(Translation::messageId).toList();
    return new Delivery.Delivered(String.join(" ", ids));
  }

  /**
   * What the same mail became when it came before: its sender did not see our 250, or two of its
   * ways led here. Some programs give one Message-ID to different mails, so the words must agree,
   * too; what stands before them depends on the conversation of that time.
   */
  private List<Translation> again(
      byte[] octets, Mail mail, Mailbox canonical, Conversation conversation) {
    var earlier =
        translations.byKey(conversation.group().toString(), key(octets, mail, canonical, 0));
    if (earlier.isEmpty()
        || !(MailToContent.convert(mail, plain(mail))
            instanceof MailToContent.Result.Messages messages)) {
      return List.of();
    }
    var then = words(ContentCodec.decode(earlier.get().octets()));
    var now = words(messages.parts().get(0).content());
    return then.endsWith(now) ? translations.find(earlier.get().spoolId(), canonical) : List.of();
  }

  /** Circumstances in which nothing of ours stands before the words. */
  private Circumstances plain(Mail mail) {
    return new Circumstances(
        mail.date().orElseGet(clock::instant),
        Optional.empty(),
        MEMBERS_OF_A_DM,
        Optional.of(mail.baseSubject().text()),
        Optional.empty(),
        List.of(),
        Set.of(),
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  private static String words(Content content) {
    var inner = content instanceof Reply reply ? reply.content() : content;
    return inner instanceof Text text ? text.text() : inner.toString();
  }

  private static IdempotencyKey key(byte[] octets, Mail mail, Mailbox canonical, int part) {
    return mail.id()
        .map(id -> IdempotencyKey.of(id, canonical, part))
        .orElseGet(() -> IdempotencyKey.of(octets, canonical, part));
  }

  private static String withheld(MailToContent.Result result) {
    if (result instanceof MailToContent.Result.Nothing nothing) {
      return nothing.reason();
    }
    return result instanceof MailToContent.Result.Report
        ? "a delivery report that did not come from the null sender"
        : "a receipt; receipts are not carried";
  }

  private List<Translation> commit(
      SpooledMail spooled,
      byte[] octets,
      Mail mail,
      Mailbox recipient,
      Mailbox canonical,
      Conversation conversation,
      ConversationId thread,
      Mailbox person,
      List<MailToContent.Part> parts)
      throws ContentException {
    var messages = new ArrayList<EncodedMessage>();
    var rows = new ArrayList<Translation>();
    var group = conversation.group().toString();
    for (int i = 0; i < parts.size(); i++) {
      var key = key(octets, mail, canonical, i);
      var message = EncodedMessage.of(parts.get(i).content(), key.value());
      messages.add(parts.get(i).push() ? message : message.silent());
      rows.add(
          new Translation(
              spooled.id().toString(),
              canonical,
              i,
              key,
              group,
              message.id(conversation.group().octets()).toString(),
              message.envelope().content().toByteArray(),
              Optional.empty()));
    }
    var now = clock.instant();
    var subject =
        links
            .last(thread, person)
            .filter(last -> mail.subject().isBlank())
            .map(ThreadLink::subjectBase)
            .orElse(mail.baseSubject().text());
    return jdbi.inTransaction(
        handle -> {
          var stand = translations.commit(handle, rows, now);
          messages.forEach(message -> conversation.enqueue(handle, message));
          var ids = rows.stream().map(Translation::messageId).toList();
          mail.id()
              .ifPresent(
                  id ->
                      links.link(
                          handle,
                          new ThreadLink(
                              id,
                              mail.originalId(),
                              ThreadLink.Direction.MAIL_TO_XMTP,
                              thread,
                              group,
                              person,
                              conversation.peer().orElseThrow(),
                              subject,
                              mail.references(),
                              ids,
                              now)));
          ids.forEach(id -> journeys.name(handle, spooled.id().toString(), id));
          journeys.step(
              handle,
              spooled.id().toString(),
              step(
                  Place.CONVERSATION,
                  ids.size() + " message(s) for " + recipient + " in group " + group));
          return stand;
        });
  }

  private Circumstances circumstances(
      SpooledMail spooled,
      Mail mail,
      Mailbox recipient,
      Inbox inbox,
      InboxId peer,
      Conversation conversation) {
    var author = mail.author().orElseThrow();
    var person = author.mailbox().canonical();
    var thread = ConversationId.ofDm(inbox.id(), peer);
    var last = links.last(thread, person);
    var answered = answered(mail, person, thread, conversation);
    Optional<String> introduction =
        last.isEmpty()
            ? Optional.of(author.mailbox() + ", by mail via " + recipient.domain())
            : Optional.empty();
    return new Circumstances(
        spooled.received().at(),
        answered,
        MEMBERS_OF_A_DM,
        last.map(ThreadLink::subjectBase),
        introduction,
        others(mail, recipient),
        answered.map(target -> reactions(target.id(), inbox, conversation)).orElse(Set.of()),
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  /** People who got the same mail, for the peer to know. */
  private static List<NamedMailbox> others(Mail mail, Mailbox recipient) {
    var others = new ArrayList<>(mail.to());
    others.addAll(mail.cc());
    others.removeIf(other -> other.mailbox().canonical().equals(recipient.canonical()));
    return others;
  }

  private Optional<AnsweredMessage> answered(
      Mail mail, Mailbox person, ConversationId thread, Conversation conversation) {
    var said = conversation.messages(RECENT);
    for (var mailId : mail.answeredIds()) {
      var message =
          links
              .answered(person, thread, List.of(mailId), List.of())
              .map(ThreadLink::primaryMessage)
              .or(() -> threadIds.messageIn(mailId))
              .flatMap(MessageId::parse);
      for (var candidate : said) {
        if (message.filter(candidate.id()::equals).isPresent()) {
          boolean newest = said.get(said.size() - 1).id().equals(candidate.id());
          return Optional.of(
              new AnsweredMessage(mailId, candidate.id(), candidate.sender(), newest));
        }
      }
    }
    return Optional.empty();
  }

  /** The emoji that the person has on a message now. */
  private static Set<String> reactions(MessageId target, Inbox inbox, Conversation conversation) {
    var set = new LinkedHashSet<String>();
    for (var message : conversation.messages(RECENT)) {
      if (message.sender().equals(inbox.id())
          && ContentCodec.decode(message.content()) instanceof Reaction reaction
          && reaction.target().filter(target::equals).isPresent()) {
        if (reaction.action() == Reaction.Action.ADDED) {
          set.add(reaction.content());
        } else {
          set.remove(reaction.content());
        }
      }
    }
    return set;
  }

  private Step step(Place place, String words) {
    return new Step(clock.instant(), place, words);
  }
}
