package io.postern.mapping;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * The beginning of a text that is too long to be shown: it ends between words where it can, never
 * inside a link, a character of several code points or a mark of Markdown, and leaves none open.
 * spec/content-types.md §10.6, "text &gt; 10,000 characters".
 */
final class Beginning {
  /** So far before the limit a space is looked for. */
  private static final int MAX_WORD = 200;

  /** A link that is longer than this is cut like any word. */
  private static final int MAX_LINK = 2100;

  /** UAX 29: what a reader takes for one character. */
  private static final Pattern CLUSTER = Pattern.compile("\\X");

  private static final Pattern LINK = Pattern.compile("(?i)(?:https?://|mailto:)[^\\s<>]*");

  private Beginning() {}

  /**
   * @param characters code points at most, not counting marks that close what is open
   */
  static String ofText(String text, int characters) {
    return text.substring(0, end(text, limit(text, characters))).stripTrailing();
  }

  /** The same of Markdown as {@code HtmlToMarkdown} writes it. */
  static String ofMarkdown(String markdown, int characters) {
    int limit = limit(markdown, characters);
    var marks = new Marks(markdown);
    marks.readTo(end(markdown, limit));
    if (marks.link >= 0 && marks.position - marks.link < MAX_LINK) {
      int before = marks.link;
      marks = new Marks(markdown);
      marks.readTo(before);
    }
    return marks.closed(markdown.substring(0, marks.position).stripTrailing());
  }

  private static int limit(String text, int characters) {
    return text.codePointCount(0, text.length()) <= characters
        ? text.length()
        : text.offsetByCodePoints(0, characters);
  }

  private static int end(String text, int limit) {
    if (limit == text.length()) {
      return limit;
    }
    int word = limit;
    while (word > 0 && limit - word < MAX_WORD && !Character.isWhitespace(text.charAt(word))) {
      word--;
    }
    boolean spaced = word > 0 && Character.isWhitespace(text.charAt(word));
    int end = spaced ? word : cluster(text, limit);
    var link = LINK.matcher(text).region(Math.max(0, limit - MAX_LINK), text.length());
    while (link.find() && link.start() < end) {
      if (link.end() > end && link.start() > 0 && link.end() - link.start() < MAX_LINK) {
        return link.start();
      }
    }
    return end;
  }

  /** The last end of a character at or before the limit; the limit if one is longer than that. */
  private static int cluster(String text, int limit) {
    int from = Math.max(0, limit - MAX_WORD);
    if (from > 0 && Character.isLowSurrogate(text.charAt(from))) {
      from--;
    }
    var clusters = CLUSTER.matcher(text).region(from, Math.min(text.length(), limit + MAX_WORD));
    int end = from;
    while (clusters.find() && clusters.end() <= limit) {
      end = clusters.end();
    }
    return end > from ? end : limit;
  }

  /** A mark that acts until it comes again. */
  private record Mark(String text, int position) {}

  /** Which marks are open at a place of a Markdown text; all that act there are ours. */
  private static final class Marks {
    private final String text;
    private final Deque<Mark> open = new ArrayDeque<>();
    private String fence = "";
    private int position;

    /** Where the link begins that the position stands in; -1 if in none. */
    private int link = -1;

    private boolean inTarget;

    Marks(String text) {
      this.text = text;
    }

    /** Reads to the end, or to before the mark that the end would split. */
    void readTo(int end) {
      while (position < end) {
        int length = length();
        if (position + length > end) {
          return;
        }
        act(text.substring(position, position + length));
        position += length;
      }
    }

    /** How long the mark or character is that stands here. */
    private int length() {
      char c = text.charAt(position);
      if (c == '`') {
        int length = 1;
        while (position + length < text.length() && text.charAt(position + length) == '`') {
          length++;
        }
        return length;
      }
      boolean two =
          !isCode()
              && ((c == '\\' && position + 1 < text.length())
                  || (c == ']' && link >= 0 && text.startsWith("](", position))
                  || (!inTarget
                      && (text.startsWith("**", position) || text.startsWith("~~", position))));
      return two ? 2 : 1;
    }

    private boolean isCode() {
      return !fence.isEmpty() || !open.isEmpty() && open.peek().text().startsWith("`");
    }

    private void act(String mark) {
      if (mark.startsWith("`")) {
        backticks(mark);
      } else if (isCode()) {
        return;
      } else if (inTarget) {
        inTarget = !mark.equals(")");
        link = inTarget ? link : -1;
      } else if (mark.equals("[") && link < 0) {
        link = position;
      } else if (mark.equals("](")) {
        inTarget = true;
      } else if (mark.equals("]")) {
        link = -1;
      } else if (mark.equals("*") || mark.equals("**") || mark.equals("~~")) {
        toggle(mark);
      }
    }

    private void backticks(String run) {
      boolean startsLine = position == 0 || text.charAt(position - 1) == '\n';
      if (!fence.isEmpty()) {
        fence = startsLine && run.equals(fence) ? "" : fence;
      } else if (run.length() >= 3 && startsLine && !isCode()) {
        fence = run;
      } else if (!isCode() || open.peek().text().equals(run)) {
        toggle(run);
      }
    }

    private void toggle(String mark) {
      if (!open.isEmpty() && open.peek().text().equals(mark)) {
        open.pop();
      } else {
        open.push(new Mark(mark, position));
      }
    }

    /** The beginning with what closes all that is open, and without what was only just opened. */
    String closed(String beginning) {
      if (!fence.isEmpty()) {
        return beginning + "\n" + fence;
      }
      var kept = beginning;
      while (!open.isEmpty()
          && open.peek().position() + open.peek().text().length() >= kept.length()) {
        kept = kept.substring(0, open.pop().position()).stripTrailing();
      }
      var closing = new StringBuilder(kept);
      open.forEach(mark -> closing.append(mark.text()));
      return closing.toString();
    }
  }
}
