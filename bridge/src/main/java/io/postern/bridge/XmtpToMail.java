package io.postern.bridge;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mapping.BindingStore;
import io.postern.mapping.ContentToMail;
import io.postern.mapping.ConversationId;
import io.postern.mapping.Journey.Kind;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LoopCeiling;
import io.postern.mapping.Matter;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.Waiting;
import io.postern.mapping.WholeMail;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Pending;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 3 of the way from XMTP to mail, first half: takes the messages that wait, decides whose mail
 * each becomes, and writes the outbox in the transaction that clears the message's mark.
 */
final class XmtpToMail extends Loop {
  private static final Logger log = LoggerFactory.getLogger(XmtpToMail.class);

  private static final int AT_ONCE = 200;

  /** As many receipts of ours in a row are passed over to find what was said before them. */
  private static final int MAX_RECEIPTS = 50;

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ClientStore store;
  private final Consents consents;
  private final BindingStore bindings;
  private final Outbox outbox;
  private final LoopCeiling ceiling;
  private final JourneyStore journeys;
  private final WholeMailCommand wholeMail;
  private final Notices notices;
  private final ReceiptsToMail receipts;
  private final Runnable next;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  /**
   * @param next called when lines have been written
   */
  XmtpToMail(
      ClientStore store,
      BindingStore bindings,
      Outbox outbox,
      LoopCeiling ceiling,
      JourneyStore journeys,
      WholeMailCommand wholeMail,
      Notices notices,
      ReceiptsToMail receipts,
      Runnable next,
      Checkpoint.Watch watch,
      InstantSource clock) {
    super("xmtp-to-mail");
    this.store = store;
    this.consents = new Consents(store);
    this.bindings = bindings;
    this.outbox = outbox;
    this.ceiling = ceiling;
    this.journeys = journeys;
    this.wholeMail = wholeMail;
    this.notices = notices;
    this.receipts = receipts;
    this.next = next;
    this.watch = watch;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    long after = 0;
    List<Pending> waiting;
    do {
      waiting = waiting(after);
      if (!waiting.isEmpty()) {
        take(waiting);
        after = waiting.get(waiting.size() - 1).queueId();
        watch.reached(Checkpoint.LINES_WRITTEN);
        next.run();
      }
    } while (waiting.size() == AT_ONCE && !isStopped());
    return IDLE;
  }

  private List<Pending> waiting(long after) {
    return store.jdbi().withHandle(handle -> store.messages().pending(handle, after, AT_ONCE));
  }

  /** All in one transaction; if that fails each in its own, so that one does not hold up others. */
  private void take(List<Pending> waiting) {
    try {
      inTransaction(waiting);
    } catch (RuntimeException together) {
      for (var pending : waiting) {
        try {
          inTransaction(List.of(pending));
        } catch (RuntimeException failed) {
          // It keeps its place in the queue, and its turn comes again.
          tell("message=" + pending.message().id() + " could not be taken", failed);
        }
      }
    }
  }

  private void inTransaction(List<Pending> waiting) {
    var taken =
        store
            .jdbi()
            .inTransaction(
                handle -> {
                  // Of this run: what collides runs again.
                  var batch = new Batch(new ArrayList<>(), new HashMap<>());
                  waiting.forEach(pending -> take(handle, pending, batch));
                  return batch;
                });
    taken.afterwards().forEach(Runnable::run);
  }

  /**
   * What is known of one transaction.
   *
   * @param afterwards what is to be done when it stands
   * @param waiting what there is of each peer that was asked for
   */
  private record Batch(List<Runnable> afterwards, Map<InboxId, Waiting> waiting) {}

  private void take(Handle handle, Pending pending, Batch batch) {
    var message = pending.message();
    store.messages().handedOn(handle, pending);
    var inbox = store.inboxes().find(handle, message.installation());
    var binding = inbox.flatMap(self -> bindings.find(handle, self.inbox()));
    if (binding.isEmpty()) {
      log.info("message={} is for an inbox of no person", message.id());
      return;
    }
    var person = binding.get().mailbox();
    var id = MessageJourneys.id(message.installation(), message.id().toString());
    var at = instant(message.sentAtNs());
    journeys.begin(
        handle,
        id,
        Kind.MESSAGE,
        List.of(message.id().toString()),
        List.of(person),
        new Step(at, Place.GROUP_SYNC, "received from inbox " + message.sender()));
    var row = store.groups().find(handle, message.installation(), message.group());
    var reason = withheld(handle, message, row);
    if (reason.isPresent()) {
      journeys.end(
          handle,
          id,
          person,
          Outcome.WITHHELD,
          new Step(clock.instant(), Place.XMTP_TO_MAIL, reason.get()));
      return;
    }
    // A stranger's is a word like any other: an answer would be the person's consent.
    if (consents.of(handle, message.installation(), message.sender()) == State.ALLOWED
        && WholeMail.isAsked(ContentCodec.decode(message.content()))) {
      var answer = wholeMail.answer(handle, inbox.get().inbox(), message);
      batch.afterwards().add(answer.afterwards());
      journeys.end(
          handle,
          id,
          person,
          Outcome.WITHHELD,
          new Step(clock.instant(), Place.XMTP_TO_MAIL, answer.words()));
      return;
    }
    var conversation = ConversationId.ofDm(inbox.get().inbox(), message.sender());
    if (receipts.isOn() && ContentCodec.decode(message.content()) instanceof ReadReceipt) {
      var asked = receipts.read(handle, message, conversation, person);
      asked.ifPresent(request -> batch.afterwards().add(() -> receipts.send(request)));
      var words =
          "a read receipt; "
              + asked
                  .map(
                      request ->
                          "mailed, as "
                              + request.mailId().map(MailId::toString).orElse("a mail")
                              + " asks")
                  .orElse("no mail that it is about asks for one");
      journeys.end(
          handle,
          id,
          person,
          Outcome.WITHHELD,
          new Step(clock.instant(), Place.XMTP_TO_MAIL, words));
      return;
    }
    var line =
        new OutboxLine(
            message.installation(),
            message.id().toString(),
            person,
            conversation,
            message.sender(),
            at,
            clock.instant(),
            message.content().length);
    var waiting =
        batch
            .waiting()
            .computeIfAbsent(message.sender(), peer -> outbox.waitingMessages(handle, peer));
    if (waiting.isFull()) {
      refuse(handle, line, message, batch.afterwards());
      return;
    }
    outbox.add(handle, line);
    batch.waiting().put(message.sender(), waiting.with(line.octets()));
    hold(handle, message, conversation, person);
  }

  /** Ends a message of a peer of whom so much waits already. They are told with the first. */
  private void refuse(Handle handle, OutboxLine line, Message message, List<Runnable> afterwards) {
    var notice =
        ContentToMail.speaks(ContentCodec.decode(message.content()))
            ? notices.withheld(line, Matter.FULL)
            : Optional.<Notices.Notice>empty();
    boolean told = notice.isPresent() && notice.get().store(handle);
    if (told) {
      afterwards.add(notice.get()::publish);
    }
    journeys.end(
        handle,
        MessageJourneys.id(line.installation(), line.messageId()),
        line.recipient(),
        Outcome.WITHHELD,
        new Step(
            clock.instant(),
            Place.XMTP_TO_MAIL,
            "as much of this peer waits as may" + (told ? Notices.told(true) : "")));
  }

  /** Has the thread held if two machines seem to answer each other in it. */
  private void hold(Handle handle, Message message, ConversationId conversation, Mailbox person) {
    var now = clock.instant();
    var hold =
        turn(handle, message)
            .flatMap(turn -> ceiling.count(handle, conversation, person, turn, now));
    if (hold.isEmpty()) {
      return;
    }
    var until = hold.get().until();
    journeys.step(
        handle,
        MessageJourneys.id(message.installation(), message.id().toString()),
        new Step(
            now,
            Place.XMTP_TO_MAIL,
            "held until " + until + ": machines seem to answer each other in this thread"));
    if (hold.get().begins()) {
      log.warn(
          "thread held conversation={} mailbox={} until={} reason=answers that come too fast",
          conversation,
          person,
          until);
    }
  }

  /**
   * What the message answers: the last that this installation said before it, be it a mail of the
   * person's or a notice of ours. Receipts and the like are no answer, nor is what comes first.
   */
  private Optional<LoopCeiling.Turn> turn(Handle handle, Message message) {
    var content = ContentCodec.decode(message.content());
    if (!(content instanceof Reaction) && content.summary().isEmpty()) {
      return Optional.empty();
    }
    var groups =
        store.groups().dms(handle, message.installation(), message.sender()).stream()
            .map(GroupRow::group)
            .toList();
    return (groups.isEmpty() ? Optional.<Message>empty() : said(handle, message, groups))
        .map(
            said ->
                new LoopCeiling.Turn(
                    said.id().toString(), Duration.ofNanos(message.sentAtNs() - said.sentAtNs())));
  }

  /** The last word of this installation before a message; a receipt of ours is none. */
  private Optional<Message> said(Handle handle, Message message, List<GroupId> groups) {
    var own = message.installation();
    long before = message.sentAtNs();
    for (int receipts = 0; receipts <= MAX_RECEIPTS; receipts++) {
      var last = store.messages().lastOf(handle, own, own, groups, before);
      if (last.isEmpty() || !(ContentCodec.decode(last.get().content()) instanceof ReadReceipt)) {
        return last;
      }
      before = last.get().sentAtNs();
    }
    return Optional.empty();
  }

  /** Why a message does not become mail, as far as that can be said without looking at others. */
  private Optional<String> withheld(Handle handle, Message message, Optional<GroupRow> row) {
    if (row.isEmpty() || row.get().kind() != GroupStore.Kind.DM) {
      return Optional.of("it stands in a group; groups by mail are not yet available");
    }
    if (ContentCodec.decode(message.content()).onlyFromCommits()) {
      return Optional.of("a forged announcement of the group");
    }
    // Who else may be mailed is decided when the mail is written.
    return consents.of(handle, message.installation(), message.sender()) == State.DENIED
        ? Optional.of("the person has denied this peer")
        : Optional.empty();
  }

  static Instant instant(long ns) {
    return Instant.ofEpochSecond(ns / 1_000_000_000L, ns % 1_000_000_000L);
  }
}
