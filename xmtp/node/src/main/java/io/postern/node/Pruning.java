package io.postern.node;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is older than its {@link Retention}, in transactions of some hundred rows, between
 * which others write. A run that was cut off is gone on with by the next. Used by one thread.
 */
final class Pruning implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Pruning.class);

  private final EnvelopeLog<?> groups;
  private final EnvelopeLog<?> welcomes;
  private final KeyPackages keyPackages;
  private final Retention retention;
  private final Clock clock;

  // Up to here everything that stays, stays for ever.
  private long prunedGroups;
  private long prunedWelcomes;

  Pruning(
      EnvelopeLog<?> groups,
      EnvelopeLog<?> welcomes,
      KeyPackages keyPackages,
      Retention retention,
      Clock clock) {
    this.groups = groups;
    this.welcomes = welcomes;
    this.keyPackages = keyPackages;
    this.retention = retention;
    this.clock = clock;
  }

  /** Returns when nothing is left that is too old, or the thread is interrupted. */
  @Override
  public void run() {
    try {
      prunedGroups =
          prune(groups, Change.GROUP_PRUNED, prunedGroups, beforeNs(retention.messages()));
      prunedWelcomes =
          prune(welcomes, Change.WELCOME_PRUNED, prunedWelcomes, beforeNs(retention.welcomes()));
      while (!Thread.currentThread().isInterrupted()
          && keyPackages.prune(beforeNs(retention.keyPackages()))) {
        log.debug("key packages were deleted, and there may be more");
      }
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof RejectedExecutionException)) {
        log.error("the node failed to delete what is old; the next run tries again", e);
      }
    } catch (RuntimeException e) {
      // H2 has exceptions of its own, and whatever left here would end all later runs.
      log.error("the node failed to find what is old; the next run tries again", e);
    }
  }

  private static long prune(EnvelopeLog<?> envelopes, Change deletion, long from, long beforeNs) {
    var position = from;
    while (!Thread.currentThread().isInterrupted()) {
      var next = envelopes.prune(deletion, position, beforeNs);
      if (next == position) {
        return position;
      }
      position = next;
    }
    return position;
  }

  private long beforeNs(Duration kept) {
    return Sequences.nanos(clock.instant().minus(kept));
  }
}
