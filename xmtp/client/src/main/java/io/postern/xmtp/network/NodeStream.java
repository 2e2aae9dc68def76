package io.postern.xmtp.network;

import io.postern.xmtp.network.Cursor.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
   * @param scheduler runs reconnections; its tasks are short
   */
  public NodeStream(
      Node node,
      Function<Set<Topic>, Map<Topic, Cursor>> cursors,
      Events events,
      ScheduledExecutorService scheduler) {
    this.node = node;
    this.cursors = cursors;
    this.events = events;
    this.scheduler = scheduler;
  }

  /** Follows a topic; one that is followed already stays as it is. */
  public synchronized void follow(Topic topic) {
    if (closed || segmentOf.containsKey(topic)) {
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
    return segments.stream().allMatch(s -> s.subscription != null);
  }

  @Override
  public void close() {
    List<Node.Subscription> open = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (var segment : segments) {
        if (segment.subscription != null) {
          open.add(segment.subscription);
        }
      }
    }
    open.forEach(Node.Subscription::close);
  }

  /** Topics that share a subscription. Guarded by the stream's monitor. */
  private final class Segment implements Node.Listener {
    private final Set<Topic> topics = new LinkedHashSet<>();
    private Node.Subscription subscription;
    private boolean planned;
    private int failures;
    private long openedAtNanos;

    private void reopenSoon(Duration delay) {
      if (!planned && !closed) {
        planned = true;
        scheduler.schedule(this::reopen, delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    }

    private void reopen() {
      try {
        Set<Topic> wanted;
        Node.Subscription former;
        synchronized (NodeStream.this) {
          planned = false;
          if (closed) {
            return;
          }
          wanted = Set.copyOf(topics);
          former = subscription;
        }
        var opened = node.subscribe(cursors.apply(wanted), this);
        synchronized (NodeStream.this) {
          if (closed) {
            opened.close();
            return;
          }
          subscription = opened;
          openedAtNanos = System.nanoTime();
        }
        if (former != null) {
          former.close();
        }
      } catch (RuntimeException broken) {
        log.error("a stream could not be opened; trying again", broken);
        synchronized (NodeStream.this) {
          failures++;
          reopenSoon(Backoff.STREAM.after(failures, random));
        }
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
      synchronized (NodeStream.this) {
        if (closed) {
          return;
        }
        subscription = null;
        failures = System.nanoTime() - openedAtNanos > PROVEN_NANOS ? 1 : failures + 1;
        var delay = Backoff.STREAM.after(failures, random);
        if (failures == 1) {
          log.warn("stream ended topics={} reason={}", topics.size(), reason.getMessage());
        }
        reopenSoon(delay);
      }
    }
  }
}
