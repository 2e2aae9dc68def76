package io.postern.bridge;

import io.postern.mail.BaseSubject;
import io.postern.mail.Draft;
import io.postern.mail.MailHeader;
import io.postern.mail.MailId;
import io.postern.mail.MailWriter;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.auth.DkimSigner;
import io.postern.mapping.AddressRules;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ContentToMail;
import io.postern.mapping.ContentToMail.Result.Composed;
import io.postern.mapping.Invitation;
import io.postern.mapping.Invitations;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LeavingQuota;
import io.postern.mapping.LeavingQuota.Hold;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.PeerLines;
import io.postern.mapping.PeerName;
import io.postern.mapping.ReactionReaders;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Step 3 of the way from XMTP to mail, second half: composes the mail of a bundle once, and stores
 * its octets, its members and its place in the thread in one transaction. What is sent, however
 * often, are those octets. Used by several threads.
 */
final class BundleComposer {
  /** The field by which a mail of ours is known when it comes back: see LoopCheck. */
  static final String MARK = "X-XMTP-Bridge";

  private static final String EXPIRED = "the message has expired";

  private static final Duration UNTIL_SOME_HAVE_LEFT = Duration.ofMinutes(1);

  private final ClientStore store;
  private final Outbox outbox;
  private final ThreadLinks links;
  private final ReactionReaders reactionReaders;
  private final ContentToMail translator;
  private final AddressRules rules;
  private final Peers peers;
  private final RemoteFiles remoteFiles;
  private final DkimSigner signer;
  private final Admission admission;
  private final Invitations invitations;
  private final BlockOffers blocks;
  private final WithheldLines withheld;
  private final LeavingQuota quota;
  private final JourneyStore journeys;
  private final String domain;
  private final boolean receipts;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  /**
   * @param domain the bridge domain that mails come from
   * @param receipts whether mails ask for a receipt
   */
  BundleComposer(
      ClientStore store,
      Outbox outbox,
      ThreadIds threadIds,
      AddressRules rules,
      Peers peers,
      RemoteFiles remoteFiles,
      DkimSigner signer,
      Admission admission,
      Notices notices,
      LeavingQuota quota,
      String domain,
      boolean receipts,
      Checkpoint.Watch watch,
      InstantSource clock) {
    this.store = store;
    this.outbox = outbox;
    this.links = new ThreadLinks(store.jdbi());
    this.reactionReaders = new ReactionReaders(store.jdbi());
    this.translator = new ContentToMail(threadIds);
    this.rules = rules;
    this.peers = peers;
    this.remoteFiles = remoteFiles;
    this.signer = signer;
    this.admission = admission;
    this.invitations = new Invitations(store.jdbi());
    this.blocks = new BlockOffers(store.jdbi(), domain);
    this.withheld = new WithheldLines(store.jdbi(), outbox, notices, clock);
    this.quota = quota;
    this.journeys = new JourneyStore(store.jdbi());
    this.domain = domain;
    this.receipts = receipts;
    this.watch = watch;
    this.clock = clock;
  }

  /**
   * Closes a bundle: as a mail, or as withheld if there is nothing to say or the person is not to
   * be mailed.
   *
   * @return empty; else it waits, and nothing has changed
   * @throws XmtpException if the network must be asked and cannot; nothing has changed then
   */
  Optional<Hold> close(OpenBundle bundle) throws XmtpException {
    var held = new ArrayList<Hold>();
    var composed = compose(bundle, held::add);
    return composed.isPresent() ? store(composed.get()) : held.stream().findFirst();
  }

  /**
   * Composes the mail of a bundle, which is still open then.
   *
   * @param held is told if it waits
   * @return empty if there is none: then it is closed, as withheld, unless it waits
   * @throws XmtpException as {@link #close}
   */
  Optional<Composition> compose(OpenBundle bundle, Consumer<Hold> held) throws XmtpException {
    var messages = messages(bundle);
    var expired = bundle.lines().stream().filter(line -> !messages.containsKey(line)).toList();
    if (messages.isEmpty()) {
      withheld.end(expired, EXPIRED);
      return Optional.empty();
    }
    var first = bundle.first();
    var answer = store.jdbi().withHandle(handle -> admission(handle, bundle));
    if (answer instanceof Admission.Withheld unwanted) {
      withheld.refuse(bundle, messages.values(), unwanted);
      return Optional.empty();
    }
    var hold = store.jdbi().withHandle(handle -> hold(handle, first));
    if (hold.isPresent()) {
      held.accept(hold.get());
      return Optional.empty();
    }
    var wallets = peers.wallets(first.sender());
    var name =
        PeerName.of(
            Optional.empty(), Optional.empty(), wallets.stream().findFirst(), first.sender());
    var last = links.last(first.conversation(), first.recipient());
    var attachments = new Attachments(remoteFiles, clock);
    var reader = new LineReader(store, links, rules, first.recipient(), name, wallets, last);
    var lines = new ArrayList<PeerLines.Line>();
    for (var message : messages.values()) {
      lines.add(reader.read(message, attachments.of(ContentCodec.decode(message.content()))));
    }
    var result =
        translator.convert(
            new PeerLines(
                lines,
                first.sender(),
                name,
                rules.addressOf(first.sender(), wallets),
                NamedMailbox.of(first.recipient()),
                first.conversation(),
                last,
                reactionReaders.contains(first.recipient())));
    if (result instanceof Composed composed) {
      Optional<Invitation> request =
          answer instanceof Admission.Asked
              ? Optional.of(new Invitation(first.recipient(), first.sender(), clock.instant()))
              : Optional.empty();
      return Optional.of(composition(bundle, messages, expired, composed, last, request));
    }
    withheld.end(bundle.lines(), ((ContentToMail.Result.Nothing) result).reason());
    return Optional.empty();
  }

  /** Why the next mail of a peer is not written yet: as much has left, or waits, as may. */
  Optional<Hold> hold(Handle handle, OutboxLine first) {
    var now = clock.instant();
    return outbox.waitingMails(handle, first.sender()).isFull()
        ? Optional.of(new Hold(now.plus(UNTIL_SOME_HAVE_LEFT), "so many of this peer's mails wait"))
        : quota.hold(handle, first.sender(), first.recipient(), now);
  }

  /** Says in the journeys of its lines that a bundle waits. */
  void note(OpenBundle bundle, Hold hold) {
    var step =
        new Step(
            clock.instant(), Place.XMTP_TO_MAIL, "held until " + hold.until() + ": " + hold.why());
    var installation = bundle.first().installation();
    store
        .jdbi()
        .useTransaction(
            handle ->
                bundle
                    .messageIds()
                    .forEach(
                        message ->
                            journeys.step(
                                handle, MessageJourneys.id(installation, message), step)));
  }

  private Admission.Answer admission(Handle handle, OpenBundle bundle) {
    var first = bundle.first();
    return admission.of(handle, first.installation(), first.recipient(), first.sender());
  }

  /**
   * Whether it may be mailed. Since it was admitted, the person may have said no, or others have
   * asked as often as may be: then it stays open, and what becomes of it is decided anew.
   */
  boolean isStillAdmitted(Handle handle, Composition composed) {
    var answer = admission(handle, composed.bundle());
    return composed.request().isPresent()
        ? answer instanceof Admission.Asked
        : answer instanceof Admission.Mailed;
  }

  /** Ends a bundle that could never be composed. */
  void giveUp(OpenBundle bundle) {
    withheld.end(bundle.lines(), "it could not be written as a mail; the log says why");
  }

  /** The messages of the lines as far as they are kept: one that disappears is not mailed late. */
  private Map<OutboxLine, Message> messages(OpenBundle bundle) {
    var now = clock.instant();
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var found = new LinkedHashMap<OutboxLine, Message>();
              for (var line : bundle.lines()) {
                MessageId.parse(line.messageId())
                    .flatMap(id -> store.messages().find(handle, line.installation(), id))
                    .filter(message -> isKept(message, now))
                    .ifPresent(message -> found.put(line, message));
              }
              return found;
            });
  }

  private static boolean isKept(Message message, Instant now) {
    return message.expireAtNs().map(XmtpToMail::instant).filter(at -> !at.isAfter(now)).isEmpty();
  }

  private Composition composition(
      OpenBundle bundle,
      Map<OutboxLine, Message> messages,
      List<OutboxLine> expired,
      Composed composed,
      Optional<ThreadLink> last,
      Optional<Invitation> request) {
    var carried = new ArrayList<OutboxLine>();
    var silent = new ArrayList<OutboxLine>();
    messages.forEach(
        (line, message) -> {
          // An edit of a line of the same mail is in that line.
          boolean inMail =
              composed.messages().contains(message.id())
                  || ContentCodec.decode(message.content()) instanceof EditMessage;
          (inMail ? carried : silent).add(line);
        });
    var mailed = new OpenBundle(carried, bundle.closesAt());
    var first = bundle.first();
    var offer = blocks.in(composed.draft(), first, request.isPresent());
    var draft = marked(offer.draft());
    var link = link(mailed, draft, composed, messages.get(carried.get(0)), last, clock.instant());
    return new Composition(bundle, mailed, expired, silent, draft, link, request, offer.fresh());
  }

  /**
   * Closes a bundle as a mail of its own.
   *
   * @return empty; else it waits, and nothing has changed
   */
  Optional<Hold> store(Composition composed) {
    var returnPath = ReturnPath.draw(domain);
    // To a request nobody has consented yet, so no receipt would be carried.
    boolean asks = receipts && composed.request().isEmpty();
    var draft = asks ? askingForReceipt(composed.draft(), returnPath) : composed.draft();
    var now = clock.instant();
    var octets = signer.sign(MailWriter.write(draft), now);
    Optional<Hold> hold =
        store
            .jdbi()
            .inTransaction(
                handle -> {
                  if (!isStillAdmitted(handle, composed)) {
                    return Optional.empty();
                  }
                  var held = hold(handle, composed.mailed().first());
                  if (held.isPresent()) {
                    return held;
                  }
                  var mail = new ClosedMail(draft.id(), Optional.of(returnPath), octets);
                  if (outbox.close(handle, composed.mailed(), mail, now).isPresent()) {
                    composed.request().ifPresent(request -> invitations.add(handle, request));
                    note(handle, composed, Optional.empty(), returnPath, octets.length, now);
                  }
                  return Optional.empty();
                });
    watch.reached(Checkpoint.BUNDLE_CLOSED);
    return hold;
  }

  /**
   * What stands from when a bundle is closed, in that transaction: how the mail is found again, and
   * what became of the lines that are not in it.
   *
   * @param digest that holds the mail; empty if it goes by itself
   * @param octets of the mail
   */
  void note(
      Handle handle,
      Composition composed,
      Optional<MailId> digest,
      Mailbox returnPath,
      long octets,
      Instant now) {
    var first = composed.mailed().first();
    quota.count(handle, first.sender(), first.recipient(), octets, now);
    composed.token().ifPresent(token -> blocks.keep(handle, token));
    links.link(handle, composed.link());
    name(handle, composed, digest, returnPath, now);
    withheld.end(handle, composed.expired(), EXPIRED, now);
    withheld.end(handle, composed.silent(), "it says nothing by itself, or was deleted", now);
  }

  /** With the mark by which a mail of ours is known when it comes back: see LoopCheck. */
  private Draft marked(Draft draft) {
    var fields = new ArrayList<>(draft.extra());
    fields.add(new MailHeader.Field(MARK, domain));
    return draft.withExtra(fields);
  }

  /** A receipt counts only about the mail whose return path it comes to. RFC 8098 §2.1. */
  private static Draft askingForReceipt(Draft draft, Mailbox returnPath) {
    var fields = new ArrayList<>(draft.extra());
    fields.add(new MailHeader.Field("Disposition-Notification-To", returnPath.toString()));
    return draft.withExtra(fields);
  }

  private static ThreadLink link(
      OpenBundle mailed,
      Draft draft,
      Composed composed,
      Message first,
      Optional<ThreadLink> last,
      Instant now) {
    return new ThreadLink(
        draft.id(),
        Optional.empty(),
        ThreadLink.Direction.XMTP_TO_MAIL,
        mailed.first().conversation(),
        first.group().toString(),
        mailed.first().recipient(),
        mailed.first().sender(),
        last.map(ThreadLink::subjectBase).orElseGet(() -> BaseSubject.of(draft.subject()).text()),
        draft.references(),
        composed.messages().stream().map(MessageId::toString).toList(),
        now);
  }

  /**
   * A journey is found by its mail, and by the path on which a bounce comes back. A digest may hold
   * thousands of messages: it and its path are names of the first of each part.
   */
  private void name(
      Handle handle,
      Composition composed,
      Optional<MailId> digest,
      Mailbox returnPath,
      Instant now) {
    var first = composed.mailed().first();
    var mail = composed.draft().id();
    var words = "written as mail " + mail + digest.map(id -> " in digest " + id).orElse("");
    for (var message : composed.mailed().messageIds()) {
      var id = MessageJourneys.id(first.installation(), message);
      var names = new ArrayList<>(List.of(mail.toString()));
      if (digest.isEmpty() || message.equals(first.messageId())) {
        names.add(returnPath.toString());
        digest.map(MailId::toString).ifPresent(names::add);
      }
      journeys.name(handle, id, names);
      journeys.step(handle, id, new Step(now, Place.MAIL_WRITER, words));
    }
  }
}
