package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.Reject;
import io.postern.mapping.RejectStore;
import io.postern.smtp.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes what the listener refuses. The client never waits for that: refusals stand in a queue, and
 * are written some hundred at a time, so that a flood of them is no flood of transactions. What the
 * queue cannot take is counted and told in the log.
 */
final class Rejects extends Loop implements Consumer<Refusal> {
  private static final Logger log = LoggerFactory.getLogger(Rejects.class);

  private static final int MAX_WAITING = 2_000;
  private static final int MAX_BATCH = 200;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final RejectStore store;
  private final BlockingQueue<Refusal> waiting;
  private final LongAdder dropped = new LongAdder();

  /** Taken from the queue and not yet written. */
  private volatile List<Reject> batch = List.of();

  private boolean failing;

  Rejects(RejectStore store) {
    this(store, MAX_WAITING);
  }

  Rejects(RejectStore store, int maxWaiting) {
    super("rejects");
    this.store = store;
    this.waiting = new ArrayBlockingQueue<>(maxWaiting);
  }

  @Override
  public void accept(Refusal refusal) {
    if (!waiting.offer(refusal)) {
      dropped.increment();
    }
  }

  /** Whether something was taken from the queue and is not written. */
  boolean isBehind() {
    return !batch.isEmpty();
  }

  @Override
  Duration turn() {
    try {
      write();
      failing = false;
    } catch (JdbiException away) {
      // Of one that stands by it may be away for hours, in which all is refused.
      if (!failing) {
        log.warn("rejects cannot be noted, and wait until they can be", away);
      }
      failing = true;
    }
    return PAUSE;
  }

  /** What could not be written is tried again in the next turn, before anything else. */
  private void write() {
    if (batch.isEmpty()) {
      var drained = new ArrayList<Refusal>();
      waiting.drainTo(drained, MAX_BATCH);
      batch = drained.stream().map(Rejects::reject).toList();
    }
    if (!batch.isEmpty()) {
      store.add(batch);
      batch = List.of();
    }
    long lost = dropped.sumThenReset();
    if (lost > 0) {
      log.warn("rejects dropped={}: more was refused than can be noted", lost);
    }
  }

  /** Writes what waits. */
  @Override
  public void close() {
    super.close();
    while (!waiting.isEmpty() || !batch.isEmpty()) {
      write();
    }
  }

  private static Reject reject(Refusal refusal) {
    return new Reject(
        refusal.at(),
        refusal.clientAddress(),
        refusal.helo(),
        refusal.reversePath().map(Mailbox::toString).orElse(""),
        refusal.recipients().stream().map(Mailbox::toString).toList(),
        refusal.recipients().size(),
        refusal.from(),
        refusal.mailId(),
        refusal.headerHash(),
        refusal.octets(),
        refusal.reply().code(),
        refusal.reply().status(),
        String.join(" ", refusal.reply().lines()));
  }
}
