package io.postern.bridge;

import io.postern.bridge.Peers.Answer;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.AutomaticReplies;
import io.postern.mapping.BlockToken;
import io.postern.mapping.Circumstances.Form;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.Logos;
import io.postern.mapping.MailToContent;
import io.postern.mapping.ReactionReaders;
import io.postern.mapping.SeenPictures;
import io.postern.mapping.StandingPart;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.mapping.Translations;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import io.postern.xmtp.store.SavedLater;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Step 3 of the way from mail to XMTP: carries one spooled mail into the conversation of its author
 * and each recipient. Safe to repeat: what a mail becomes is committed once, with the wish to
 * publish it, and a repeat publishes what stands there. Used by several threads.
 */
final class MailToXmtp {
  /** RFC 3463 §3.4: other or undefined mail system status, of a system that may recover. */
  private static final String TROUBLED = "4.3.0";

  private final ClientStore store;
  private final AddressRules rules;
  private final ThreadIds threadIds;
  private final Peers peers;
  private final Persons persons;
  private final KeptMails kept;
  private final ThreadLinks links;
  private final Translations translations;
  private final AutomaticReplies automaticReplies;
  private final ReactionReaders reactionReaders;
  private final SeenPictures seenPictures;
  private final JourneyStore journeys;
  private final Preferences preferences;
  private final SenderReports senderReports;
  private final ReceiptsToMail receipts;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  MailToXmtp(
      ClientStore store,
      AddressRules rules,
      ThreadIds threadIds,
      Peers peers,
      Persons persons,
      KeptMails kept,
      SenderReports senderReports,
      ReceiptsToMail receipts,
      Checkpoint.Watch watch,
      InstantSource clock) {
    this.store = store;
    this.rules = rules;
    this.threadIds = threadIds;
    this.peers = peers;
    this.persons = persons;
    this.kept = kept;
    this.senderReports = senderReports;
    this.links = new ThreadLinks(store.jdbi());
    this.translations = new Translations(store.jdbi());
    this.automaticReplies = new AutomaticReplies(store.jdbi());
    this.reactionReaders = new ReactionReaders(store.jdbi());
    this.seenPictures = new SeenPictures(store.jdbi());
    this.journeys = new JourneyStore(store.jdbi());
    this.receipts = receipts;
    this.preferences = new Preferences(store, clock);
    this.watch = watch;
    this.clock = clock;
  }

  /**
   * Delivers to one recipient of the envelope.
   *
   * @return delivered also if there is nothing to say: then the journey has ended as withheld
   */
  Delivery deliver(Arrival arrival, Mailbox recipient) {
    var author = arrival.mail().author();
    if (author.isEmpty()) {
      return new Delivery.Refused("5.6.0", "The mail has no single author");
    }
    preferences.heard(author.get().mailbox());
    var block = BlockAddress.parse(recipient);
    if (block.isPresent()) {
      return block(arrival, recipient, block.get(), author.get().mailbox());
    }
    if (DigestAddress.is(recipient)) {
      return new Delivery.Refused("5.1.1", DigestAddress.REFUSAL);
    }
    var destination = rules.resolve(recipient);
    if (destination.peer().isEmpty()) {
      return new Delivery.Refused("5.1.1", destination.why());
    }
    var answer = peers.find(destination.peer().get());
    if (answer instanceof Answer.Nobody nobody) {
      return new Delivery.Refused("5.1.1", nobody.why());
    }
    if (answer instanceof Answer.NotNow notNow) {
      // A trouble with this one peer holds up nobody else.
      return new Delivery.Deferred(
          notNow.networkAway() ? SpoolLoop.NETWORK_AWAY : TROUBLED, notNow.why());
    }
    var peer = ((Answer.Reached) answer).inbox();
    var person = author.get().mailbox();
    var machine =
        preferences.againstMachine(() -> persons.find(person), person, peer, arrival.mail());
    if (machine.isPresent()) {
      preferences.withhold(arrival, recipient, machine.get());
      return new Delivery.Delivered("withheld");
    }
    Inbox inbox;
    List<StandingPart> standing;
    try {
      inbox = persons.inboxOf(person);
      watch.reached(Checkpoint.INBOX_READY);
      var conversation = preferences.dm(inbox, peer, arrival.mail());
      watch.reached(Checkpoint.DM_READY);
      var thread =
          new KnownThread(links, threadIds, inbox, peer, conversation, person, kept.isOn());
      // One peer may have several addresses: the key names the peer, so a mail to two of them is
      // one.
      var canonical = new Mailbox(peer.toString(), recipient.domain());
      standing = standing(arrival, recipient, canonical, thread, conversation);
    } catch (XmtpException failed) {
      return failed.isRetryable()
          ? deferred(failed)
          : new Delivery.Refused("5.4.0", failed.getMessage());
    } catch (ContentException impossible) {
      return new Delivery.Refused("5.6.0", impossible.getMessage());
    }
    return standing.isEmpty() ? new Delivery.Delivered("withheld") : publish(inbox, standing);
  }

  private Delivery block(Arrival arrival, Mailbox recipient, BlockAddress address, Mailbox author) {
    var about = preferences.about(address, author);
    if (about.isEmpty()) {
      return new Delivery.Refused("5.7.1", "This address was given to somebody else");
    }
    try {
      return preferences.block(
          arrival,
          recipient,
          address,
          persons.inboxOf(author),
          about.get(),
          () -> confirm(arrival, recipient, address, about.get()));
    } catch (XmtpException failed) {
      return deferred(failed);
    } catch (IOException full) {
      return new Delivery.Deferred(TROUBLED, "the confirmation could not be stored");
    }
  }

  private void confirm(Arrival arrival, Mailbox recipient, BlockAddress address, BlockToken about)
      throws IOException {
    var peer = addressOf(about.peer());
    var opposite = address.opposite().at(recipient.domain());
    var words =
        address.blocks()
            ? "You hear no more of "
                + peer
                + ". They are not told.\n"
                + "To hear of them again, send an empty mail to\n"
                + opposite
            : "You hear of "
                + peer
                + " again. What they wrote meanwhile is not sent.\n"
                + "To block them, send an empty mail to\n"
                + opposite;
    senderReports.confirm(
        arrival,
        about.person(),
        (address.blocks() ? "Blocked: " : "No longer blocked: ") + peer,
        words);
  }

  /** As the person knows the peer; while the network is away the inbox alone is known. */
  private Mailbox addressOf(InboxId peer) {
    try {
      return rules.addressOf(peer, peers.wallets(peer));
    } catch (XmtpException away) {
      return rules.addressOf(peer, List.of());
    }
  }

  private static Delivery deferred(XmtpException failed) {
    var status = failed.isNetworkAway() ? SpoolLoop.NETWORK_AWAY : TROUBLED;
    return new Delivery.Deferred(status, failed.getMessage(), failed.retryAfter());
  }

  /** What the mail became, now or before; empty if it has nothing to say. */
  private List<StandingPart> standing(
      Arrival arrival,
      Mailbox recipient,
      Mailbox canonical,
      KnownThread thread,
      Conversation conversation)
      throws ContentException {
    var before = translations.find(arrival.id(), canonical);
    if (!before.isEmpty()) {
      return before;
    }
    var pictures = Logos.keys(arrival.readable());
    var repeated =
        seenPictures.repeated(thread.person(), thread.peer(), pictures, arrival.key(canonical, 0));
    before = again(arrival, recipient, canonical, conversation, repeated);
    if (!before.isEmpty()) {
      return before;
    }
    var result =
        MailToContent.convert(
            arrival.mail(), arrival.readable(), thread.around(arrival, recipient, repeated));
    if (result instanceof MailToContent.Result.Messages messages && !shownLately(arrival, thread)) {
      var parts = messages.parts();
      var committed = commit(arrival, recipient, canonical, thread, conversation, parts);
      watch.reached(Checkpoint.TRANSLATED);
      return committed;
    }
    journeys.end(
        arrival.id(),
        recipient,
        Outcome.WITHHELD,
        new Step(clock.instant(), Place.MAIL_TO_XMTP, withheld(result)));
    return List.of();
  }

  /** Whether the peer has seen this person's autoresponder within the week. §10.12, RFC 3834. */
  private boolean shownLately(Arrival arrival, KnownThread thread) {
    return arrival.mail().automaticReply()
        && automaticReplies.seen(thread.person(), thread.peer(), clock.instant());
  }

  private String withheld(MailToContent.Result result) {
    if (result instanceof MailToContent.Result.Messages) {
      return "an automatic reply; the peer has been shown one of this person's within 7 days";
    }
    if (result instanceof MailToContent.Result.Nothing nothing) {
      return nothing.reason();
    }
    if (result instanceof MailToContent.Result.Report) {
      return "a delivery report that did not come from the null sender";
    }
    return receipts.isOn()
        ? "a receipt that did not come from the null sender to a return path of ours"
        : "a receipt; receipts are not carried";
  }

  /**
   * What the same mail became when it came before: its sender did not see our 250, or two of its
   * ways led here. Some programs give one Message-ID to different mails, so the words must agree,
   * too; what stands before them depends on the conversation of that time.
   */
  private List<StandingPart> again(
      Arrival arrival,
      Mailbox recipient,
      Mailbox canonical,
      Conversation conversation,
      Set<String> repeated) {
    var earlier = translations.byKey(conversation.group().toString(), arrival.key(canonical, 0));
    if (earlier.isEmpty()) {
      return List.of();
    }
    var then = ContentCodec.decode(earlier.get().octets());
    var form = Form.of(then).orElse(Form.TEXT);
    return MailToContent.convert(
                    arrival.mail(),
                    arrival.readable(),
                    KnownThread.none(arrival, recipient, repeated, form))
                instanceof MailToContent.Result.Messages messages
            && MailToContent.saysTheSame(then, messages.parts().get(0).content())
        ? translations.find(earlier.get().spoolId(), canonical)
        : List.of();
  }

  private List<StandingPart> commit(
      Arrival arrival,
      Mailbox recipient,
      Mailbox canonical,
      KnownThread thread,
      Conversation conversation,
      List<MailToContent.Part> parts)
      throws ContentException {
    var group = conversation.group();
    var messages = new MessageParts(arrival, canonical, group, parts);
    var rows = messages.rows();
    var ids = messages.ids();
    var peer = thread.peer();
    var link = link(arrival, thread, conversation, ids);
    var words = ids.size() + " message(s) for " + recipient + " in group " + group;
    var whole = kept.write(arrival.id(), arrival::handedOn);
    var now = clock.instant();
    try {
      // Saved with what it leads to: the payload, before it leaves.
      return SavedLater.inTransaction(
          store.jdbi(),
          handle -> {
            var stand = new ArrayList<StandingPart>();
            if (ReactionReaders.wrote(arrival.mail())) {
              reactionReaders.add(handle, thread.person(), now);
            }
            if (arrival.mail().automaticReply()) {
              automaticReplies.show(handle, thread.person(), peer, now);
            }
            seenPictures.note(
                handle,
                thread.person(),
                peer,
                Logos.keys(arrival.readable()),
                arrival.key(canonical, 0),
                now);
            preferences.say(
                handle,
                conversation,
                arrival.mail(),
                () ->
                    stand.addAll(
                        translations.commit(
                            handle,
                            rows,
                            now,
                            part -> conversation.enqueue(handle, messages.message(part)))));
            preferences.wrote(handle, conversation, thread.person(), peer, arrival.mail());
            link.ifPresent(known -> links.link(handle, known));
            receipts.asked(handle, arrival, recipient, thread.id(), ids);
            whole.ifPresent(mail -> kept.keep(handle, mail, thread.id(), ids));
            journeys.name(handle, arrival.id(), ids);
            journeys.step(handle, arrival.id(), new Step(now, Place.CONVERSATION, words));
            return stand;
          });
    } catch (RuntimeException failed) {
      whole.ifPresent(kept::discard);
      throw failed;
    }
  }

  /** By which later mails and messages find this mail again; none if it has no id. */
  private Optional<ThreadLink> link(
      Arrival arrival, KnownThread thread, Conversation conversation, List<String> messageIds) {
    var mail = arrival.mail();
    return mail.id()
        .map(
            id ->
                new ThreadLink(
                    id,
                    mail.originalId(),
                    ThreadLink.Direction.MAIL_TO_XMTP,
                    thread.id(),
                    conversation.group().toString(),
                    thread.person(),
                    thread.peer(),
                    thread.subjectAfter(mail),
                    mail.references(),
                    messageIds,
                    clock.instant()));
  }

  /**
   * Publishes what stands. From here on a failure is never final by itself: the wish to publish is
   * stored and will be carried out, so saying "refused" would tell the sender what is not so.
   */
  private Delivery publish(Inbox inbox, List<StandingPart> standing) {
    // Where the parts stand: since then the two may have got another group for their conversation.
    var conversation = inbox.conversation(GroupId.parse(standing.get(0).groupId()));
    try {
      conversation.publishNow();
    } catch (XmtpException failed) {
      // It may be about another message of the conversation, or have come after ours was through.
      if (standing.stream().anyMatch(part -> status(inbox, part) == Status.UNPUBLISHED)) {
        return deferred(failed);
      }
    }
    watch.reached(Checkpoint.PUBLISHED);
    for (var part : standing) {
      var status = status(inbox, part);
      if (status == Status.FAILED) {
        return new Delivery.Refused("5.4.0", "The XMTP network did not take the message");
      }
      if (status == Status.UNPUBLISHED) {
        return new Delivery.Deferred(TROUBLED, "the XMTP network does not show the message yet");
      }
    }
    for (var part : standing) {
      translations.published(part.spoolId(), part.recipient(), part.part(), clock.instant());
    }
    var ids = standing.stream().map(StandingPart::messageId).toList();
    return new Delivery.Delivered(String.join(" ", ids));
  }

  /** What became of a part. A message that is no longer kept has been published and has expired. */
  private Status status(Inbox inbox, StandingPart part) {
    return MessageId.parse(part.messageId())
        .flatMap(
            id ->
                store
                    .jdbi()
                    .withHandle(handle -> store.messages().find(handle, inbox.installation(), id)))
        .map(Message::status)
        .orElse(Status.PUBLISHED);
  }
}
