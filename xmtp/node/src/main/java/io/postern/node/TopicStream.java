package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.Ping;
import io.postern.xmtp.proto.mls.api.Pong;
import io.postern.xmtp.proto.mls.api.SubscribeRequest;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of the bidirectional Subscribe (XIP-83): the client adds and removes topics of both
 * kinds while the stream runs. The topics that one mutate adds are a <em>wave</em>: their history,
 * and what arrives meanwhile, is sent with the mutate's id; then the topics are live. Waves run one
 * after another; live topics go on between their pages.
 *
 * <pre>
 *   absent --add--> in a wave --history sent--> live --remove--> absent
 * </pre>
 *
 * <p>Requests, commits, readiness and the timer only ask for {@link #drain}, which runs on one
 * thread at a time and alone touches the call and the topics.
 */
final class TopicStream implements StreamObserver<SubscribeRequest> {
  private static final Logger log = LoggerFactory.getLogger(TopicStream.class);

  /** Topics of one stream. */
  static final int MAX_TOPICS = 200_000;

  /** Octets of one live frame at most, one message excepted. */
  private static final long MAX_FRAME_BYTES = 2L << 20;

  private final ServerCallStreamObserver<SubscribeResponse> client;
  private final Rounds rounds;
  private final Runnable ended;
  private final long keepaliveNanos;
  private final ScheduledFuture<?> timer;
  private final Map<TopicKind, TopicSide<?>> sides;

  // Guarded by this: what other threads hand to the draining one.
  private final ArrayDeque<SubscribeRequest> requests = new ArrayDeque<>();
  private final Backlog<TopicSide.Arrived<?>> arrived;
  private boolean halfClosed;
  private boolean timerRang;
  private Status end;

  // The draining thread's own.
  private final ArrayDeque<Wave> waves = new ArrayDeque<>();
  private boolean started;
  private boolean mutated;
  private boolean closed;
  private long lastFrame = System.nanoTime();
  private long pingNonce;
  private boolean pongAwaited;
  private long pinged;

  /**
   * @param keepalive after how long without a frame the client is pinged, and how long its pong may
   *     take
   * @param backlogs as in {@link Backlog}
   * @param ended called once when the call is over
   */
  TopicStream(
      EnvelopeLog<GroupMessage> groups,
      EnvelopeLog<WelcomeMessage> welcomes,
      ServerCallStreamObserver<SubscribeResponse> client,
      Duration keepalive,
      AtomicLong backlogs,
      Executor executor,
      ScheduledExecutorService timers,
      Runnable ended) {
    this.client = client;
    this.arrived = new Backlog<>(backlogs);
    this.rounds = new Rounds(executor, this::drain);
    this.ended = ended;
    this.keepaliveNanos = keepalive.toNanos();
    this.sides =
        Map.of(
            TopicKind.GROUP,
            new TopicSide<>(
                TopicKind.GROUP,
                groups,
                SubscribeResponse.V1.Messages.Builder::addGroupMessages,
                this::arrive),
            TopicKind.WELCOME,
            new TopicSide<>(
                TopicKind.WELCOME,
                welcomes,
                SubscribeResponse.V1.Messages.Builder::addWelcomeMessages,
                this::arrive));
    this.timer =
        timers.scheduleWithFixedDelay(
            this::ring, keepaliveNanos / 4, keepaliveNanos / 4, TimeUnit.NANOSECONDS);
  }

  /** Starts to serve. Call it inside the method of the gRPC service, before it returns. */
  void start() {
    client.disableAutoRequest();
    client.setOnCancelHandler(() -> end(Status.CANCELLED));
    // A call that a limit has ended is told of so.
    client.setOnCloseHandler(() -> end(Status.CANCELLED));
    client.setOnReadyHandler(rounds::ask);
    client.request(1);
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
  public void onNext(SubscribeRequest request) {
    synchronized (this) {
      requests.add(request);
    }
    rounds.ask();
  }

  @Override
  public void onError(Throwable failure) {
    end(Status.CANCELLED);
  }

  /** The client has no more to say: running waves are finished, then the call ends. */
  @Override
  public void onCompleted() {
    synchronized (this) {
      halfClosed = true;
    }
    rounds.ask();
  }

  private void ring() {
    synchronized (this) {
      timerRang = true;
    }
    rounds.ask();
  }

  private void arrive(TopicSide.Arrived<?> entry) {
    synchronized (this) {
      if (end != null) {
        return;
      }
      if (!arrived.add(entry, entry.bytes())) {
        end = Status.ABORTED.withDescription("the client is too slow for its stream");
      }
    }
    rounds.ask();
  }

  private void drain() {
    try {
      serve();
    } catch (RefusedException e) {
      close(e.status());
    } catch (RuntimeException e) {
      if (!client.isCancelled()) {
        log.error("a stream failed", e);
      }
      close(Status.INTERNAL.withDescription("the node failed to read its log"));
    }
  }

  private void serve() throws RefusedException {
    if (!started) {
      started = true;
      var announcement = SubscribeResponse.V1.Started.newBuilder();
      announcement.setKeepaliveIntervalMs((int) TimeUnit.NANOSECONDS.toMillis(keepaliveNanos));
      send(SubscribeResponse.V1.newBuilder().setStarted(announcement));
    }
    var busy = true;
    while (busy && !closed) {
      var status = endStatus();
      if (status.isPresent()) {
        close(status.get());
        return;
      }
      checkTimer();
      if (closed || !client.isReady()) {
        return;
      }
      busy = takeRequest();
      busy |= sendArrived();
      busy |= advanceWave();
    }
    if (!closed && isOver()) {
      close(Status.OK);
    }
  }

  private synchronized Optional<Status> endStatus() {
    return Optional.ofNullable(end);
  }

  private synchronized boolean isOver() {
    return halfClosed && requests.isEmpty() && waves.isEmpty();
  }

  // ---- requests

  private boolean takeRequest() throws RefusedException {
    SubscribeRequest request;
    synchronized (this) {
      request = requests.poll();
    }
    if (request == null) {
      return false;
    }
    lastFrame = System.nanoTime();
    if (!request.hasV1()) {
      throw RefusedException.invalid("the request has no version that is known here");
    }
    var v1 = request.getV1();
    if (!mutated && !v1.hasMutate()) {
      throw RefusedException.invalid("the first request must be a mutate");
    }
    switch (v1.getRequestCase()) {
      case MUTATE -> mutate(v1.getMutate());
      case PING ->
          send(
              SubscribeResponse.V1
                  .newBuilder()
                  .setPong(Pong.newBuilder().setNonce(v1.getPing().getNonce())));
      case PONG -> pongAwaited &= v1.getPong().getNonce() != pingNonce;
      case REQUEST_NOT_SET -> log.debug("a request of a later protocol is passed over");
    }
    client.request(1);
    return true;
  }

  /** All or nothing: what is wrong is found before anything is applied. */
  private void mutate(SubscribeRequest.V1.Mutate mutate) throws RefusedException {
    mutated = true;
    var id = mutate.getMutateId();
    if (mutate.getAddsCount() > 0 && id == 0) {
      throw RefusedException.invalid("a mutate that adds topics needs a mutate_id");
    }
    if (waves.stream().anyMatch(wave -> wave.mutateId() == id)) {
      throw RefusedException.invalid("mutate_id %d is still catching up".formatted(id));
    }
    var removes = new HashSet<>(mutate.getRemovesList());
    for (var topic : removes) {
      TopicKind.of(topic);
    }
    var adds = new LinkedHashMap<ByteString, Long>();
    for (var add : mutate.getAddsList()) {
      var known = sides.get(TopicKind.of(add.getTopic())).has(TopicKind.identifier(add.getTopic()));
      if (!known || removes.contains(add.getTopic())) {
        adds.merge(add.getTopic(), LogEntry.cursor(add.getIdCursor()), Math::min);
      }
    }
    if (sides.values().stream().mapToInt(side -> side.size()).sum() + adds.size() > MAX_TOPICS) {
      throw new RefusedException(
          Status.Code.RESOURCE_EXHAUSTED, "a stream has at most %d topics".formatted(MAX_TOPICS));
    }
    apply(id, removes, adds, mutate.getHistoryOnly());
  }

  private void apply(
      long id, Set<ByteString> removes, Map<ByteString, Long> adds, boolean historyOnly)
      throws RefusedException {
    for (var topic : removes) {
      sides.get(TopicKind.of(topic)).remove(TopicKind.identifier(topic));
    }
    if (adds.isEmpty()) {
      send(catchupComplete(id));
      return;
    }
    var wave = new Wave(id, historyOnly);
    for (var add : adds.entrySet()) {
      wave.parts()
          .computeIfAbsent(TopicKind.of(add.getKey()), kind -> part(sides.get(kind), wave))
          .add(TopicKind.identifier(add.getKey()), add.getValue());
    }
    waves.add(wave);
  }

  private static <E extends MessageLite> WavePart<E> part(TopicSide<E> side, Wave wave) {
    return new WavePart<>(side, wave.isHistoryOnly());
  }

  // ---- live topics

  /** Sends what has arrived for live topics, and gives to the waves what belongs to them. */
  private boolean sendArrived() {
    var frame = SubscribeResponse.V1.Messages.newBuilder();
    var bytes = 0L;
    var any = false;
    while (bytes < MAX_FRAME_BYTES) {
      Optional<TopicSide.Arrived<?>> next;
      synchronized (this) {
        next = arrived.poll();
      }
      if (next.isEmpty()) {
        break;
      }
      any = true;
      bytes += next.get().deliver(frame);
    }
    sendMessages(frame);
    return any;
  }

  // ---- waves

  private boolean advanceWave() {
    if (waves.isEmpty()) {
      return false;
    }
    var wave = waves.element();
    for (var part : wave.parts().values()) {
      if (!part.isRead()) {
        sendMessages(part.readPage().setMutateId(wave.mutateId()));
        return true;
      }
    }
    // All that has arrived so far must be with its wave before the topics go live.
    sendArrived();
    if (wave.parts().values().stream().allMatch(WavePart::isRead)) {
      finish(wave);
    }
    return true;
  }

  private void finish(Wave wave) {
    var live = SubscribeResponse.V1.TopicsLive.newBuilder();
    for (var part : wave.parts().values()) {
      sendMessages(part.folded().setMutateId(wave.mutateId()));
      part.goLive(live);
    }
    if (live.getTopicsCount() > 0) {
      send(SubscribeResponse.V1.newBuilder().setTopicsLive(live));
    }
    waves.remove();
    send(catchupComplete(wave.mutateId()));
  }

  private static SubscribeResponse.V1.Builder catchupComplete(long mutateId) {
    return SubscribeResponse.V1
        .newBuilder()
        .setCatchupComplete(
            SubscribeResponse.V1.CatchupComplete.newBuilder().setMutateId(mutateId));
  }

  // ---- frames, liveness, end

  private void sendMessages(SubscribeResponse.V1.Messages.Builder frame) {
    if (frame.getGroupMessagesCount() + frame.getWelcomeMessagesCount() > 0) {
      send(SubscribeResponse.V1.newBuilder().setMessages(frame));
    }
  }

  private void send(SubscribeResponse.V1.Builder frame) {
    lastFrame = System.nanoTime();
    client.onNext(SubscribeResponse.newBuilder().setV1(frame).build());
  }

  private void checkTimer() {
    synchronized (this) {
      if (!timerRang) {
        return;
      }
      timerRang = false;
    }
    var now = System.nanoTime();
    if (pongAwaited) {
      if (now - pinged >= keepaliveNanos) {
        close(Status.DEADLINE_EXCEEDED.withDescription("the client does not answer pings"));
      }
      return;
    }
    if (now - lastFrame < keepaliveNanos) {
      return;
    }
    pinged = now;
    pongAwaited = true;
    pingNonce++;
    send(SubscribeResponse.V1.newBuilder().setPing(Ping.newBuilder().setNonce(pingNonce)));
  }

  private void close(Status status) {
    if (closed) {
      return;
    }
    closed = true;
    timer.cancel(false);
    sides.values().forEach(TopicSide::removeAll);
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
