package io.postern.mail;

import java.util.regex.Pattern;

/** The last step from a body to a text. {@code spec/content-types.md} §10.7, "Finally". */
final class BodyText {
  private static final Pattern LINE_END_SPACE = Pattern.compile("[ \\t\\u00a0]+(?=\\n|\\z)");
  private static final Pattern BLANK_LINES = Pattern.compile("\\n{3,}");

  private BodyText() {}

  /** Lines trimmed at their right, at most one blank line in a row, both ends trimmed. */
  static String tidy(String text) {
    var trimmed = LINE_END_SPACE.matcher(text).replaceAll("");
    var joined = BLANK_LINES.matcher(trimmed).replaceAll("\n\n");
    int start = 0;
    while (start < joined.length() && joined.charAt(start) == '\n') {
      start++;
    }
    return joined.substring(start).stripTrailing();
  }

  /** Whether a reader would see anything. */
  static boolean isVisible(String text) {
    return text.codePoints()
        .anyMatch(
            c ->
                !Character.isWhitespace(c)
                    && !Character.isSpaceChar(c)
                    && Character.getType(c) != Character.FORMAT);
  }
}
