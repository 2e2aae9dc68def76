package io.postern.mail;

/** Paragraphs that the reader's window wraps. RFC 3676, {@code format=flowed}. */
final class FlowedText {
  /** RFC 3676 §4.2: lines of 78 characters or fewer; we stay below. */
  private static final int WRAP_AT = 72;

  /** What is quoted more often than this is shown as quoted this often. */
  private static final int MAX_QUOTE_DEPTH = 100;

  /** The depth of no paragraph: the next line begins one. */
  private static final int CLOSED = -1;

  private static final String SIGNATURE = "-- ";

  private FlowedText() {}

  /**
   * Joins what was wrapped and takes the stuffing away. RFC 3676 §4.1 and §4.4.
   *
   * @param text with LF line ends
   * @param deleteSpace {@code DelSp=yes}, §4.1
   * @return one line per paragraph; quoted ones begin with {@code "> "} per level
   */
  static String read(String text, boolean deleteSpace) {
    var out = new StringBuilder(text.length());
    boolean first = true;
    int openDepth = CLOSED;
    for (var line : text.split("\n", -1)) {
      int depth = 0;
      while (depth < line.length() && line.charAt(depth) == '>') {
        depth++;
      }
      var content = line.substring(depth);
      if (content.startsWith(" ")) {
        content = content.substring(1);
      }
      boolean signature = content.equals(SIGNATURE);
      boolean soft = content.endsWith(" ") && !signature;
      // §4.5: a paragraph ends where the depth changes, and before a signature.
      if (openDepth != depth || signature) {
        out.append(first ? "" : "\n").append("> ".repeat(Math.min(depth, MAX_QUOTE_DEPTH)));
      }
      out.append(soft && deleteSpace ? content.substring(0, content.length() - 1) : content);
      openDepth = soft ? depth : CLOSED;
      first = false;
    }
    return out.toString();
  }

  /**
   * Wraps and stuffs one body. Trailing spaces go, since they would join lines; a line that would
   * be taken for a signature separator gets U+200B after its first hyphen ({@code
   * spec/content-types.md} §10.5).
   *
   * @param text with LF line ends
   * @return with LF line ends
   */
  static String write(String text) {
    var out = new StringBuilder(text.length() + text.length() / 40);
    for (var line : text.split("\n", -1)) {
      var paragraph = line.stripTrailing();
      if (paragraph.equals("--") && line.startsWith(SIGNATURE)) {
        paragraph = "-\u200b-";
      }
      writeParagraph(out, paragraph);
    }
    return out.toString();
  }

  private static void writeParagraph(StringBuilder out, String paragraph) {
    int start = 0;
    do {
      int end = wrapAt(paragraph, start);
      var piece = paragraph.substring(start, end);
      if (piece.startsWith(" ") || piece.startsWith(">") || piece.startsWith("From ")) {
        out.append(' ');
      }
      out.append(piece).append('\n');
      start = end;
    } while (start < paragraph.length());
  }

  /** The end of the piece that begins at {@code start}: after a space, or the end of the text. */
  private static int wrapAt(String paragraph, int start) {
    int best = -1;
    int width = 0;
    for (int i = start; i < paragraph.length(); ) {
      int c = paragraph.codePointAt(i);
      i += Character.charCount(c);
      width++;
      boolean mayBreak =
          c == ' '
              && i < paragraph.length()
              && paragraph.charAt(i) != ' '
              && !paragraph.substring(start, i).equals(SIGNATURE);
      if (mayBreak && (width <= WRAP_AT || best < 0)) {
        best = i;
      }
      if (width > WRAP_AT && best > 0) {
        return best;
      }
    }
    return paragraph.length();
  }
}
