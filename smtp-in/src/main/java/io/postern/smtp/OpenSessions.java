package io.postern.smtp;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions that are going on. For many threads. */
final class OpenSessions {
  private static final Logger log = LoggerFactory.getLogger(OpenSessions.class);

  private static final Duration ASK_AGAIN = Duration.ofMillis(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<SmtpSession> sessions = new HashSet<>();

  void add(SmtpSession session) {
    lock.lock();
    try {
      sessions.add(session);
    } finally {
      lock.unlock();
    }
  }

  void remove(SmtpSession session) {
    lock.lock();
    try {
      sessions.remove(session);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Cuts the sessions whose clients hold them beyond every timeout. */
  void abortOverdue() {
    for (var session : all()) {
      if (session.isOverdue()) {
        abort(session);
      }
    }
  }

  void abortAll() {
    all().forEach(OpenSessions::abort);
  }

  /**
   * Asks the sessions to end and waits until all have, or the time is over. A session that is in
   * the middle of a mail is asked again when it has done.
   */
  void end(Duration time) {
    long endsAt = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < endsAt && !endIdle() && !Thread.currentThread().isInterrupted()) {
      awaitChange();
    }
  }

  /** Whether none was left to ask. */
  private boolean endIdle() {
    var left = all();
    for (var session : left) {
      try {
        session.endIfIdle();
      } catch (IOException gone) {
        log.debug("a session ended by itself: {}", gone.toString());
      }
    }
    return left.isEmpty();
  }

  private void awaitChange() {
    lock.lock();
    try {
      if (!sessions.isEmpty()) {
        changed.awaitNanos(ASK_AGAIN.toNanos());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private List<SmtpSession> all() {
    lock.lock();
    try {
      return List.copyOf(sessions);
    } finally {
      lock.unlock();
    }
  }

  private static void abort(SmtpSession session) {
    try {
      session.abort();
    } catch (IOException gone) {
      log.debug("a session ended by itself: {}", gone.toString());
    }
  }
}
