package io.postern.node;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jdbi.v3.core.ConnectionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a call of one request and one response ends: with a value, a refusal, or a fault of the
 * node's own.
 */
final class Answer {
  private static final Logger log = LoggerFactory.getLogger(Answer.class);

  /** What a method does to find its answer. */
  interface Work<A> {
    A run() throws RefusedException;
  }

  private Answer() {}

  /** Answers at once. */
  static <A> void to(StreamObserver<A> reply, Work<A> work) {
    A answer;
    try {
      answer = work.run();
    } catch (RefusedException e) {
      reply.onError(e.status().asRuntimeException());
      return;
    } catch (RuntimeException e) {
      reply.onError(fault(e).asRuntimeException());
      return;
    }
    reply.onNext(answer);
    reply.onCompleted();
  }

  /** Answers when the executor has come to it; a client whose turn will not come is told so. */
  static <A> void on(Executor executor, StreamObserver<A> reply, Work<A> work) {
    try {
      executor.execute(() -> to(reply, work));
    } catch (RejectedExecutionException e) {
      reply.onError(
          Status.UNAVAILABLE
              .withDescription("too many wait for the same, try again")
              .asRuntimeException());
    }
  }

  /**
   * The network takes lists of any length; this node bounds what one request may make it do.
   *
   * @throws RefusedException if there are too many
   */
  static void checkCount(String what, int count, int most) throws RefusedException {
    if (count > most) {
      throw RefusedException.invalid(
          "the request has %d %s, at most %d are taken at once".formatted(count, what, most));
    }
  }

  /** Answers when the work is durable. */
  static <A> void later(StreamObserver<A> reply, Work<CompletableFuture<A>> work) {
    CompletableFuture<A> stored;
    try {
      stored = work.run();
    } catch (RefusedException e) {
      reply.onError(e.status().asRuntimeException());
      return;
    } catch (RuntimeException e) {
      reply.onError(fault(e).asRuntimeException());
      return;
    }
    stored.whenComplete(
        (answer, failure) -> {
          if (failure != null) {
            reply.onError(fault(failure).asRuntimeException());
          } else {
            reply.onNext(answer);
            reply.onCompleted();
          }
        });
  }

  private static Status fault(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof RejectedExecutionException) {
      return Status.UNAVAILABLE.withDescription(cause.getMessage());
    }
    if (cause instanceof ConnectionException) {
      return Status.UNAVAILABLE.withDescription("the node's files cannot be read now, try again");
    }
    log.error("the node failed to answer", cause);
    return Status.INTERNAL.withDescription("the node failed to store or read; its log says why");
  }
}
