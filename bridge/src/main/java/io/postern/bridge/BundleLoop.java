package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.ConversationId;
import io.postern.mapping.LeavingQuota.Hold;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has bundles composed whose quiet time is over: those of one sender to one person in their order,
 * different ones side by side, because composing may have to fetch files from slow hosts. Those
 * that were collected for one person are one mail.
 */
final class BundleLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(BundleLoop.class);

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final int DOUBLINGS = 6;

  /** After so many failures in a row to make one mail of them each bundle is a mail of its own. */
  private static final int MAX_FAILURES = 10;

  private final Outbox outbox;
  private final BundleComposer composer;
  private final DigestComposer digests;
  private final Lanes lanes;
  private final Runnable next;
  private final BooleanSupplier hasRoom;
  private final InstantSource clock;
  private final Map<Object, Pause> pauses = new ConcurrentHashMap<>();

  /** Whose bundles could not be made one mail. */
  private final Set<Reader> broken = ConcurrentHashMap.newKeySet();

  /** What one sender says to one person. */
  private record Speech(InstallationId installation, ConversationId conversation, InboxId sender) {
    static Speech of(OpenBundle bundle) {
      var first = bundle.first();
      return new Speech(first.installation(), first.conversation(), first.sender());
    }
  }

  /** For whom bundles are collected, and in which inbox. */
  private record Reader(InstallationId installation, Mailbox person) {
    static Reader of(OpenBundle bundle) {
      return new Reader(bundle.first().installation(), bundle.first().recipient());
    }
  }

  /**
   * After a failure, or while a peer's mail is held.
   *
   * @param since the first failure in a row
   * @param why it is held; empty after a failure
   */
  private record Pause(int failures, Instant since, Instant until, String why) {}

  /**
   * @param workers threads that may wait for the XMTP client and for strangers' hosts
   * @param next called when a mail has been closed
   * @param hasRoom whether the disk has room for mails
   */
  BundleLoop(
      Outbox outbox,
      BundleComposer composer,
      DigestComposer digests,
      Executor workers,
      Runnable next,
      BooleanSupplier hasRoom,
      InstantSource clock) {
    super("bundles");
    this.outbox = outbox;
    this.composer = composer;
    this.digests = digests;
    this.lanes = new Lanes(workers, this::wake);
    this.next = next;
    this.hasRoom = hasRoom;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    if (!hasRoom.getAsBoolean()) {
      return IDLE;
    }
    var now = clock.instant();
    var soonest = outbox.nextRelease(now);
    Set<Object> seen = new HashSet<>();
    var collected = new LinkedHashMap<Reader, List<OpenBundle>>();
    for (var bundle : outbox.open(now)) {
      var thread = Speech.of(bundle);
      var reader = Reader.of(bundle);
      if (bundle.collected()) {
        seen.add(reader);
      }
      // Of each thread the first counts: what follows it waits until it is closed.
      if (seen.add(thread) && !lanes.has(thread)) {
        boolean together = bundle.collected() && !broken.contains(reader);
        var at = later(bundle.closesAt(), pauses.get(thread));
        at = together ? later(at, pauses.get(reader)) : at;
        if (at.isAfter(now)) {
          soonest = soonest.isEmpty() || at.isBefore(soonest.get()) ? Optional.of(at) : soonest;
        } else if (together) {
          collected.computeIfAbsent(reader, key -> new ArrayList<>()).add(bundle);
        } else {
          lanes.add(thread, () -> close(thread, bundle));
        }
      }
    }
    collected.forEach(
        (reader, bundles) -> {
          if (!lanes.has(reader)) {
            lanes.add(reader, () -> close(reader, bundles));
          }
        });
    pauses.keySet().retainAll(seen);
    broken.retainAll(seen);
    return waitUntil(soonest, now, IDLE);
  }

  private static Instant later(Instant closes, Pause pause) {
    return pause != null && pause.until().isAfter(closes) ? pause.until() : closes;
  }

  /** Ends no mail half-way: returns when those that are being composed are closed. */
  @Override
  public void close() {
    super.close();
    lanes.close();
  }

  private void close(Speech thread, OpenBundle bundle) {
    try {
      var hold = composer.close(bundle);
      if (hold.isPresent()) {
        hold(thread, bundle, hold.get());
      } else {
        pauses.remove(thread);
        next.run();
      }
    } catch (XmtpException | RuntimeException | StackOverflowError failed) {
      failed(thread, bundle, failed);
    }
  }

  /** What was held for days, or lay there while the daemon was down, is tried for as long. */
  private void failed(Speech thread, OpenBundle bundle, Throwable failure) {
    var first = bundle.first();
    var pause = pause(thread);
    if (failure instanceof XmtpException away) {
      if (pause.failures() == 1) {
        log.warn("bundle waits for the network reason={}", away.getMessage());
      }
    } else if (RetrySchedule.isOver(pause.since(), clock.instant())) {
      log.error("bundle given up message={}", first.messageId(), failure);
      composer.giveUp(bundle);
      pauses.remove(thread);
    } else if (pause.failures() == 1) {
      tell("bundle could not be composed message=" + first.messageId(), failure);
    }
  }

  /** One mail of several bundles. Those that fail by themselves are left out, and put off. */
  private void close(Reader reader, List<OpenBundle> bundles) {
    try {
      var failures =
          digests.close(bundles, (bundle, hold) -> hold(Speech.of(bundle), bundle, hold));
      pauses.remove(reader);
      failures.forEach((bundle, failure) -> failed(Speech.of(bundle), bundle, failure));
      next.run();
    } catch (XmtpException away) {
      if (pause(reader).failures() == 1) {
        log.warn("digest waits for the network reason={}", away.getMessage());
      }
    } catch (RuntimeException | StackOverflowError bug) {
      int failures = pause(reader).failures();
      if (failures == 1) {
        tell("digest could not be composed mailbox=" + reader.person(), bug);
      } else if (failures >= MAX_FAILURES) {
        broken.add(reader);
      }
    }
  }

  /** Said once, however often it is looked whether it is over. */
  private void hold(Speech thread, OpenBundle bundle, Hold hold) {
    var before = pauses.put(thread, new Pause(0, clock.instant(), hold.until(), hold.why()));
    if (before == null || !before.why().equals(hold.why())) {
      composer.note(bundle, hold);
      log.warn("peer held sender={} until={} reason={}", thread.sender(), hold.until(), hold.why());
    }
  }

  /** Puts a thread's bundles off, or a person's, once more. */
  private Pause pause(Object thread) {
    var now = clock.instant();
    var before = Optional.ofNullable(pauses.get(thread)).filter(pause -> pause.failures() > 0);
    int failures = before.map(Pause::failures).orElse(0) + 1;
    var length = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
    length = length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
    var pause = new Pause(failures, before.map(Pause::since).orElse(now), now.plus(length), "");
    pauses.put(thread, pause);
    return pause;
  }
}
