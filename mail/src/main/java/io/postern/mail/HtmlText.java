package io.postern.mail;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.parser.Parser;
import org.jsoup.select.NodeFilter;
import org.jsoup.select.NodeTraversor;

/**
 * Writes an HTML document as lines of text, plain or Markdown. {@code spec/content-types.md} §10.7.
 *
 * <p>One pass over the tree without recursion; what is hidden is passed over whole.
 */
final class HtmlText implements NodeFilter {
  private static final Set<String> DROPPED =
      Set.of("head", "script", "style", "template", "title", "noscript", "object", "svg", "math");

  /** Elements that stand apart from their neighbours by an empty line. */
  private static final Set<String> PARAGRAPHS =
      Set.of(
          "p",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "ul",
          "ol",
          "dl",
          "table",
          "blockquote",
          "pre",
          "hr",
          "figure");

  /** Elements that begin and end a line. */
  private static final Set<String> LINES =
      Set.of(
          "div",
          "li",
          "tr",
          "dt",
          "dd",
          "section",
          "article",
          "header",
          "footer",
          "main",
          "aside",
          "nav",
          "address",
          "center",
          "form",
          "fieldset",
          "figcaption",
          "caption",
          "body");

  private static final Pattern HIDDEN =
      Pattern.compile(
          "(?i)(?:^|;)\\s*(?:display\\s*:\\s*none|visibility\\s*:\\s*hidden"
              + "|font-size\\s*:\\s*0(?:\\.0+)?(?:px|pt|em|%)?\\s*(?:;|!|$)"
              + "|max-height\\s*:\\s*0(?:px|pt|em|%)?\\s*(?:;|!|$)|mso-hide\\s*:\\s*all)");

  /** Quotes and lists deeper than this are shown as deep as this. */
  private static final int MAX_INDENT = 10;

  /** The cost of parsing grows with the depth. */
  private static final int MAX_DEPTH = 100;

  private final boolean markdown;
  private final Map<String, String> imageNames;
  private final StringBuilder out = new StringBuilder();
  private final Deque<Integer> lists = new ArrayDeque<>();
  private final Deque<Integer> linkStarts = new ArrayDeque<>();
  private final Deque<Integer> styleStarts = new ArrayDeque<>();
  private int quoteDepth;
  private int lastQuoteDepth;
  private int breaks;
  private int preDepth;
  private int cellsInRow;
  private boolean space;
  private String marker = "";
  private boolean lineHasText;

  private HtmlText(boolean markdown, Map<String, String> imageNames) {
    this.markdown = markdown;
    this.imageNames = imageNames;
  }

  /** Parses leniently, as browsers do; what is nested deeper than any letter is made flat. */
  static Document parse(String html) {
    var parser = Parser.htmlParser();
    parser.setMaxDepth(MAX_DEPTH);
    return Jsoup.parse(html, "", parser);
  }

  /**
   * @param imageNames file names by Content-ID, for images that have no text of their own
   */
  static String write(Document document, boolean markdown, Map<String, String> imageNames) {
    var text = new HtmlText(markdown, imageNames);
    NodeTraversor.filter(text, document.body());
    return BodyText.tidy(SafeText.lines(text.out.toString()));
  }

  @Override
  public FilterResult head(Node node, int depth) {
    if (node instanceof TextNode text) {
      text(text.getWholeText());
      return FilterResult.CONTINUE;
    }
    if (!(node instanceof Element element)) {
      return FilterResult.SKIP_ENTIRELY;
    }
    if (DROPPED.contains(element.normalName()) || isHidden(element)) {
      return FilterResult.SKIP_ENTIRELY;
    }
    begin(element);
    return FilterResult.CONTINUE;
  }

  @Override
  public FilterResult tail(Node node, int depth) {
    if (node instanceof Element element) {
      end(element);
    }
    return FilterResult.CONTINUE;
  }

  static boolean isHidden(Element element) {
    return element.hasAttr("hidden") || HIDDEN.matcher(element.attr("style")).find();
  }

  /** A picture of one pixel, which only tells its sender that the mail was read. */
  static boolean isPixel(Element image) {
    return image.attr("width").equals("1") || image.attr("height").equals("1");
  }

  private void begin(Element element) {
    var name = element.normalName();
    if (PARAGRAPHS.contains(name)) {
      // A list inside a list continues it.
      breakLines((name.equals("ul") || name.equals("ol")) && !lists.isEmpty() ? 1 : 2);
    } else if (LINES.contains(name)) {
      breakLines(1);
    }
    switch (name) {
      case "br" -> lineBreak();
      case "blockquote" -> quoteDepth++;
      case "pre" -> {
        preDepth++;
        if (markdown) {
          mark("```");
          breakLines(1);
        }
      }
      case "ul" -> lists.push(-1);
      case "ol" -> lists.push(0);
      case "li" -> beginItem();
      case "tr" -> cellsInRow = 0;
      case "td", "th" -> {
        if (cellsInRow++ > 0 && lineHasText && breaks == 0) {
          mark(" | ");
        }
      }
      case "hr" -> {
        if (markdown) {
          mark("---");
          breakLines(2);
        }
      }
      case "img" -> image(element);
      case "a" -> beginLink(element);
      default -> beginStyle(name);
    }
  }

  private void end(Element element) {
    var name = element.normalName();
    switch (name) {
      case "blockquote" -> quoteDepth = Math.max(0, quoteDepth - 1);
      case "pre" -> {
        preDepth = Math.max(0, preDepth - 1);
        if (markdown) {
          breakLines(1);
          mark("```");
        }
      }
      case "ul", "ol" -> lists.poll();
      case "a" -> endLink(element);
      default -> endStyle(name);
    }
    if (PARAGRAPHS.contains(name)) {
      breakLines((name.equals("ul") || name.equals("ol")) && !lists.isEmpty() ? 1 : 2);
    } else if (LINES.contains(name)) {
      breakLines(1);
    }
  }

  private void beginItem() {
    if (lists.isEmpty()) {
      marker = "- ";
    } else {
      int number = lists.pop();
      marker = number < 0 ? "- " : (number + 1) + ". ";
      lists.push(number < 0 ? number : number + 1);
    }
  }

  private void beginStyle(String name) {
    if (!markdown) {
      return;
    }
    switch (name) {
      case "b", "strong" -> styleStart("**");
      case "i", "em" -> styleStart("*");
      case "s", "del", "strike" -> styleStart("~~");
      case "code", "tt" -> {
        if (preDepth == 0) {
          styleStart("`");
        }
      }
      case "h1", "h2", "h3", "h4", "h5", "h6" -> mark("#".repeat(name.charAt(1) - '0') + " ");
      default -> {}
    }
  }

  private void endStyle(String name) {
    if (!markdown) {
      return;
    }
    switch (name) {
      case "b", "strong" -> styleEnd("**");
      case "i", "em" -> styleEnd("*");
      case "s", "del", "strike" -> styleEnd("~~");
      case "code", "tt" -> {
        if (preDepth == 0) {
          styleEnd("`");
        }
      }
      default -> {}
    }
  }

  private void styleStart(String mark) {
    mark(mark);
    styleStarts.push(out.length());
  }

  /** Ends a style at the last visible character; takes it back if nothing stood inside. */
  private void styleEnd(String mark) {
    int start = styleStarts.isEmpty() ? -1 : styleStarts.pop();
    if (start == out.length() && start >= mark.length()) {
      out.setLength(start - mark.length());
    } else if (start >= 0) {
      out.append(mark);
    }
  }

  private void beginLink(Element link) {
    if (markdown && isShown(link)) {
      mark("[");
    }
    linkStarts.push(out.length());
  }

  private void endLink(Element link) {
    int start = linkStarts.isEmpty() ? out.length() : Math.min(linkStarts.pop(), out.length());
    if (!isShown(link)) {
      return;
    }
    var url = url(link);
    var text = out.substring(start).strip();
    if (markdown) {
      if (text.isEmpty()) {
        // A link around an image that is not shown: nothing to click on.
        out.setLength(Math.max(0, start - 1));
      } else {
        out.append("](").append(url.replace("(", "%28").replace(")", "%29")).append(')');
      }
    } else if (!text.isEmpty() && !sameTarget(text, url)) {
      out.append(" (").append(url).append(')');
    }
  }

  private boolean isShown(Element link) {
    var url = url(link).toLowerCase(Locale.ROOT);
    return url.startsWith("http://") || url.startsWith("https://") || url.startsWith("mailto:");
  }

  private static String url(Element link) {
    return SafeText.line(link.attr("href"), 2000).replace(" ", "%20");
  }

  private static boolean sameTarget(String text, String url) {
    return bare(text).equals(bare(url));
  }

  private static String bare(String url) {
    return url.toLowerCase(Locale.ROOT).replaceAll("^(https?://|mailto:)(www\\.)?|/$", "");
  }

  private void image(Element image) {
    var alt = SafeText.line(image.attr("alt"), 200);
    var source = image.attr("src").strip();
    var lower = source.toLowerCase(Locale.ROOT);
    if (isPixel(image)) {
      return;
    }
    if (lower.startsWith("cid:") || lower.startsWith("data:")) {
      var name = alt.isEmpty() && lower.startsWith("cid:") ? imageName(source) : alt;
      // An emoji sent as a picture reads best as itself.
      text(Emoji.isEmoji(name) ? name : "[image: " + (name.isEmpty() ? "?" : name) + "]");
    } else if (!alt.isEmpty()) {
      text(alt);
    }
  }

  private String imageName(String source) {
    return imageNames.getOrDefault(source.substring("cid:".length()), "");
  }

  private void lineBreak() {
    if (breaks == 0) {
      breaks = 1;
    } else if (lineHasText || out.length() > 0) {
      breaks = Math.min(breaks + 1, 2);
    }
    space = false;
  }

  private void breakLines(int count) {
    if (out.length() > 0 || !marker.isEmpty()) {
      breaks = Math.max(breaks, count);
    }
    space = false;
  }

  private void text(String text) {
    if (preDepth > 0) {
      preformatted(text);
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        space = true;
      } else if (c != '\u00ad') {
        boolean starts = openLine();
        if (markdown) {
          MarkdownEscape.append(out, text, i, starts);
        } else {
          out.append(c == '\u00a0' ? ' ' : c);
        }
      }
    }
  }

  private void preformatted(String text) {
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

  /** Writes a mark of ours, never escaped. */
  private void mark(String mark) {
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
      int indent = Math.min(lists.size(), MAX_INDENT) - (marker.isEmpty() ? 0 : 1);
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
    lineHasText = true;
    return starts;
  }

  private static String quoteMarks(int depth) {
    return "> ".repeat(Math.min(depth, MAX_INDENT));
  }
}
