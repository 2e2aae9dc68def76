package io.postern.node;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Lets a streaming method send its response headers before its first message. Official clients wait
 * for them inside "open stream", while gRPC would send them only with a message, which may be hours
 * away.
 */
final class EarlyHeaders implements ServerInterceptor {
  private static final Context.Key<Runnable> SEND = Context.key("send-headers");

  /**
   * Sends the headers of the call that is being served, if it has not done so. Call it once the
   * request is accepted.
   */
  static void send() {
    SEND.get().run();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var early = new Call<>(call);
    return Contexts.interceptCall(
        Context.current().withValue(SEND, () -> early.sendHeaders(new Metadata())),
        early,
        headers,
        next);
  }

  private static final class Call<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean sent;

    Call(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!sent) {
        sent = true;
        super.sendHeaders(headers);
      }
    }
  }
}
