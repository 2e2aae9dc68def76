package io.postern.mail;

/**
 * Writes the lines of a text whose structure comes from elsewhere: line ends, quote marks and list
 * marks are written when the next visible character is, so that none stands for nothing.
 */
final class LineWriter {
  /** Quotes and lists deeper than this are shown as deep as this. */
  private static final int MAX_INDENT = 10;

  private final boolean markdown;
  private final StringBuilder out = new StringBuilder();
  private int quoteDepth;
  private int lastQuoteDepth;
  private int listDepth;
  private int breaks;
  private boolean space;
  private boolean verbatim;
  private String marker = "";

  LineWriter(boolean markdown) {
    this.markdown = markdown;
  }

  /** What stands so far, for those who must look back or take back. */
  StringBuilder written() {
    return out;
  }

  void quote(int deeper) {
    quoteDepth = Math.max(0, quoteDepth + deeper);
  }

  void list(int deeper) {
    listDepth = Math.max(0, listDepth + deeper);
  }

  /** The next character begins an item with this mark. */
  void item(String mark) {
    marker = mark;
  }

  /** Whether words stand where nothing acts in Markdown. */
  void verbatim(boolean nothingActs) {
    verbatim = nothingActs;
  }

  /** Whether something stands on the line already. */
  boolean isInLine() {
    return out.length() > 0 && breaks == 0;
  }

  /** One line end that the author wrote. */
  void lineBreak() {
    if (breaks == 0) {
      breaks = 1;
    } else if (out.length() > 0) {
      breaks = Math.min(breaks + 1, 2);
    }
    space = false;
  }

  /** At least so many line ends before what comes next. */
  void breakLines(int count) {
    if (out.length() > 0 || !marker.isEmpty()) {
      breaks = Math.max(breaks, count);
    }
    space = false;
  }

  /** Words, whose white space is only a space. */
  void text(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        space = true;
      } else if (c != '\u00ad' && c != '\u034f') {
        boolean starts = openLine();
        if (markdown && !verbatim) {
          MarkdownEscape.append(out, text, i, starts);
        } else {
          out.append(c == '\u00a0' ? ' ' : c);
        }
      }
    }
  }

  /** Lines as they are. */
  void preformatted(String text) {
    var lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (i > 0) {
        breaks = Math.min(breaks + 1, 2);
      }
      if (!lines[i].isEmpty()) {
        openLine();
        out.append(lines[i].replace("\r", ""));
      }
    }
  }

  /** A mark of ours, never escaped. */
  void mark(String mark) {
    openLine();
    out.append(mark);
    space = false;
  }

  /**
   * Writes the line ends, quote marks, list mark or space that are due before the next character.
   *
   * @return whether that character is the first of its line
   */
  private boolean openLine() {
    boolean starts = false;
    if (out.length() == 0 || breaks > 0) {
      if (out.length() > 0) {
        for (int i = 1; i < breaks; i++) {
          out.append('\n').append(quoteMarks(Math.min(quoteDepth, lastQuoteDepth)).stripTrailing());
        }
        out.append('\n');
      }
      out.append(quoteMarks(quoteDepth));
      int indent = Math.min(listDepth, MAX_INDENT) - (marker.isEmpty() ? 0 : 1);
      out.append(markdown || !marker.isEmpty() ? "  ".repeat(Math.max(0, indent)) : "");
      out.append(marker);
      starts = true;
    } else if (space && out.charAt(out.length() - 1) != ' ') {
      out.append(' ');
    }
    lastQuoteDepth = quoteDepth;
    marker = "";
    breaks = 0;
    space = false;
    return starts;
  }

  private static String quoteMarks(int depth) {
    return "> ".repeat(Math.min(depth, MAX_INDENT));
  }
}
