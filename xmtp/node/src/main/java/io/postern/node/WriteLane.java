package io.postern.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of the database. One thread takes all writes that wait and commits them in one
 * transaction, so the cost of a commit is shared by as many writes as arrive during the one before.
 * The order of the queue is the order of ids, of commits and of {@link Write#committed}, hence of
 * what readers and streams see. Safe for use by several threads.
 */
final class WriteLane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WriteLane.class);

  /** Writes and octets of one transaction at most. */
  private static final int MAX_BATCH_WRITES = 1_000;

  private static final long MAX_BATCH_BYTES = 16L << 20;

  /** Octets that may wait; beyond that callers are told to come back. */
  private static final long MAX_WAITING_BYTES = 256L << 20;

  /** How often files that could not be written are looked at when nobody writes. */
  private static final long REPAIR_PERIOD_MILLIS = 1_000;

  private static final Pending<?> STOP = new Pending<>(transaction -> null, 0);

  /**
   * One write. It may run again if the transaction around it is rolled back because of another
   * write.
   */
  interface Write<T> {
    T run(Transaction transaction);

    /**
     * Called once on the lane's thread when the result is durable, before the caller hears of it.
     */
    default void committed(T result) {}
  }

  private final Storage storage;
  private final LinkedBlockingQueue<Pending<?>> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread;
  private boolean closed;

  private WriteLane(Storage storage) {
    this.storage = storage;
    this.thread = new Thread(this::loop, "node-write-lane");
  }

  static WriteLane open(Storage storage) {
    var lane = new WriteLane(storage);
    lane.thread.start();
    return lane;
  }

  /**
   * Queues a write. The future ends when the write is durable and visible to every reader; it fails
   * with the exception of the write, or with {@link RejectedExecutionException} if too much waits
   * already, there is no room on the disk, or the lane is closed.
   *
   * @param bytes about how many octets it stores
   */
  <T> CompletableFuture<T> submit(long bytes, Write<T> write) {
    var pending = new Pending<>(write, bytes);
    if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
      waitingBytes.addAndGet(-bytes);
      return CompletableFuture.failedFuture(
          new RejectedExecutionException("too much waits to be stored"));
    }
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(new RejectedExecutionException("the node is closed"));
      }
      queue.add(pending);
    }
    return pending.result;
  }

  /** Finishes what is queued, then ends the thread. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      queue.add(STOP);
    }
    var interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    var batch = new ArrayList<Pending<?>>();
    var last = false;
    while (!last) {
      last = fill(batch);
      try {
        store(batch);
      } catch (RuntimeException e) {
        log.error("the node's write lane met a bug", e);
        reject(batch, e);
      }
      batch.clear();
    }
  }

  /**
   * Waits for one write and takes those that wait behind it; after a while without any it returns.
   * Returns whether the lane ends after them.
   */
  private boolean fill(List<Pending<?>> batch) {
    var bytes = 0L;
    var next = take();
    while (next.isPresent() && next.get() != STOP) {
      batch.add(next.get());
      bytes += next.get().bytes;
      if (batch.size() >= MAX_BATCH_WRITES || bytes >= MAX_BATCH_BYTES) {
        break;
      }
      next = Optional.ofNullable(queue.poll());
    }
    waitingBytes.addAndGet(-bytes);
    return next.isPresent() && next.get() == STOP;
  }

  private Optional<Pending<?>> take() {
    try {
      return Optional.ofNullable(queue.poll(REPAIR_PERIOD_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      // Nobody but close() ends this thread, and that by STOP, so that queued writes are finished.
      log.debug("interrupt ignored");
      return Optional.empty();
    }
  }

  private void store(List<Pending<?>> batch) {
    var refusal = storage.refusal(batch.stream().mapToLong(pending -> pending.bytes).sum());
    if (refusal.isPresent()) {
      reject(batch, new RejectedExecutionException(refusal.get()));
    } else if (!batch.isEmpty()) {
      commit(batch);
      storage.keepUp();
    }
  }

  private void commit(List<Pending<?>> batch) {
    try {
      storage.commit(transaction -> batch.forEach(pending -> pending.run(transaction)));
    } catch (IOException | RuntimeException e) {
      if (storage.isBroken()) {
        log.error("the node's files cannot be written; they are opened again", e);
        reject(batch, new RejectedExecutionException("the node could not store it, try again"));
      } else if (batch.size() == 1) {
        batch.get(0).result.completeExceptionally(e);
      } else {
        // One write spoiled the transaction: each alone, so that only that one fails.
        batch.forEach(pending -> commit(List.of(pending)));
      }
      return;
    }
    batch.forEach(Pending::committed);
  }

  private static void reject(List<Pending<?>> batch, RuntimeException reason) {
    batch.forEach(pending -> pending.result.completeExceptionally(reason));
  }

  private static final class Pending<T> {
    private final Write<T> write;
    private final long bytes;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private T value;

    Pending(Write<T> write, long bytes) {
      this.write = write;
      this.bytes = bytes;
    }

    void run(Transaction transaction) {
      value = write.run(transaction);
    }

    void committed() {
      try {
        write.committed(value);
      } catch (RuntimeException e) {
        // Stored all the same, and the caller is told so; whoever was listening missed it by a bug
        // of ours.
        log.error("a listener of the node's log failed", e);
      }
      result.complete(value);
    }
  }
}
