package io.postern.xmtp.network;

import io.postern.xmtp.network.Cursor.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows any number of topics for good: reconnects with backoff, and resumes each topic from its
 * stored cursor. Topics are kept in segments of one subscription each; a new topic reopens only the
 * youngest segment, so that following the ten-thousandth group costs no more than the first.
 *
 * <p>Used by several threads.
 */
public final class NodeStream implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeStream.class);

  /** A segment with this many topics is full; the next topic opens another. */
  private static final int SEGMENT = 500;

  /** New topics that come within this time are subscribed together. */
  private static final Duration GATHER = Duration.ofMillis(20);

  /** A connection that held this long has proved itself: the next failure starts a new row. */
  private static final long PROVEN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Node node;
  private final Function<Set<Topic>, Map<Topic, Cursor>> cursors;
  private final Events events;
  private final Executor workers;
  private final ScheduledExecutorService scheduler;
  private final Random random = new Random();
  private final List<Segment> segments = new ArrayList<>();
  private final Map<Topic, Segment> segmentOf = new HashMap<>();
  private boolean closed;

  /** What the stream's owner is told. */
  public interface Events {
    /** Something new lies in this topic. Called often and from network threads: must not block. */
    void arrived(Topic topic, Position position);
  }

  /**
   * @param cursors the stored cursors of topics, asked at each connection
   * @param workers open connections, for which the database is asked
   * @param scheduler says when
   */
  public NodeStream(
      Node node,
      Function<Set<Topic>, Map<Topic, Cursor>> cursors,
      Events events,
      Executor workers,
      ScheduledExecutorService scheduler) {
    this.node = node;
    this.cursors = cursors;
    this.events = events;
    this.workers = workers;
    this.scheduler = scheduler;
  }

  /** Follows topics; those that are followed already stay as they are. */
  public synchronized void follow(Collection<Topic> topics) {
    if (!closed) {
      topics.forEach(this::add);
    }
  }

  private void add(Topic topic) {
    if (segmentOf.containsKey(topic)) {
      return;
    }
    var last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
    if (last == null || last.topics.size() >= SEGMENT) {
      last = new Segment();
      segments.add(last);
    }
    last.topics.add(topic);
    segmentOf.put(topic, last);
    last.reopenSoon(GATHER);
  }

  /** How many topics are followed. */
  public synchronized int size() {
    return segmentOf.size();
  }

  /** Whether every segment has its connection. */
  public synchronized boolean isConnected() {
    return segments.stream()
        .allMatch(s -> s.connection != null && s.connection.subscription != null);
  }

  @Override
  public void close() {
    List<Connection> open = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (var segment : segments) {
        if (segment.connection != null) {
          open.add(segment.connection);
        }
      }
    }
    open.forEach(Connection::close);
  }

  /** Topics that share a subscription. Guarded by the stream's monitor. */
  private final class Segment {
    private final Set<Topic> topics = new LinkedHashSet<>();
    private Connection connection;
    private boolean planned;
    private int failures;

    private void reopenSoon(Duration delay) {
      if (planned || closed) {
        return;
      }
      try {
        scheduler.schedule(
            () -> workers.execute(this::reopen), delay.toMillis(), TimeUnit.MILLISECONDS);
        planned = true;
      } catch (RejectedExecutionException closing) {
        log.debug("no connection planned, the scheduler is closed");
      }
    }

    private void reopen() {
      Set<Topic> wanted;
      Connection former;
      var fresh = new Connection(this);
      synchronized (NodeStream.this) {
        planned = false;
        if (closed) {
          return;
        }
        wanted = Set.copyOf(topics);
        former = connection;
        connection = fresh;
      }
      try {
        var subscription = node.subscribe(cursors.apply(wanted), fresh);
        if (!fresh.holds(subscription)) {
          subscription.close();
        }
      } catch (RuntimeException broken) {
        log.error("a stream could not be opened; trying again", broken);
        lost(fresh, Optional.empty());
      }
      if (former != null) {
        former.close(); // Only now, so that nothing is missed in between.
      }
    }

    /** A connection is over; only the newest one counts. Answers the failures in a row. */
    private int lost(Connection ended, Optional<Duration> retryAfter) {
      synchronized (NodeStream.this) {
        if (closed || connection != ended) {
          return 0;
        }
        connection = null;
        failures = ended.isProven() ? 1 : failures + 1;
        reopenSoon(retryAfter.orElse(Backoff.STREAM.after(failures, random)));
        return failures;
      }
    }
  }

  /** One subscription of a segment; it may end before its opening has returned. */
  private final class Connection implements Node.Listener {
    private final Segment segment;
    private final long openedAtNanos = System.nanoTime();
    private Node.Subscription subscription;
    private boolean over;

    private Connection(Segment segment) {
      this.segment = segment;
    }

    /** Keeps the subscription, unless the connection is over or replaced already. */
    private boolean holds(Node.Subscription opened) {
      synchronized (NodeStream.this) {
        if (over || closed) {
          return false;
        }
        subscription = opened;
        return true;
      }
    }

    private boolean isProven() {
      return subscription != null && System.nanoTime() - openedAtNanos > PROVEN_NANOS;
    }

    private void close() {
      Node.Subscription open;
      synchronized (NodeStream.this) {
        over = true;
        open = subscription;
      }
      if (open != null) {
        open.close();
      }
    }

    @Override
    public void received(GroupEnvelope envelope) {
      events.arrived(Topic.of(envelope.group()), envelope.position());
    }

    @Override
    public void received(WelcomeEnvelope envelope) {
      events.arrived(Topic.welcomes(envelope.recipient()), envelope.position());
    }

    @Override
    public void ended(NodeException reason) {
      int row = segment.lost(this, reason.retryAfter());
      synchronized (NodeStream.this) {
        over = true;
      }
      if (row == 1) {
        log.warn("stream ended reason={}", reason.getMessage());
      }
    }
  }
}
