package io.postern.bridge.web;

import java.util.List;
import java.util.Optional;

/**
 * Dead letters as lines of text, for {@code postern dead}, whether they come from the daemon or
 * from its database. Nothing in them steers a terminal.
 */
public final class DeadText {
  /** So many are listed, the newest. */
  public static final int LISTED = 10_000;

  private static final String NONE = "there is no such dead letter; it may have expired\n";

  private DeadText() {}

  /**
   * @param letters {@link #LISTED} at most
   */
  public static String write(List<DeadLetter> letters) {
    if (letters.isEmpty()) {
      return "there are no dead letters\n";
    }
    var text = new StringBuilder();
    for (var letter : letters) {
      JourneyText.line(
          text,
          UtcTime.of(letter.at())
              + "  "
              + letter.id()
              + "  from "
              + letter.from()
              + " to "
              + String.join(", ", letter.to())
              + ": "
              + letter.reason());
    }
    if (letters.size() >= LISTED) {
      text.append("There may be more: these are the newest.\n");
    }
    return text.toString();
  }

  /** All that is said of one. */
  public static String write(Optional<DeadLetter> found) {
    if (found.isEmpty()) {
      return NONE;
    }
    var letter = found.get();
    var text = new StringBuilder();
    JourneyText.line(text, "dead letter " + letter.id());
    JourneyText.line(text, "given up  " + UtcTime.of(letter.at()));
    JourneyText.line(
        text,
        "tried     since " + UtcTime.of(letter.since()) + ", " + letter.attempts() + " times");
    JourneyText.line(text, "from      " + letter.from());
    letter.to().forEach(to -> JourneyText.line(text, "to        " + to));
    JourneyText.line(text, "octets    " + letter.octets());
    JourneyText.line(text, "reason    " + letter.reason());
    JourneyText.line(text, "journey   " + letter.journey());
    return text.toString();
  }

  /** What to say once one is tried again, or was not there. */
  public static String retried(boolean was) {
    return was ? "it is tried again\n" : NONE;
  }

  /**
   * What to say once all are tried again.
   *
   * @param count how many
   */
  public static String retried(int count) {
    return count
        + " tried again"
        + (count >= DeadLetters.RETRIED_AT_ONCE ? "; there may be more: repeat it\n" : "\n");
  }

  /** What to say once one is forgotten, or was not there. */
  public static String dropped(boolean was) {
    return was ? "it is forgotten\n" : NONE;
  }
}
