package io.postern.mail;

/** Puts a backslash where a character of plain text would act in Markdown. CommonMark §2.4. */
final class MarkdownEscape {
  private static final String ALWAYS = "\\`*[]<>|~";

  private MarkdownEscape() {}

  /**
   * Appends the character at {@code at}.
   *
   * @param startsLine whether it is the first of its line
   */
  static void append(StringBuilder out, String text, int at, boolean startsLine) {
    char c = text.charAt(at);
    boolean acts =
        ALWAYS.indexOf(c) >= 0
            || (c == '_' && !(isWord(text, at - 1) && isWord(text, at + 1)))
            || (c == '&' && at + 1 < text.length() && isEntityStart(text.charAt(at + 1)))
            || (startsLine && (c == '#' || c == '+' || c == '-' || c == '='))
            || ((c == '.' || c == ')') && endsListNumber(out));
    if (acts) {
      out.append('\\');
    }
    out.append(c == '\u00a0' ? ' ' : c);
  }

  private static boolean isEntityStart(char c) {
    return c == '#' || Character.isLetter(c);
  }

  private static boolean isWord(String text, int at) {
    return at >= 0 && at < text.length() && Character.isLetterOrDigit(text.charAt(at));
  }

  /** Whether all that stands on the line so far is a number of up to nine digits. */
  private static boolean endsListNumber(StringBuilder out) {
    int start = out.length();
    while (start > 0 && out.length() - start < 10 && isDigit(out.charAt(start - 1))) {
      start--;
    }
    int digits = out.length() - start;
    while (start > 0 && (out.charAt(start - 1) == ' ' || out.charAt(start - 1) == '>')) {
      start--;
    }
    return digits > 0 && digits < 10 && (start == 0 || out.charAt(start - 1) == '\n');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
