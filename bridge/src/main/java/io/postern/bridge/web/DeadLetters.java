package io.postern.bridge.web;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The mails that were given up, either way, as their operator sees and settles them. design.md §6.
 * May be used by several threads.
 */
public interface DeadLetters {
  /** As many are tried again in one go; more need another. */
  int RETRIED_AT_ONCE = 1000;

  /**
   * What was given up last comes first.
   *
   * @param to whatever somebody typed: a domain or a mailbox; empty: all
   * @param count how many at most
   */
  List<DeadLetter> find(String to, int count) throws IOException;

  /**
   * One of them.
   *
   * @param id whatever somebody typed
   */
  Optional<DeadLetter> byId(String id) throws IOException;

  /**
   * Tries one again, as long as if it were new.
   *
   * @return whether it was there
   */
  boolean retry(String id) throws IOException;

  /**
   * Tries all of them again that {@link #find} finds, {@link #RETRIED_AT_ONCE} at most.
   *
   * @return how many
   */
  int retryAll(String to) throws IOException;

  /**
   * Forgets one for good.
   *
   * @return whether it was there
   */
  boolean drop(String id) throws IOException;
}
