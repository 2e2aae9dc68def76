package io.postern.node;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what clients make the node hold: the octets of all requests that are arriving or being
 * answered, and the time that a first request may take to arrive. A stream counts as long as it is
 * open, since its topics stay in memory. The call that goes too far is ended, no other.
 */
final class InboundLimit extends ServerStreamTracer.Factory implements ServerInterceptor {
  /** Octets of open calls at most; they take several times that as objects. */
  private static final long MAX_OCTETS = 128L << 20;

  /** Octets of a message that counts only while it arrives. */
  private static final int SMALL = 64;

  private static final Context.Key<Inbound> INBOUND = Context.key("inbound");

  private final Executor executor;
  private final long maxArrivalNanos;
  private final AtomicLong octets = new AtomicLong();
  private final Set<Call<?, ?>> arriving = ConcurrentHashMap.newKeySet();

  /**
   * @param executor ends calls
   * @param timers looks for those that take too long
   * @param maxArrival how long a request may take to arrive
   */
  InboundLimit(Executor executor, ScheduledExecutorService timers, Duration maxArrival) {
    this.executor = executor;
    this.maxArrivalNanos = maxArrival.toNanos();
    var period = maxArrivalNanos / 4;
    timers.scheduleWithFixedDelay(this::endLate, period, period, TimeUnit.NANOSECONDS);
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Inbound();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var limited = new Call<>(call);
    INBOUND.get().end =
        () ->
            limited.endLater(
                // Not RESOURCE_EXHAUSTED: clients take that for a rate limit and fall silent.
                Status.UNAVAILABLE.withDescription(
                    "too many octets of requests are under way, try again later"));
    arriving.add(limited);
    return new SimpleForwardingServerCallListener<>(next.startCall(limited, headers)) {
      @Override
      public void onMessage(Q message) {
        arriving.remove(limited);
        super.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        arriving.remove(limited);
        super.onHalfClose();
      }

      @Override
      public void onCancel() {
        arriving.remove(limited);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        arriving.remove(limited);
        super.onComplete();
      }
    };
  }

  private void endLate() {
    var now = System.nanoTime();
    for (var call : arriving) {
      if (now - call.began > maxArrivalNanos) {
        call.endLater(
            Status.DEADLINE_EXCEEDED.withDescription("the request took too long to arrive"));
      }
    }
  }

  /** The octets of one call, counted as they arrive, on the thread of its connection. */
  private final class Inbound extends ServerStreamTracer {
    private final AtomicLong counted = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Runnable end = () -> {};

    @Override
    public Context filterContext(Context context) {
      return context.withValue(INBOUND, this);
    }

    @Override
    public void inboundWireSize(long bytes) {
      counted.addAndGet(bytes);
      if (octets.addAndGet(bytes) > MAX_OCTETS) {
        end.run();
      }
    }

    /** Pings of a stream that is open for months must not add up. */
    @Override
    public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
      if (wireSize > 0 && wireSize <= SMALL) {
        counted.addAndGet(-wireSize);
        octets.addAndGet(-wireSize);
      }
    }

    @Override
    public void streamClosed(Status status) {
      if (!closed.getAndSet(true)) {
        octets.addAndGet(-counted.get());
      }
    }
  }

  /** Ends once, whoever ends it first. */
  private final class Call<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final long began = System.nanoTime();
    private final AtomicBoolean closed = new AtomicBoolean();

    Call(ServerCall<Q, A> call) {
      super(call);
    }

    void endLater(Status status) {
      arriving.remove(this);
      executor.execute(() -> close(status, new Metadata()));
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!closed.getAndSet(true)) {
        super.close(status, trailers);
      }
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!closed.get()) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public void sendMessage(A message) {
      if (!closed.get()) {
        super.sendMessage(message);
      }
    }
  }
}
