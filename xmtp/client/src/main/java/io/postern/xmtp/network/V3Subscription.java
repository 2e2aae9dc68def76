package io.postern.xmtp.network;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SubscribeWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.util.Map;

/**
 * One group stream and one welcome stream, opened and ended together. The V3 service has no way to
 * add a topic to a running stream; {@link NodeStream} opens further subscriptions instead.
 */
final class V3Subscription implements Node.Subscription {
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Node.Listener listener;
  private final Throttle throttle;
  private boolean over;

  private V3Subscription(Node.Listener listener, Throttle throttle) {
    this.listener = listener;
    this.throttle = throttle;
  }

  /**
   * @param throttle opening a stream costs like a read; while the service wants silence, the
   *     subscription ends at once
   */
  static V3Subscription open(
      MlsApiGrpc.MlsApiStub stub,
      Map<Topic, Cursor> topics,
      Node.Listener listener,
      Throttle throttle) {
    var groups = SubscribeGroupMessagesRequest.newBuilder();
    var welcomes = SubscribeWelcomeMessagesRequest.newBuilder();
    topics.forEach(
        (topic, cursor) -> {
          var identifier = ByteString.copyFrom(topic.identifier());
          switch (topic.kind()) {
            case GROUP_MESSAGES ->
                groups.addFiltersBuilder().setGroupId(identifier).setIdCursor(cursor.highest());
            case WELCOMES ->
                welcomes
                    .addFiltersBuilder()
                    .setInstallationKey(identifier)
                    .setIdCursor(cursor.highest());
            default -> throw new IllegalArgumentException("no stream carries " + topic);
          }
        });
    var subscription = new V3Subscription(listener, throttle);
    var silence = throttle.remaining();
    if (silence.isPresent()) {
      subscription.end(V3Failure.heldBack(silence.get()));
      return subscription;
    }
    subscription.context.run(
        () -> {
          if (groups.getFiltersCount() > 0) {
            stub.subscribeGroupMessages(groups.build(), subscription.new Groups());
          }
          if (welcomes.getFiltersCount() > 0) {
            stub.subscribeWelcomeMessages(welcomes.build(), subscription.new Welcomes());
          }
        });
    return subscription;
  }

  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    context.cancel(null);
  }

  private void end(NodeException reason) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    context.cancel(null);
    listener.ended(reason);
  }

  private abstract class Observer<T> implements StreamObserver<T> {
    @Override
    public void onError(Throwable failure) {
      end(V3Failure.of(Status.fromThrowable(failure), throttle));
    }

    @Override
    public void onCompleted() {
      end(new NodeException(NodeException.Kind.UNREACHABLE, "the service ended the stream"));
    }
  }

  private final class Groups extends Observer<GroupMessage> {
    @Override
    public void onNext(GroupMessage message) {
      try {
        var envelope = V3Envelopes.of(message);
        synchronized (listener) {
          listener.received(envelope);
        }
      } catch (NodeException malformed) {
        end(malformed);
      }
    }
  }

  private final class Welcomes extends Observer<WelcomeMessage> {
    @Override
    public void onNext(WelcomeMessage message) {
      try {
        var envelope = V3Envelopes.of(message);
        synchronized (listener) {
          envelope.ifPresent(listener::received);
        }
      } catch (NodeException malformed) {
        end(malformed);
      }
    }
  }
}
