package io.postern.node;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The client's end of a stream: it sees headers, messages and the end as they come, and reads only
 * as fast as it is told to.
 */
final class StreamReader<Q, A> implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final ClientCall<Q, A> call;
  private final CompletableFuture<Metadata> headers = new CompletableFuture<>();
  private final BlockingQueue<A> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  private StreamReader(RunningNode node, MethodDescriptor<Q, A> method, int ahead) {
    this.call = node.channel().newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata received) {
            headers.complete(received);
          }

          @Override
          public void onMessage(A message) {
            messages.add(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(ahead);
  }

  /** Opens a server stream that reads all that comes. */
  static <Q, A> StreamReader<Q, A> open(
      RunningNode node, MethodDescriptor<Q, A> method, Q request) {
    return open(node, method, request, Integer.MAX_VALUE);
  }

  /** Opens a server stream that takes {@code ahead} messages and leaves the rest in the network. */
  static <Q, A> StreamReader<Q, A> open(
      RunningNode node, MethodDescriptor<Q, A> method, Q request, int ahead) {
    var reader = new StreamReader<>(node, method, ahead);
    reader.call.sendMessage(request);
    reader.call.halfClose();
    return reader;
  }

  /** Opens a bidirectional stream. */
  static <Q, A> StreamReader<Q, A> open(RunningNode node, MethodDescriptor<Q, A> method) {
    return new StreamReader<>(node, method, Integer.MAX_VALUE);
  }

  void send(Q request) {
    call.sendMessage(request);
  }

  void halfClose() {
    call.halfClose();
  }

  void awaitHeaders() throws Exception {
    headers.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  A next() throws Exception {
    var message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no message came; the call's end: " + end);
    }
    return message;
  }

  List<A> next(int count) throws Exception {
    var list = new ArrayList<A>();
    while (list.size() < count) {
      list.add(next());
    }
    return list;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  void request(int count) {
    call.request(count);
  }

  Status awaitEnd() throws Exception {
    return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    call.cancel("the test is over", null);
  }
}
