package io.postern.mapping;

import java.time.Instant;
import java.util.List;

/**
 * Lines of one sender to one recipient that will be one mail, unless more of them come first.
 *
 * @param lines at least one, in the order in which they were sent
 * @param closesAt when it is to be closed
 * @param collected whether its mail is to be one with those of others to the recipient
 */
public record OpenBundle(List<OutboxLine> lines, Instant closesAt, boolean collected) {
  /**
   * @throws IllegalArgumentException if there is no line, or the lines are not of one sender,
   *     recipient and conversation
   */
  public OpenBundle {
    lines = List.copyOf(lines);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("a bundle has a line");
    }
    var first = lines.get(0);
    if (!lines.stream().allMatch(first::goesWith)) {
      throw new IllegalArgumentException("the lines of a bundle have one sender and recipient");
    }
  }

  /** A mail of its own. */
  public OpenBundle(List<OutboxLine> lines, Instant closesAt) {
    this(lines, closesAt, false);
  }

  /** The line that names the mail: its Message-ID is made from it. */
  public OutboxLine first() {
    return lines.get(0);
  }

  /** The messages of the lines, in their order. */
  public List<String> messageIds() {
    return lines.stream().map(OutboxLine::messageId).toList();
  }
}
