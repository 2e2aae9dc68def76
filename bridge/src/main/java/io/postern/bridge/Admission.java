package io.postern.bridge;

import io.postern.config.InviteSettings;
import io.postern.mail.Mailbox;
import io.postern.mapping.Invitations;
import io.postern.mapping.Matter;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Whether what a peer says may become mail to a person. design.md §2. Wallets cost nothing, so a
 * stranger gets one request to a person, and of those a few a day. Used by several threads.
 */
final class Admission {
  /** Of all peers together, within a day: somebody may have many wallets. */
  private static final int REQUESTS_TO_ONE_PERSON = 5;

  private static final Duration DAY = Duration.ofDays(1);

  private final Consents consents;
  private final SuppressionList suppressions;
  private final Invitations invitations;
  private final InviteSettings settings;
  private final InstantSource clock;

  Admission(ClientStore store, InviteSettings settings, InstantSource clock) {
    this.consents = new Consents(store);
    this.suppressions = new SuppressionList(store.jdbi());
    this.invitations = new Invitations(store.jdbi());
    this.settings = settings;
    this.clock = clock;
  }

  /** What becomes of it. */
  sealed interface Answer {}

  /** Mail like any other. */
  record Mailed() implements Answer {}

  /** The one mail that asks the person. */
  record Asked() implements Answer {}

  /**
   * No mail.
   *
   * @param reason for the journey
   * @param matter of which the peer is told; empty if they are not, since it is about them
   */
  record Withheld(String reason, Optional<Matter> matter) implements Answer {
    Withheld {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(matter, "matter");
    }
  }

  /**
   * @param installation of the person's inbox
   */
  Answer of(Handle handle, InstallationId installation, Mailbox person, InboxId peer) {
    var unwanted = unwanted(handle, installation, person, peer);
    if (unwanted.isPresent()) {
      return unwanted.get();
    }
    return consents.of(handle, installation, peer) == State.ALLOWED
        ? new Mailed()
        : ofStranger(handle, person, peer);
  }

  /** Why not even mail that is under way already may go on; empty if it may. */
  Optional<Withheld> unwanted(
      Handle handle, InstallationId installation, Mailbox person, InboxId peer) {
    if (consents.of(handle, installation, peer) == State.DENIED) {
      return Optional.of(new Withheld("the person has denied this peer", Optional.empty()));
    }
    return suppressions.of(handle, person, peer).map(Admission::suppressed);
  }

  private static Withheld suppressed(Suppression entry) {
    var detail = entry.detail().isEmpty() ? "" : ": " + entry.detail();
    return new Withheld(
        "suppressed, since " + entry.reason().words() + detail,
        entry.reason().isSilent() ? Optional.empty() : Optional.of(Matter.SUPPRESSED));
  }

  private Answer ofStranger(Handle handle, Mailbox person, InboxId peer) {
    if (!settings.allows(person)) {
      return withheld(
          "the person has never written to this peer, and invite is "
              + settings.policy().name().toLowerCase(Locale.ROOT),
          Matter.CLOSED);
    }
    if (invitations.find(handle, person, peer).isPresent()) {
      return withheld("the person has not answered this peer's request", Matter.UNANSWERED);
    }
    var today = invitations.count(handle, person, peer, clock.instant().minus(DAY));
    if (today.byPeer() >= settings.perDay()) {
      return withheld("invitesPerDay of this peer are used up", Matter.LIMIT);
    }
    if (today.inAll() >= settings.perDayInAll()) {
      return withheld("invitesPerDayInAll are used up", Matter.LIMIT);
    }
    if (today.toPerson() >= REQUESTS_TO_ONE_PERSON) {
      return withheld("the person has had enough requests today", Matter.LIMIT);
    }
    return new Asked();
  }

  private static Withheld withheld(String reason, Matter matter) {
    return new Withheld(reason, Optional.of(matter));
  }
}
