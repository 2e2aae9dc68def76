package io.postern.xmtp.store;

import java.util.Collections;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which of the hosted inboxes of a database this process works for: those whose wallet, by its
 * index modulo the number of parts, falls into one of its parts. An inbox without such an index is
 * of part 0. Other processes have the other parts; what is not ours is neither followed nor
 * changed.
 *
 * @param parts into how many the inboxes are divided, from 1
 * @param ours the numbers of our parts, from 0; at least one
 */
public record Lease(int parts, SortedSet<Integer> ours) {
  /** All inboxes. */
  public static final Lease ALL = new Lease(1, new TreeSet<>(Set.of(0)));

  /**
   * @throws IllegalArgumentException if there is no part of ours, or none of that number
   */
  public Lease {
    ours = Collections.unmodifiableSortedSet(new TreeSet<>(ours));
    if (ours.isEmpty() || ours.first() < 0 || ours.last() >= parts) {
      throw new IllegalArgumentException("no such parts of " + parts + ": " + ours);
    }
  }

  /** Whether every inbox is ours. */
  public boolean isAll() {
    return ours.size() == parts;
  }

  /** Whether the inbox of this wallet is ours. */
  public boolean has(OptionalLong walletIndex) {
    return ours.contains((int) (walletIndex.orElse(0) % parts));
  }

  /** Whether part 0 is ours, and with it what has to be done by one process for all. */
  public boolean hasFirst() {
    return ours.first() == 0;
  }

  /**
   * An SQL condition for it.
   *
   * @param walletIndex an expression for the index; null where there is none
   */
  public String has(String walletIndex) {
    return isAll()
        ? "true"
        : "mod(coalesce("
            + walletIndex
            + ", 0), "
            + parts
            + ") in ("
            + ours.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + ")";
  }

  /** An SQL condition for rows of an installation; the empty text if all are ours. */
  String andHas(String installation) {
    return isAll()
        ? ""
        : " and "
            + installation
            + " in (select installation_id from hosted_inbox where "
            + has("wallet_index")
            + ")";
  }
}
