package io.postern.node;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendWelcomeMessagesRequest;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Refuses what a client address asks beyond its {@link RateLimits}, with the network's code and
 * text. As on the network, only whole minutes without any request refill a bucket. The address is
 * that of the connection: a header that names another is not believed.
 */
final class RateLimiter implements ServerInterceptor {
  /** Buckets remembered; beyond that the longest unused is forgotten, which fills it. */
  private static final int MAX_BUCKETS = 20_000;

  private static final Set<String> PUBLISHES =
      Set.of(
          MlsApiGrpc.getSendGroupMessagesMethod().getFullMethodName(),
          MlsApiGrpc.getSendWelcomeMessagesMethod().getFullMethodName(),
          MlsApiGrpc.getUploadKeyPackageMethod().getFullMethodName(),
          MlsApiGrpc.getRegisterInstallationMethod().getFullMethodName(),
          IdentityApiGrpc.getPublishIdentityUpdateMethod().getFullMethodName());

  private final RateLimits limits;
  private final Clock clock;

  // Guarded by this.
  private final Map<String, Tokens> buckets = new LinkedHashMap<>(16, 0.75f, true);

  RateLimiter(RateLimits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var address = address(call);
    var publishes = PUBLISHES.contains(call.getMethodDescriptor().getFullMethodName());
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean first = true;
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        // Later messages of a bidirectional stream are part of the stream that was paid for.
        var cost = first ? cost(message) : 0;
        first = false;
        var bucket = "R" + address + (publishes ? "PUB" : "DEF");
        if (spend(bucket, publishes ? limits.publishes() : limits.reads(), cost)) {
          super.onMessage(message);
        } else {
          refused = true;
          call.close(
              Status.RESOURCE_EXHAUSTED.withDescription(cost + " exceeds rate limit " + bucket),
              new Metadata());
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private static String address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress remote
        ? remote.getAddress().getHostAddress()
        : "local";
  }

  private static int cost(Object message) {
    if (message instanceof SendGroupMessagesRequest send) {
      return Math.max(1, send.getMessagesCount());
    }
    if (message instanceof SendWelcomeMessagesRequest send) {
      return Math.max(1, send.getMessagesCount());
    }
    return 1;
  }

  private synchronized boolean spend(String name, RateLimits.Bucket limit, int cost) {
    var now = clock.instant();
    var before = buckets.getOrDefault(name, new Tokens(limit.capacity(), now));
    var minutes = Math.max(0, Duration.between(before.asked(), now).toMinutes());
    var filled = Math.min(limit.capacity(), before.left() + minutes * limit.refillPerMinute());
    var enough = filled >= cost;
    buckets.put(name, new Tokens(enough ? filled - cost : filled, now));
    if (buckets.size() > MAX_BUCKETS) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    return enough;
  }

  private record Tokens(long left, Instant asked) {}
}
