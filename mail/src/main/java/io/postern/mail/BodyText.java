package io.postern.mail;

/** The last step from a body to a text. {@code spec/content-types.md} §10.7, "Finally". */
final class BodyText {
  private BodyText() {}

  /** Lines trimmed at their right, at most one blank line in a row, both ends trimmed. */
  static String tidy(String text) {
    var out = new StringBuilder(text.length());
    int blank = 0;
    for (var line : text.split("\n", -1)) {
      var trimmed = trimmedRight(line);
      if (!isVisible(trimmed)) {
        blank++;
        continue;
      }
      if (out.length() > 0) {
        out.append(blank > 0 ? "\n\n" : "\n");
      }
      blank = 0;
      out.append(trimmed);
    }
    return out.toString();
  }

  private static String trimmedRight(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\u00a0' || line.charAt(end - 1) <= ' ')) {
      end--;
    }
    return line.substring(0, end);
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
