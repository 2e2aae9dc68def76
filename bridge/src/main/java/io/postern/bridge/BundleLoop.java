package io.postern.bridge;

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
import io.postern.mapping.PeerName;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLink;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 3 of the way from XMTP to mail, second half: when a bundle's quiet time is over, composes the
 * mail once, and stores its octets, its members and its place in the thread in one transaction. What
 * is sent, however often, are those octets.
 */
final class BundleLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(BundleLoop.class);

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Jdbi jdbi;
  private final ClientStore store;
  private final Outbox outbox;
  private final ThreadLinks links;
  private final ThreadIds threadIds;
  private final AddressRules rules;
  private final Peers peers;
  private final Attachments attachments;
  private final JourneyStore journeys;
  private final String domain;
  private final Runnable next;
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
      InstantSource clock) {
    super("bundles");
    this.jdbi = jdbi;
    this.store = store;
    this.outbox = outbox;
    this.links = new ThreadLinks(jdbi);
    this.threadIds = threadIds;
    this.rules = rules;
    this.peers = peers;
    this.attachments = attachments;
    this.journeys = journeys;
    this.domain = domain;
    this.next = next;
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
}
