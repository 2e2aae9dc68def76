package io.postern.bridge;

import io.postern.bridge.Peers.Answer;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Circumstances;
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
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/**
 * Step 3 of the way from mail to XMTP: carries one spooled mail into the conversation of its author
 * and each recipient. Safe to repeat: what a mail becomes is committed once, with the wish to publish
 * it, and a repeat publishes what stands there.
 */
final class MailToXmtp {
  private final Jdbi jdbi;
  private final AddressRules rules;
  private final ThreadIds threadIds;
  private final Peers peers;
  private final Persons persons;
  private final ThreadLinks links;
  private final Translations translations;
  private final JourneyStore journeys;
  private final InstantSource clock;

  MailToXmtp(
      Jdbi jdbi,
      AddressRules rules,
      ThreadIds threadIds,
      Peers peers,
      Persons persons,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.rules = rules;
    this.threadIds = threadIds;
    this.peers = peers;
    this.persons = persons;
    this.links = new ThreadLinks(jdbi);
    this.translations = new Translations(jdbi);
    this.journeys = new JourneyStore(jdbi);
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
      SpooledMail spooled,
      byte[] octets,
      Mail mail,
      Mailbox recipient,
      Inbox inbox,
      InboxId peer)
      throws XmtpException, ContentException {
    var conversation = inbox.dm(peer);
    // One peer may have several addresses: the key names the peer, so a mail to two of them is one.
    var canonical = new Mailbox(peer.toString(), recipient.domain());
    var standing = translations.find(spooled.id().toString(), canonical);
    if (standing.isEmpty()) {
      var person = mail.author().orElseThrow().mailbox().canonical();
      var thread = ConversationId.ofDm(inbox.id(), peer);
      var result =
          MailToContent.convert(
              mail, circumstances(spooled, mail, recipient, inbox, peer, conversation));
      if (result instanceof MailToContent.Nothing nothing) {
        journeys.end(
            spooled.id().toString(),
            recipient.toString(),
            Outcome.WITHHELD,
            step(Place.MAIL_TO_XMTP, nothing.reason()));
        return new Delivery.Delivered("withheld: " + nothing.reason());
      }
      var parts = ((MailToContent.Parts) result).parts();
      standing =
          commit(spooled, octets, mail, recipient, canonical, conversation, thread, person, parts);
    }
    XmtpException.await(conversation.publish());
    for (var part : standing) {
      translations.published(part.spoolId(), part.recipient(), part.part(), clock.instant());
    }
    var ids = standing.stream().map(Translation::messageId).toList();
    return new Delivery.Delivered(String.join(" ", ids));
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
      int number = i;
      var key =
          mail.id()
              .map(id -> IdempotencyKey.of(id, canonical, number))
              .orElseGet(() -> IdempotencyKey.of(octets, canonical, number));
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
    var person = mail.author().orElseThrow().mailbox().canonical();
    var thread = ConversationId.ofDm(inbox.id(), peer);
    var last = links.last(thread, person);
    return new Circumstances(
        spooled.received().at(),
        recipient,
        answered(mail, person, thread, inbox, peer, conversation),
        last.map(ThreadLink::subjectBase),
        last.isEmpty()
            ? Optional.of(
                mail.author().orElseThrow() + ", by mail via " + recipient.domain())
            : Optional.empty(),
        Set.of());
  }

  private Optional<Circumstances.Answered> answered(
      Mail mail,
      Mailbox person,
      ConversationId thread,
      Inbox inbox,
      InboxId peer,
      Conversation conversation) {
    return links
        .answered(person, thread, mail.inReplyTo(), mail.references())
        .flatMap(link -> MessageId.parse(link.primaryMessage()))
        .or(
            () ->
                mail.answeredIds().stream()
                    .flatMap(id -> threadIds.messageIn(id).stream())
                    .flatMap(id -> MessageId.parse(id).stream())
                    .findFirst())
        .flatMap(
            id ->
                conversation.messages(200).stream()
                    .filter(message -> message.id().equals(id))
                    .findFirst()
                    .map(
                        message ->
                            new Circumstances.Answered(
                                id, message.sender(), isNewest(conversation, id))));
  }

  private static boolean isNewest(Conversation conversation, MessageId id) {
    var newest = conversation.messages(1);
    return !newest.isEmpty() && newest.get(0).id().equals(id);
  }

  private Step step(Place place, String words) {
    return new Step(clock.instant(), place, words);
  }
}
