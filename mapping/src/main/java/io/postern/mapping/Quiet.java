package io.postern.mapping;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which lines become one mail: those that follow each other closely. design.md §5.2.
 *
 * <p>What belongs together is decided by when the lines were sent, so it is the same after a
 * restart, and days of backlog that arrive in one second do not become one mail. When to stop
 * waiting is decided by when they arrived.
 *
 * @param gap the longest silence inside a mail; zero: each line is a mail of its own
 */
public record Quiet(Duration gap) {
  /** No mail waits longer than this after its first line, nor spans more. */
  public static final Duration LONGEST = Duration.ofMinutes(2);

  /** More lines than this are never one mail. */
  static final int MAX_LINES = 200;

  /**
   * @throws IllegalArgumentException if the gap is negative or longer than {@link #LONGEST}
   */
  public Quiet {
    if (gap.isNegative() || gap.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "quiet is " + gap.toSeconds() + "s; write one from 0s to 2m");
    }
  }

  /**
   * Parts lines into bundles.
   *
   * @param lines all of one sender, recipient and conversation, in the order of arrival
   * @return in the order of sending
   */
  List<OpenBundle> bundles(List<OutboxLine> lines) {
    var sorted = new ArrayList<>(lines);
    sorted.sort(Comparator.comparing(OutboxLine::sentAt));
    var bundles = new ArrayList<OpenBundle>();
    int start = 0;
    for (int i = 1; i <= sorted.size(); i++) {
      if (i == sorted.size() || !joins(sorted, start, i)) {
        var members = sorted.subList(start, i);
        bundles.add(new OpenBundle(members, closesAt(members)));
        start = i;
      }
    }
    return bundles;
  }

  /** Lines of a digest, whose time has come: as few bundles as can be. */
  static List<OpenBundle> collected(List<OutboxLine> lines, Instant closedAt) {
    var sorted = new ArrayList<>(lines);
    sorted.sort(Comparator.comparing(OutboxLine::sentAt));
    var bundles = new ArrayList<OpenBundle>();
    for (int start = 0; start < sorted.size(); start += MAX_LINES) {
      var end = Math.min(start + MAX_LINES, sorted.size());
      bundles.add(new OpenBundle(sorted.subList(start, end), closedAt, true));
    }
    return bundles;
  }

  private boolean joins(List<OutboxLine> lines, int start, int i) {
    var sent = lines.get(i).sentAt();
    return !gap.isZero()
        && i - start < MAX_LINES
        && !sent.isAfter(lines.get(i - 1).sentAt().plus(gap))
        && !sent.isAfter(lines.get(start).sentAt().plus(LONGEST));
  }

  private Instant closesAt(List<OutboxLine> members) {
    var arrivals = members.stream().map(OutboxLine::arrivedAt).sorted().toList();
    var silent = arrivals.get(arrivals.size() - 1).plus(gap);
    var latest = arrivals.get(0).plus(LONGEST);
    return silent.isBefore(latest) ? silent : latest;
  }
}
