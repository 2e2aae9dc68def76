package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One SubscribeGroupMessages or SubscribeWelcomeMessages call: first what each topic holds above
 * its cursor, then what arrives. It listens before it reads, and per topic sends only ids above the
 * last one sent, so nothing is skipped and nothing comes twice. A client that lets too much pile up
 * is cut off; while history is still being read nothing piles up, it is read again.
 *
 * <p>Commits come from the {@link WriteLane}, readiness from gRPC; both only ask for {@link
 * #drain}, which runs on one thread at a time and alone touches the call.
 */
final class EnvelopeStream<E extends MessageLite> implements LiveFeed<E> {
  private static final Logger log = LoggerFactory.getLogger(EnvelopeStream.class);

  private final EnvelopeLog<E> envelopes;
  private final ServerCallStreamObserver<E> client;
  private final Status tooSlow;
  private final Rounds rounds;
  private final Runnable ended;
  private final Map<ByteString, Long> cursors;

  // Guarded by this: what the lane's thread and the draining thread share.
  private final Backlog<LogEntry<E>> arrived;
  private boolean live;
  private boolean missed = true;
  private Status end;

  // The draining thread's own.
  private final Map<ByteString, Long> sent = new HashMap<>();
  private Iterator<ByteString> topicsBehind = List.<ByteString>of().iterator();
  private ByteString topic = ByteString.EMPTY;
  private Iterator<LogEntry<E>> page = List.<LogEntry<E>>of().iterator();
  private boolean morePages;
  private boolean closed;

  /**
   * @param cursors the topics and where the client's knowledge of each ends
   * @param tooSlow how the call ends for a client that falls behind
   * @param backlogs as in {@link Backlog}
   * @param ended called once when the call is over
   */
  EnvelopeStream(
      EnvelopeLog<E> envelopes,
      ServerCallStreamObserver<E> client,
      Map<ByteString, Long> cursors,
      Status tooSlow,
      AtomicLong backlogs,
      Executor executor,
      Runnable ended) {
    this.envelopes = envelopes;
    this.client = client;
    this.cursors = Map.copyOf(cursors);
    this.tooSlow = tooSlow;
    this.arrived = new Backlog<>(backlogs);
    this.rounds = new Rounds(executor, this::drain);
    this.ended = ended;
  }

  /**
   * Starts to listen and to send. Call it inside the method of the gRPC service, before it returns.
   */
  void start() {
    client.setOnCancelHandler(() -> end(Status.CANCELLED));
    // A call that a limit has ended is told of so.
    client.setOnCloseHandler(() -> end(Status.CANCELLED));
    client.setOnReadyHandler(rounds::ask);
    envelopes.feeds().add(this, cursors.keySet());
    rounds.ask();
  }

  /** Ends the call after what the client has been sent so far. */
  void end(Status status) {
    synchronized (this) {
      if (end == null) {
        end = status;
      }
    }
    rounds.ask();
  }

  @Override
  public void publish(LogEntry<E> entry) {
    synchronized (this) {
      if (end != null || missed) {
        return;
      }
      if (!arrived.add(entry, entry.message().getSerializedSize())) {
        if (live) {
          end = tooSlow;
        } else {
          missed = true;
        }
      }
    }
    rounds.ask();
  }

  private void drain() {
    try {
      send();
    } catch (RuntimeException e) {
      if (!client.isCancelled()) {
        log.error("a stream failed", e);
      }
      close(Status.INTERNAL.withDescription("the node failed to read its log"));
    }
  }

  private void send() {
    while (!closed) {
      var status = endStatus();
      if (status.isPresent()) {
        close(status.get());
        return;
      }
      if (!client.isReady()) {
        return;
      }
      var next = next();
      if (next.isEmpty()) {
        return;
      }
      var entry = next.get();
      if (entry.id() > sent.getOrDefault(entry.topic(), 0L)) {
        sent.put(entry.topic(), entry.id());
        client.onNext(entry.message());
      }
    }
  }

  private Optional<LogEntry<E>> next() {
    while (true) {
      if (page.hasNext()) {
        return Optional.of(page.next());
      }
      if (morePages || topicsBehind.hasNext()) {
        readPage();
      } else if (takeMissed()) {
        topicsBehind = envelopes.behind(positions()).iterator();
      } else {
        return takeArrived();
      }
    }
  }

  private void readPage() {
    if (!morePages) {
      topic = topicsBehind.next();
    }
    var read = envelopes.query(topic, true, position(topic), EnvelopeLog.MAX_PAGE_ROWS);
    page = read.entries().iterator();
    morePages = read.more();
  }

  /**
   * Where history goes on. The cursor holds for history only: what arrives is sent whatever its id.
   */
  private long position(ByteString ofTopic) {
    return Math.max(cursors.get(ofTopic), sent.getOrDefault(ofTopic, 0L));
  }

  private Map<ByteString, Long> positions() {
    var positions = new HashMap<ByteString, Long>();
    cursors.keySet().forEach(each -> positions.put(each, position(each)));
    return positions;
  }

  /**
   * Whether history must be read (again). From here on arrivals are kept, so none falls between.
   */
  private synchronized boolean takeMissed() {
    var wasMissed = missed;
    missed = false;
    live = !wasMissed;
    return wasMissed;
  }

  private synchronized Optional<LogEntry<E>> takeArrived() {
    return arrived.poll();
  }

  private synchronized Optional<Status> endStatus() {
    return Optional.ofNullable(end);
  }

  private void close(Status status) {
    closed = true;
    envelopes.feeds().remove(this, cursors.keySet());
    synchronized (this) {
      if (end == null) {
        end = status; // nothing arrives any more
      }
      arrived.clear();
    }
    ended.run();
    if (status.isOk()) {
      client.onCompleted();
    } else if (status.getCode() != Status.Code.CANCELLED) {
      client.onError(status.asRuntimeException());
    }
  }
}
