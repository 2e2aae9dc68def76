package io.postern.bridge.web;

import io.postern.mapping.Journey;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Journeys as lines of text, for {@code postern journey ID}. They end up in a terminal and hold
 * words that strangers chose, so nothing in them steers it.
 */
final class JourneyText {
  private JourneyText() {}

  static String write(List<Journey> journeys) {
    return journeys.stream().map(JourneyText::write).collect(Collectors.joining("\n"));
  }

  private static String write(Journey journey) {
    var text = new StringBuilder();
    line(text, "journey " + journey.id());
    line(text, "kind    " + JourneyPages.direction(journey.kind()));
    line(text, "begun   " + UtcTime.of(journey.begun()));
    line(text, "outcome " + journey.outcome());
    journey
        .outcomes()
        .forEach((recipient, outcome) -> line(text, "  to " + recipient + ": " + outcome));
    for (var step : journey.steps()) {
      line(text, UtcTime.of(step.at()) + "  " + step.place() + "  " + step.words());
    }
    return text.toString();
  }

  /** Adds one line, in which nothing steers a terminal. */
  static void line(StringBuilder text, String words) {
    words.codePoints().map(c -> isSteering(c) ? '\ufffd' : c).forEach(text::appendCodePoint);
    text.append('\n');
  }

  /** Controls with escape sequences and line ends among them, and what turns the reading order. */
  private static boolean isSteering(int c) {
    return Character.isISOControl(c)
        || c == 0x2028
        || c == 0x2029
        || c == 0x061c
        || c == 0x200e
        || c == 0x200f
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
