package io.postern.bridge;

import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.mapping.BlockToken;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.Invitations;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.Suppression;
import io.postern.mapping.Suppression.Reason;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people say by their mail about whom they want to hear from: who writes to a peer wants to,
 * who writes to a {@link BlockAddress} does not. design.md §2. Asked only about mail whose author
 * may speak. Used by several threads.
 */
final class Preferences {
  private static final Logger log = LoggerFactory.getLogger(Preferences.class);

  private final ClientStore store;
  private final Consents consents;
  private final SuppressionList suppressions;
  private final Invitations invitations;
  private final BlockTokens tokens;
  private final JourneyStore journeys;
  private final InstantSource clock;

  Preferences(ClientStore store, InstantSource clock) {
    this.store = store;
    this.consents = new Consents(store);
    this.suppressions = new SuppressionList(store.jdbi());
    this.invitations = new Invitations(store.jdbi());
    this.tokens = new BlockTokens(store.jdbi());
    this.journeys = new JourneyStore(store.jdbi());
    this.clock = clock;
  }

  /** A mail has come from this mailbox, so it exists. */
  void heard(Mailbox person) {
    if (suppressions.heard(person)) {
      log.info("mailbox={} is mailed again, since mail came from it", person);
    }
  }

  /**
   * Whether a mail says that its author wants to hear from the peer: it was written to them, by a
   * person. Else anybody could bring an autoresponder, a form or a list to say it.
   */
  private static boolean accepts(Mail mail) {
    return !mail.automatic() && !mail.fromList();
  }

  /** The person writes to the peer: whatever they had against them is over. */
  void wrote(Handle handle, Conversation to, Mailbox person, InboxId peer, Mail mail) {
    if (!accepts(mail)) {
      return;
    }
    var installation = to.key().installation();
    if (consents.of(handle, installation, peer) == State.DENIED) {
      consents.allow(handle, installation, peer, clock.instant());
    }
    suppressions.lift(handle, person, peer);
  }

  /**
   * Why a machine may not speak for the person: it lifts no block, and a holiday reply goes only to
   * peers whom the person has accepted. Empty if it may.
   *
   * @param inbox the person's, looked for only if it matters; empty if they have none, nor get one
   *     by an automatic reply
   */
  Optional<String> againstMachine(
      Supplier<Optional<Inbox>> inbox, Mailbox person, InboxId peer, Mail mail) {
    if (accepts(mail)) {
      return Optional.empty();
    }
    var known = inbox.get();
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var consent = consent(handle, known, peer);
              boolean asked = invitations.find(handle, person, peer).isPresent();
              return consent == State.DENIED
                      || consent == State.UNKNOWN && (asked || mail.automaticReply())
                  ? Optional.of("an automatic mail to a peer whom the person has not accepted")
                  : Optional.empty();
            });
  }

  private State consent(Handle handle, Optional<Inbox> inbox, InboxId peer) {
    return inbox
        .map(known -> consents.of(handle, known.installation(), peer))
        .orElse(State.UNKNOWN);
  }

  /** The DM with a peer, made if there is none; by a mail of nobody it is made without consent. */
  Conversation dm(Inbox inbox, InboxId peer, Mail mail) throws XmtpException {
    if (accepts(mail)) {
      return inbox.dm(peer);
    }
    var jdbi = store.jdbi();
    var before = jdbi.withHandle(handle -> consent(handle, Optional.of(inbox), peer));
    var conversation = inbox.dm(peer);
    if (before != State.ALLOWED) {
      jdbi.useTransaction(handle -> consents.put(handle, conversation.key(), before));
    }
    return conversation;
  }

  /** Stores what a mail says: that changes whom the person has accepted only if they wrote it. */
  void say(Handle handle, Conversation to, Mail mail, Runnable enqueue) {
    if (accepts(mail)) {
      enqueue.run();
    } else {
      consents.unchanged(handle, to.key(), enqueue);
    }
  }

  /** Whom a mail to a block address is about; empty if it was given to somebody else. */
  Optional<BlockToken> about(BlockAddress address, Mailbox author) {
    return tokens.byToken(address.token()).filter(given -> given.person().sameAs(author));
  }

  /**
   * The person wants to hear no more of a peer, or to hear of them again. Whoever says again what
   * holds already changes nothing, and is told nothing.
   *
   * @param inbox the person's
   * @param confirm tells the person, before it is noted: after a crash between the two the same
   *     mail is written once more
   */
  Delivery block(
      Arrival arrival,
      Mailbox recipient,
      BlockAddress address,
      Inbox inbox,
      BlockToken about,
      Confirm confirm)
      throws IOException {
    var peer = about.peer();
    var words = address.blocks() ? "the person blocks inbox " : "the person unblocks inbox ";
    if (arrival.mail().automatic()) {
      return end(arrival, recipient, Outcome.WITHHELD, "automatic mail blocks nobody");
    }
    if (holds(address, inbox, about)) {
      return end(arrival, recipient, Outcome.DELIVERED, words + peer + ", as before");
    }
    confirm.tell();
    var now = clock.instant();
    store
        .jdbi()
        .useTransaction(
            handle -> {
              if (address.blocks()) {
                consents.deny(handle, inbox.installation(), peer, now);
                suppressions.add(
                    handle,
                    new Suppression(
                        about.person(), Optional.of(peer), Reason.BLOCKED, "by mail", now));
              } else {
                consents.allow(handle, inbox.installation(), peer, now);
                suppressions.lift(handle, about.person(), peer);
              }
              end(handle, arrival, recipient, Outcome.DELIVERED, words + peer);
            });
    return new Delivery.Delivered(words + peer);
  }

  /** What tells the person that it was done. */
  interface Confirm {
    void tell() throws IOException;
  }

  private boolean holds(BlockAddress address, Inbox inbox, BlockToken about) {
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var consent = consents.of(handle, inbox.installation(), about.peer());
              boolean blocked =
                  suppressions
                      .of(handle, about.person(), about.peer())
                      .filter(entry -> entry.reason().isPersonsWord())
                      .isPresent();
              return address.blocks()
                  ? consent == State.DENIED && blocked
                  : consent == State.ALLOWED && !blocked;
            });
  }

  private Delivery end(Arrival arrival, Mailbox recipient, Outcome outcome, String words) {
    store.jdbi().useTransaction(handle -> end(handle, arrival, recipient, outcome, words));
    return new Delivery.Delivered(words);
  }

  /** Ends a mail that is not passed on to a peer. */
  void withhold(Arrival arrival, Mailbox recipient, String reason) {
    end(arrival, recipient, Outcome.WITHHELD, reason);
  }

  private void end(
      Handle handle, Arrival arrival, Mailbox recipient, Outcome outcome, String words) {
    var step = new Step(clock.instant(), Place.MAIL_TO_XMTP, words);
    journeys.end(handle, arrival.id(), recipient, outcome, step);
  }
}
