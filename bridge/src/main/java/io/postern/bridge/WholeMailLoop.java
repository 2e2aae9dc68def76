package io.postern.bridge;

import io.postern.mapping.AskedMail;
import io.postern.mapping.AskedMails;
import io.postern.mapping.ConversationId;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.KeptMail;
import io.postern.mapping.WholeMail;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives peers the mails that they have asked for ({@link WholeMailCommand}): one mail after the
 * other, so that of one at a time so much is in memory, and of the conversations each in its turn.
 * Nobody else waits for it.
 *
 * <p>The answer is stored in the transaction that forgets the question, under a key made from the
 * command's message: it is given once whenever the process dies.
 */
final class WholeMailLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(WholeMailLoop.class);

  private static final Duration IDLE = Duration.ofSeconds(30);

  /** After a failure. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  /** So many questions are looked at for those whose turn it is ... */
  private static final int MOST_SEEN = 1000;

  /** ... and of one conversation so many, of which all but the last may have failed. */
  private static final int MOST_OF_EACH = 10;

  private final ClientStore store;
  private final Consents consents;
  private final AskedMails asked;
  private final JourneyStore journeys;
  private final KeptMails kept;
  private final XmtpClient client;
  private final ScratchBodies.Scratch scratch;
  private final InstantSource clock;

  /** When those are tried again that could not be answered. */
  private final Map<AskedMail, Instant> pauses = new HashMap<>();

  /** So that a full disk is told once. */
  private boolean failing;

  WholeMailLoop(
      ClientStore store,
      JourneyStore journeys,
      KeptMails kept,
      XmtpClient client,
      ScratchBodies.Scratch scratch,
      InstantSource clock) {
    super("whole-mails");
    this.store = store;
    this.consents = new Consents(store);
    this.asked = new AskedMails(store.jdbi());
    this.journeys = journeys;
    this.kept = kept;
    this.client = client;
    this.scratch = scratch;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    var now = clock.instant();
    var open = leased(asked.eldest(MOST_OF_EACH, MOST_SEEN));
    pauses.keySet().retainAll(new HashSet<>(open));
    failing &= !pauses.isEmpty();
    var due = firstOfEach(open, now);
    for (var mail : due) {
      if (isStopped()) {
        return IDLE;
      }
      answer(mail);
    }
    return due.isEmpty()
        ? waitUntil(pauses.values().stream().min(Instant::compareTo), now, IDLE)
        : Duration.ZERO;
  }

  /** Others answer the rest, and soon: so few of theirs are seen here that they hide nobody's. */
  private List<AskedMail> leased(List<AskedMail> open) {
    return store.lease().isAll()
        ? open
        : store
            .jdbi()
            .withHandle(
                handle ->
                    open.stream()
                        .filter(mail -> store.inboxes().isLeased(handle, mail.installation()))
                        .toList());
  }

  /** Whoever asks for much has the others go before them. */
  private List<AskedMail> firstOfEach(List<AskedMail> open, Instant now) {
    var due = new ArrayList<AskedMail>();
    var conversations = new HashSet<ConversationId>();
    for (var mail : open) {
      var pause = Optional.ofNullable(pauses.get(mail));
      if (pause.filter(now::isBefore).isEmpty() && conversations.add(mail.conversation())) {
        due.add(mail);
      }
    }
    return due;
  }

  private void answer(AskedMail mail) {
    try {
      give(mail, contents(mail));
      pauses.remove(mail);
    } catch (UncheckedIOException trouble) {
      failed(mail, trouble.getCause());
    } catch (IOException | RuntimeException | StackOverflowError failed) {
      failed(mail, failed);
    }
  }

  /** Trouble of ours says nothing about the mail, but does not last for ever either. */
  private void failed(AskedMail mail, Throwable failure) {
    var now = clock.instant();
    boolean isFirst = pauses.put(mail, now.plus(PAUSE)) == null;
    if (RetrySchedule.isOver(mail.askedAt(), now)) {
      log.error("message={} the whole mail is given up", mail.messageId(), failure);
      give(mail, Optional.empty());
    } else if (failure instanceof IOException trouble) {
      if (!failing) {
        log.warn("whole mails wait reason={}", Words.of(trouble));
      }
      failing = true;
    } else if (isFirst) {
      tell("message=" + mail.messageId() + " the whole mail cannot be given yet", failure);
    }
  }

  /** Empty if the mail is not kept any more, or its file is not as it was. */
  private Optional<List<Content>> contents(AskedMail asked) throws IOException {
    var mail = kept.store().find(asked.spoolId());
    return mail.isPresent()
        ? kept.read(mail.get(), octets -> contents(mail.get(), octets))
        : Optional.empty();
  }

  private List<Content> contents(KeptMail mail, KeptMails.Octets octets) throws IOException {
    // Its file is a little larger than all that is in it.
    try (var bodies = new ScratchBodies(scratch, mail.fileOctets());
        var whole = octets.open()) {
      return WholeMail.contents(whole, bodies);
    }
  }

  /**
   * @param contents empty if the mail is not kept any more, or is given up
   */
  private void give(AskedMail mail, Optional<List<Content>> contents) {
    var conversation =
        client
            .inbox(mail.installation())
            .map(inbox -> inbox.conversation(GroupId.parse(mail.groupId())));
    boolean isSaid =
        store.jdbi().inTransaction(handle -> stored(handle, mail, conversation, contents));
    if (isSaid) {
      // If this fails then, the client tries again by itself.
      conversation.ifPresent(Conversation::publish);
      log.info(
          "message={} spool={} messages={} the whole mail was asked for",
          mail.messageId(),
          mail.spoolId(),
          contents.map(List::size).orElse(0));
    }
  }

  /**
   * @return whether something is to be published
   */
  private boolean stored(
      Handle handle,
      AskedMail mail,
      Optional<Conversation> conversation,
      Optional<List<Content>> contents) {
    if (!asked.answered(handle, mail)) {
      return false;
    }
    if (conversation.isEmpty()) {
      step(handle, mail, "not given: the inbox is not run here any more");
      return false;
    }
    if (consents.of(handle, mail.installation(), mail.peer()) != State.ALLOWED) {
      step(handle, mail, "not given: the person does not want to hear from this peer any more");
      return false;
    }
    if (contents.isEmpty()) {
      WholeMailCommand.sayNone(handle, conversation.get(), mail.conversation(), clock.instant());
      step(handle, mail, "the mail is not kept");
      return true;
    }
    for (int i = 0; i < contents.get().size(); i++) {
      var key = "whole:" + mail.messageId() + ":" + i;
      WholeMailCommand.say(handle, conversation.get(), contents.get().get(i), key, true);
    }
    step(handle, mail, "the peer got mail " + mail.spoolId());
    return true;
  }

  private void step(Handle handle, AskedMail mail, String words) {
    journeys.step(
        handle,
        MessageJourneys.id(mail.installation(), mail.messageId()),
        new Step(clock.instant(), Place.XMTP_TO_MAIL, words));
  }
}
