package io.postern.node;

/** Somebody who hears of new entries right after their commit, in the order of ids. */
interface LiveFeed<E> {
  /** Called on the {@link WriteLane}'s thread: must neither block nor throw. */
  void publish(LogEntry<E> entry);
}
