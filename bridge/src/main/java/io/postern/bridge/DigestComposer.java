package io.postern.bridge;

import io.postern.mail.MailDigest;
import io.postern.mail.MailHeader;
import io.postern.mail.MailWriter;
import io.postern.mail.NamedMailbox;
import io.postern.mail.auth.DkimSigner;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ContentToMail;
import io.postern.mapping.LeavingQuota.Hold;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.store.ClientStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Makes one mail of the bundles that were collected for a person. What cannot stand in it, because
 * it asks whether they want it at all, or is for their calendar, is a mail of its own; so is what
 * came in one conversation alone. Used by several threads.
 *
 * <p>The octets, the members of all parts and their places in their threads are stored in one
 * transaction: a crash before it leaves all of them open, and after it there is the one mail.
 */
final class DigestComposer {
  private static final int MAX_PARTS = 100;

  /** What a part takes of the page at most, as text and as HTML. */
  private static final long PAGE_OCTETS_OF_PART = 50_000;

  /** What does not fit a mail of the usual size is in the next one, at once. */
  private static final long MAX_OCTETS =
      ContentToMail.USUAL_MAIL_OCTETS - MAX_PARTS * PAGE_OCTETS_OF_PART;

  /** After this no further part is begun: hosts of strangers may be slow. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final ClientStore store;
  private final Outbox outbox;
  private final BundleComposer composer;
  private final ThreadIds threadIds;
  private final DkimSigner signer;
  private final String domain;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;

  /**
   * @param composer of the parts
   * @param domain the bridge domain that mails come from
   */
  DigestComposer(
      ClientStore store,
      Outbox outbox,
      BundleComposer composer,
      ThreadIds threadIds,
      DkimSigner signer,
      String domain,
      Checkpoint.Watch watch,
      InstantSource clock) {
    this.store = store;
    this.outbox = outbox;
    this.composer = composer;
    this.threadIds = threadIds;
    this.signer = signer;
    this.domain = domain;
    this.watch = watch;
    this.clock = clock;
  }

  /**
   * Closes bundles of one inbox to its person. Some may be left open, for the next digest.
   *
   * @param held is told of each that waits, since its peer has made so much leave
   * @return those that could not be composed, and why; they hold up no others
   * @throws XmtpException if the network is away; those that were not withheld are open still
   */
  Map<OpenBundle, Throwable> close(List<OpenBundle> bundles, BiConsumer<OpenBundle, Hold> held)
      throws XmtpException {
    var failures = new LinkedHashMap<OpenBundle, Throwable>();
    var parts = new ArrayList<Part>();
    var until = clock.instant().plus(LONGEST);
    long octets = 0;
    for (var bundle : bundles) {
      if (parts.size() == MAX_PARTS || clock.instant().isAfter(until)) {
        break;
      }
      var composed = compose(bundle, held, failures);
      if (composed.isPresent() && !isPart(composed.get())) {
        store(composed.get(), held);
      } else if (composed.isPresent()) {
        var part = Part.of(composed.get());
        octets += part.octets();
        if (octets > MAX_OCTETS && !parts.isEmpty()) {
          break;
        }
        parts.add(part);
      }
    }
    if (parts.size() == 1) {
      store(parts.get(0).composed(), held);
    } else if (!parts.isEmpty()) {
      store(parts, held);
    }
    return failures;
  }

  /**
   * One that stands in the digest.
   *
   * @param octets of it as a mail of its own
   */
  private record Part(Composition composed, long octets) {
    static Part of(Composition composed) {
      return new Part(composed, MailWriter.write(composed.draft()).length);
    }
  }

  private static boolean isPart(Composition composed) {
    return composed.request().isEmpty() && MailDigest.canHold(composed.draft());
  }

  private void store(Composition alone, BiConsumer<OpenBundle, Hold> held) {
    composer.store(alone).ifPresent(hold -> held.accept(alone.bundle(), hold));
  }

  private Optional<Composition> compose(
      OpenBundle bundle, BiConsumer<OpenBundle, Hold> held, Map<OpenBundle, Throwable> failures)
      throws XmtpException {
    try {
      return composer.compose(bundle, hold -> held.accept(bundle, hold));
    } catch (XmtpException failed) {
      if (failed.isNetworkAway()) {
        throw failed;
      }
      failures.put(bundle, failed);
    } catch (RuntimeException | StackOverflowError bug) {
      failures.put(bundle, bug);
    }
    return Optional.empty();
  }

  private void store(List<Part> measured, BiConsumer<OpenBundle, Hold> held) {
    var parts = measured.stream().map(Part::composed).toList();
    var first = parts.get(0).mailed().first();
    var id = threadIds.digest(first.messageId());
    var returnPath = ReturnPath.draw(domain);
    var now = clock.instant();
    var digest =
        new MailDigest(
            new NamedMailbox("Messages by XMTP", DigestAddress.of(domain)),
            NamedMailbox.of(first.recipient()),
            now,
            id,
            parts.stream().map(Composition::draft).toList(),
            List.of(new MailHeader.Field(BundleComposer.MARK, domain)));
    var mail = new ClosedMail(id, Optional.of(returnPath), signer.sign(digest.write(), now));
    var members =
        parts.stream().map(part -> new Outbox.Part(part.mailed(), part.draft().id())).toList();
    Map<OpenBundle, Hold> holds =
        store
            .jdbi()
            .inTransaction(
                handle -> {
                  var waiting = new LinkedHashMap<OpenBundle, Hold>();
                  parts.forEach(
                      part ->
                          composer
                              .hold(handle, part.mailed().first())
                              .ifPresent(hold -> waiting.put(part.bundle(), hold)));
                  if (waiting.isEmpty()
                      && parts.stream().allMatch(part -> composer.isStillAdmitted(handle, part))
                      && outbox.closeTogether(handle, members, mail, now).isPresent()) {
                    for (var part : measured) {
                      composer.note(
                          handle, part.composed(), Optional.of(id), returnPath, part.octets(), now);
                    }
                  }
                  return waiting;
                });
    holds.forEach(held);
    watch.reached(Checkpoint.BUNDLE_CLOSED);
  }
}
