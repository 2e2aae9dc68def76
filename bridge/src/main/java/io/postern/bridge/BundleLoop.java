package io.postern.bridge;

import io.postern.mail.BaseSubject;
import io.postern.mail.MailHeader;
import io.postern.mail.MailWriter;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ContentToMail;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.PeerLines;
import io.postern.mapping.PeerName;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 3 of the way from XMTP to mail, second half: when a bundle's quiet time is over, composes
 * the mail once, and stores its octets, its members and its place in the thread in one transaction.
 * What is sent, however often, are those octets.
 */
final class BundleLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(BundleLoop.class);

  private static final Duration IDLE = Duration.ofSeconds(30);

  /** How far back a peer's reactions are looked for. */
  private static final int RECENT = 500;

  private final Jdbi jdbi;
  private final ClientStore store;
  private final Outbox outbox;
  private final ThreadLinks links;
  private final ContentToMail translator;
  private final AddressRules rules;
  private final Peers peers;
  private final Attachments attachments;
  private final JourneyStore journeys;
  private final String domain;
  private final Runnable next;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  /**
   * @param domain the bridge domain that mails come from
   * @param next called when mails have been closed
   */
  BundleLoop(
      Jdbi jdbi,
      ClientStore store,
      Outbox outbox,
      ThreadIds threadIds,
      AddressRules rules,
      Peers peers,
      Attachments attachments,
      JourneyStore journeys,
      String domain,
      Runnable next,
      Checkpoint.Watch watch,
      InstantSource clock) {
    super("bundles");
    this.jdbi = jdbi;
    this.store = store;
    this.outbox = outbox;
    this.links = new ThreadLinks(jdbi);
    this.translator = new ContentToMail(threadIds);
    this.rules = rules;
    this.peers = peers;
    this.attachments = attachments;
    this.journeys = journeys;
    this.domain = domain;
    this.next = next;
    this.watch = watch;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    boolean closed = false;
    for (var bundle : outbox.due(clock.instant())) {
      try {
        close(bundle);
        closed = true;
      } catch (XmtpException failed) {
        log.warn("bundle waits for the network reason={}", failed.getMessage());
        return Duration.ofSeconds(5);
      }
    }
    if (closed) {
      next.run();
    }
    return outbox
        .nextClosing()
        .map(at -> Duration.between(clock.instant(), at))
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait)
        .filter(wait -> wait.compareTo(IDLE) < 0)
        .orElse(IDLE);
  }

  private void close(OpenBundle bundle) throws XmtpException {
    var first = bundle.first();
    var lines = lines(bundle);
    if (lines.isEmpty()) {
      withhold(bundle, "the message has expired");
      return;
    }
    var wallets = peers.wallets(first.sender());
    var name =
        PeerName.of(
            Optional.empty(), Optional.empty(), wallets.stream().findFirst(), first.sender());
    var person = NamedMailbox.of(first.recipient());
    var last = links.last(first.conversation(), first.recipient());
    var described = new ArrayList<PeerLines.Line>();
    for (var message : lines) {
      described.add(describe(message, bundle, name));
    }
    var result =
        translator.convert(
            new PeerLines(
                described,
                first.sender(),
                name,
                rules.addressOf(first.sender(), wallets),
                person,
                first.conversation(),
                last,
                false));
    if (result instanceof ContentToMail.Result.Nothing nothing) {
      withhold(bundle, nothing.reason());
    } else {
      store(bundle, (ContentToMail.Result.Composed) result, lines.get(0), last);
      watch.reached(Checkpoint.BUNDLE_CLOSED);
    }
  }

  private List<Message> lines(OpenBundle bundle) {
    return jdbi.withHandle(
        handle ->
            bundle.messageIds().stream()
                .flatMap(id -> MessageId.parse(id).stream())
                .flatMap(
                    id -> store.messages().find(handle, bundle.first().installation(), id).stream())
                .toList());
  }

  private PeerLines.Line describe(Message message, OpenBundle bundle, PeerName name) {
    var content = ContentCodec.decode(message.content());
    var target =
        target(content).flatMap(id -> target(id, message, bundle.first().recipient(), name));
    return new PeerLines.Line(
        message.id(),
        content,
        XmtpToMail.instant(message.sentAtNs()),
        attachments.of(content),
        target);
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
  private Optional<PeerLines.Target> target(
      MessageId id, Message about, Mailbox person, PeerName name) {
    var link = links.carrying(id.toString(), person);
    var found = jdbi.withHandle(h -> store.messages().find(h, about.installation(), id));
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

  /** The emoji that the peer had put on a message before this one. */
  private Set<String> reactions(MessageId target, Message before) {
    var set = new LinkedHashSet<String>();
    var recent =
        jdbi.withHandle(
            handle ->
                store
                    .messages()
                    .newest(handle, before.installation(), List.of(before.group()), RECENT));
    for (var message : recent) {
      if (message.sender().equals(before.sender())
          && message.sequenceId() < before.sequenceId()
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

  private void store(
      OpenBundle bundle,
      ContentToMail.Result.Composed composed,
      Message first,
      Optional<ThreadLink> last) {
    // The mark by which a mail of ours is known when it comes back: see LoopCheck.
    var fields = new ArrayList<>(composed.draft().extra());
    fields.add(new MailHeader.Field("X-XMTP-Bridge", domain));
    var draft = composed.draft().withExtra(fields);
    var octets = MailWriter.write(draft);
    var messages = composed.messages().stream().map(MessageId::toString).toList();
    var returnPath = ReturnPath.of(messages.get(0), domain);
    var now = clock.instant();
    var link =
        new ThreadLink(
            draft.id(),
            Optional.empty(),
            ThreadLink.Direction.XMTP_TO_MAIL,
            bundle.first().conversation(),
            first.group().toString(),
            bundle.first().recipient(),
            bundle.first().sender(),
            last.map(ThreadLink::subjectBase)
                .orElseGet(() -> BaseSubject.of(draft.subject()).text()),
            draft.references(),
            messages,
            now);
    jdbi.useTransaction(
        handle -> {
          var mail = new ClosedMail(draft.id(), Optional.of(returnPath), octets);
          if (outbox.close(handle, bundle, mail, now).isPresent()) {
            links.link(handle, link);
            for (var message : bundle.messageIds()) {
              var id = MessageJourneys.id(bundle.first().installation(), message);
              journeys.name(handle, id, draft.id().toString());
              journeys.step(
                  handle, id, new Step(now, Place.MAIL_WRITER, "written as mail " + draft.id()));
            }
          }
        });
  }

  private void withhold(OpenBundle bundle, String reason) {
    var now = clock.instant();
    jdbi.useTransaction(
        handle -> {
          if (outbox.withhold(handle, bundle.lines(), reason, now)) {
            for (var message : bundle.messageIds()) {
              journeys.end(
                  handle,
                  MessageJourneys.id(bundle.first().installation(), message),
                  bundle.first().recipient(),
                  Outcome.WITHHELD,
                  new Step(now, Place.XMTP_TO_MAIL, reason));
            }
          }
        });
  }
}
