package io.postern.bridge;

import io.postern.mail.BaseSubject;
import io.postern.mail.Draft;
import io.postern.mail.MailHeader;
import io.postern.mail.MailWriter;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.auth.DkimSigner;
import io.postern.mapping.AddressRules;
import io.postern.mapping.BlockToken;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ContentToMail;
import io.postern.mapping.ContentToMail.Result.Composed;
import io.postern.mapping.Invitation;
import io.postern.mapping.Invitations;
import io.postern.mapping.Journey.Outcome;
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
import io.postern.mapping.RequestMail;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Step 3 of the way from XMTP to mail, second half: composes the mail of a bundle once, and stores
 * its octets, its members and its place in the thread in one transaction. What is sent, however
 * often, are those octets. Used by several threads.
 */
final class BundleComposer {
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
  private final BlockTokens tokens;
  private final Notices notices;
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
    this.tokens = new BlockTokens(store.jdbi());
    this.notices = notices;
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
    var messages = messages(bundle);
    var expired = bundle.lines().stream().filter(line -> !messages.containsKey(line)).toList();
    if (messages.isEmpty()) {
      withhold(expired, "the message has expired");
      return Optional.empty();
    }
    var first = bundle.first();
    var answer = store.jdbi().withHandle(handle -> admission(handle, bundle));
    if (answer instanceof Admission.Withheld withheld) {
      refuse(bundle, messages.values(), withheld);
      return Optional.empty();
    }
    var hold = store.jdbi().withHandle(handle -> hold(handle, first));
    if (hold.isPresent()) {
      return hold;
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
      hold = store(bundle, messages, expired, composed, last, request);
      watch.reached(Checkpoint.BUNDLE_CLOSED);
      return hold;
    }
    withhold(bundle.lines(), ((ContentToMail.Result.Nothing) result).reason());
    return Optional.empty();
  }

  /** Why the next mail of a peer is not written yet: as much has left, or waits, as may. */
  private Optional<Hold> hold(Handle handle, OutboxLine first) {
    var now = clock.instant();
    return outbox.waiting(handle, first.sender()).isFullOfMails()
        ? Optional.of(new Hold(now.plus(UNTIL_SOME_HAVE_LEFT), "so many of this peer's mails wait"))
        : quota.hold(handle, first.sender(), first.recipient(), now);
  }

  /** Says in the journeys of its lines that a bundle waits. */
  void note(OpenBundle bundle, Hold hold) {
    var step =
        new Step(
            clock.instant(), Place.XMTP_TO_MAIL, "held until " + hold.until() + ": " + hold.why());
    for (var message : bundle.messageIds()) {
      journeys.step(MessageJourneys.id(bundle.first().installation(), message), step);
    }
  }

  private Admission.Answer admission(Handle handle, OpenBundle bundle) {
    var first = bundle.first();
    return admission.of(handle, first.installation(), first.recipient(), first.sender());
  }

  private boolean isStill(Handle handle, OpenBundle bundle, Optional<Invitation> request) {
    var answer = admission(handle, bundle);
    return request.isPresent()
        ? answer instanceof Admission.Asked
        : answer instanceof Admission.Mailed;
  }

  /** By which the person blocks the peer; new with the first mail that can say so. */
  private record Block(BlockToken token, boolean isNew) {}

  private Block block(OutboxLine first) {
    return store
        .jdbi()
        .withHandle(handle -> tokens.find(handle, first.recipient(), first.sender()))
        .map(known -> new Block(known, false))
        .orElseGet(
            () ->
                new Block(
                    new BlockToken(first.recipient(), first.sender(), RandomToken.draw()), true));
  }

  /** What a mail says beside its peer's words: how the person ends it, once. */
  private Draft saying(Draft draft, Block block, Optional<Invitation> request) {
    var address = new BlockAddress(true, block.token().token()).at(domain);
    if (request.isPresent()) {
      return RequestMail.of(draft, address);
    }
    return block.isNew() ? RequestMail.ofAccepted(draft, address) : draft;
  }

  /** The end of the lines, and the word to the peer if one is due, stand or fall together. */
  private void refuse(
      OpenBundle bundle, Collection<Message> messages, Admission.Withheld withheld) {
    // What an app says by itself, a receipt say, is answered by nothing.
    var notice =
        withheld
            .matter()
            .filter(matter -> messages.stream().anyMatch(BundleComposer::speaks))
            .flatMap(matter -> notices.withheld(bundle.first(), matter));
    var now = clock.instant();
    boolean told =
        store
            .jdbi()
            .inTransaction(
                handle -> {
                  if (!outbox.withhold(handle, bundle.lines(), withheld.reason(), now)) {
                    return false;
                  }
                  boolean stored = notice.isPresent() && notice.get().store(handle);
                  var words = withheld.reason() + (stored ? Notices.told(true) : "");
                  end(handle, bundle.lines(), words, now);
                  return stored;
                });
    if (told) {
      notice.get().publish();
    }
  }

  private static boolean speaks(Message message) {
    return ContentToMail.speaks(ContentCodec.decode(message.content()));
  }

  /** Ends a bundle that could never be composed. */
  void giveUp(OpenBundle bundle) {
    withhold(bundle.lines(), "it could not be written as a mail; the log says why");
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

  private Optional<Hold> store(
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
    var block = Optional.of(composed.draft()).filter(RequestMail::canSay).map(d -> block(first));
    var written =
        marked(block.map(b -> saying(composed.draft(), b, request)).orElseGet(composed::draft));
    var returnPath = ReturnPath.draw(domain);
    // To a request nobody has consented yet, so no receipt would be carried.
    boolean asks = receipts && request.isEmpty();
    var draft = asks ? askingForReceipt(written, returnPath) : written;
    var now = clock.instant();
    var octets = signer.sign(MailWriter.write(draft), now);
    var link = link(mailed, draft, composed, messages.get(carried.get(0)), last, now);
    return store
        .jdbi()
        .inTransaction(
            handle -> {
              // Since it was admitted, the person may have said no, or others have asked as often
              // as may be. Then it stays open, and what becomes of it is decided anew.
              if (!isStill(handle, bundle, request)) {
                return Optional.empty();
              }
              var hold = hold(handle, first);
              if (hold.isPresent()) {
                return hold;
              }
              var mail = new ClosedMail(draft.id(), Optional.of(returnPath), octets);
              if (outbox.close(handle, mailed, mail, now).isPresent()) {
                quota.count(handle, first.sender(), first.recipient(), octets.length, now);
                links.link(handle, link);
                request.ifPresent(invitation -> invitations.add(handle, invitation));
                block.filter(Block::isNew).ifPresent(b -> tokens.add(handle, b.token()));
                name(handle, mailed, draft, returnPath, now);
                withhold(handle, expired, "the message has expired", now);
                withhold(handle, silent, "it says nothing by itself, or was deleted", now);
              }
              return Optional.empty();
            });
  }

  /** With the mark by which a mail of ours is known when it comes back: see LoopCheck. */
  private Draft marked(Draft draft) {
    var fields = new ArrayList<>(draft.extra());
    fields.add(new MailHeader.Field("X-XMTP-Bridge", domain));
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

  /** A journey is found by its mail, and by the path on which a bounce comes back. */
  private void name(
      Handle handle, OpenBundle mailed, Draft draft, Mailbox returnPath, Instant now) {
    for (var message : mailed.messageIds()) {
      var id = MessageJourneys.id(mailed.first().installation(), message);
      journeys.name(handle, id, draft.id().toString());
      journeys.name(handle, id, returnPath.toString());
      journeys.step(handle, id, new Step(now, Place.MAIL_WRITER, "written as mail " + draft.id()));
    }
  }

  private void withhold(List<OutboxLine> lines, String reason) {
    store.jdbi().useTransaction(handle -> withhold(handle, lines, reason, clock.instant()));
  }

  private void withhold(Handle handle, List<OutboxLine> lines, String reason, Instant now) {
    if (outbox.withhold(handle, lines, reason, now)) {
      end(handle, lines, reason, now);
    }
  }

  private void end(Handle handle, List<OutboxLine> lines, String words, Instant now) {
    for (var line : lines) {
      journeys.end(
          handle,
          MessageJourneys.id(line.installation(), line.messageId()),
          line.recipient(),
          Outcome.WITHHELD,
          new Step(now, Place.XMTP_TO_MAIL, words));
    }
  }
}
