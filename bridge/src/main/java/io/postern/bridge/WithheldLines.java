package io.postern.bridge;

import io.postern.mapping.ContentToMail;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The end of lines that become no mail: withheld in the outbox, the reason in the journey of each,
 * and a word to the peer where one is due. design.md §6. Used by several threads.
 */
final class WithheldLines {
  private final Jdbi jdbi;
  private final Outbox outbox;
  private final Notices notices;
  private final JourneyStore journeys;
  private final InstantSource clock;

  WithheldLines(Jdbi jdbi, Outbox outbox, Notices notices, InstantSource clock) {
    this.jdbi = jdbi;
    this.outbox = outbox;
    this.notices = notices;
    this.journeys = new JourneyStore(jdbi);
    this.clock = clock;
  }

  /** Ends lines of which the peer is told nothing. */
  void end(List<OutboxLine> lines, String reason) {
    jdbi.useTransaction(handle -> end(handle, lines, reason, clock.instant()));
  }

  /** The same in a transaction of the caller's. */
  void end(Handle handle, List<OutboxLine> lines, String reason, Instant now) {
    if (outbox.withhold(handle, lines, reason, now)) {
      note(handle, lines, reason, now);
    }
  }

  /**
   * Ends a bundle that the person is not to be mailed: the end of its lines, and the word to the
   * peer if one is due, stand or fall together.
   *
   * @param messages of the bundle
   */
  void refuse(OpenBundle bundle, Collection<Message> messages, Admission.Withheld withheld) {
    // What an app says by itself, a receipt say, is answered by nothing.
    var notice =
        withheld
            .matter()
            .filter(matter -> messages.stream().anyMatch(WithheldLines::speaks))
            .flatMap(matter -> notices.withheld(bundle.first(), matter));
    var now = clock.instant();
    boolean told =
        jdbi.inTransaction(
            handle -> {
              if (!outbox.withhold(handle, bundle.lines(), withheld.reason(), now)) {
                return false;
              }
              boolean stored = notice.isPresent() && notice.get().store(handle);
              var words = withheld.reason() + (stored ? Notices.told(true) : "");
              note(handle, bundle.lines(), words, now);
              return stored;
            });
    if (told) {
      notice.get().publish();
    }
  }

  private static boolean speaks(Message message) {
    return ContentToMail.speaks(ContentCodec.decode(message.content()));
  }

  private void note(Handle handle, List<OutboxLine> lines, String words, Instant now) {
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
