package io.postern.mail;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  /** The cost of parsing grows with the depth. */
  private static final int MAX_DEPTH = 100;

  private final boolean markdown;
  private final Map<String, String> imageNames;
  private final LineWriter lines;
  private final StringBuilder out;
  private final Deque<Integer> lists = new ArrayDeque<>();
  private final Deque<Integer> linkStarts = new ArrayDeque<>();
  private final Deque<Integer> styleStarts = new ArrayDeque<>();
  private int preDepth;
  private int codeDepth;
  private int cellsInRow;

  private HtmlText(boolean markdown, Map<String, String> imageNames) {
    this.markdown = markdown;
    this.imageNames = imageNames;
    this.lines = new LineWriter(markdown);
    this.out = lines.written();
  }

  /** Parses leniently, as browsers do; what is nested deeper than any letter is made flat. */
  static Document parse(String html) {
    var parser = Parser.htmlParser();
    parser.setMaxDepth(MAX_DEPTH);
    var document = Jsoup.parse(html, "", parser);
    OfficeLists.mark(document);
    return document;
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
    if (DROPPED.contains(element.normalName()) || HiddenHtml.isHidden(element)) {
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

  private void begin(Element element) {
    var name = element.normalName();
    if (PARAGRAPHS.contains(name)) {
      // A list inside a list continues it.
      lines.breakLines((name.equals("ul") || name.equals("ol")) && !lists.isEmpty() ? 1 : 2);
    } else if (LINES.contains(name)) {
      lines.breakLines(1);
    }
    switch (name) {
      case "br" -> lines.lineBreak();
      case "blockquote" -> lines.quote(1);
      case "pre" -> {
        preDepth++;
        if (markdown) {
          lines.mark(fence(element));
          lines.breakLines(1);
        }
      }
      case "ul" -> beginList(-1);
      case "ol" -> beginList(0);
      case "li" -> beginItem();
      case "tr" -> cellsInRow = 0;
      case "td", "th" -> {
        if (cellsInRow++ > 0 && lines.isInLine()) {
          lines.mark(" | ");
        }
      }
      case "hr" -> {
        if (markdown) {
          lines.mark("---");
          lines.breakLines(2);
        }
      }
      case "img" -> image(element);
      case "a" -> beginLink(element);
      default -> beginStyle(element);
    }
  }

  private void end(Element element) {
    var name = element.normalName();
    switch (name) {
      case "blockquote" -> lines.quote(-1);
      case "pre" -> {
        preDepth = Math.max(0, preDepth - 1);
        if (markdown) {
          lines.breakLines(1);
          lines.mark(fence(element));
        }
      }
      case "ul", "ol" -> {
        if (lists.poll() != null) {
          lines.list(-1);
        }
      }
      case "a" -> endLink(element);
      default -> endStyle(element);
    }
    if (PARAGRAPHS.contains(name)) {
      lines.breakLines((name.equals("ul") || name.equals("ol")) && !lists.isEmpty() ? 1 : 2);
    } else if (LINES.contains(name)) {
      lines.breakLines(1);
    }
  }

  private void text(String text) {
    if (preDepth > 0) {
      lines.preformatted(text);
    } else {
      lines.text(LinkWrapper.unwrapAll(text));
    }
  }

  private void beginList(int number) {
    lists.push(number);
    lines.list(1);
  }

  private void beginItem() {
    if (lists.isEmpty()) {
      lines.item("- ");
    } else {
      int number = lists.pop();
      lines.item(number < 0 ? "- " : (number + 1) + ". ");
      lists.push(number < 0 ? number : number + 1);
    }
  }

  /** CommonMark §4.5: longer than what stands inside, which so cannot end it. */
  private static String fence(Element pre) {
    return "`".repeat(Math.max(3, longestRun(pre.wholeText()) + 1));
  }

  private static int longestRun(String text) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < text.length(); i++) {
      run = text.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /** CommonMark §6.1: nothing acts inside, but no run of so many backticks may stand there. */
  private void beginCode(Element code) {
    if (codeDepth++ == 0) {
      int run = longestRun(code.wholeText());
      styleStart("`".repeat(run + 1) + (run > 0 ? " " : ""));
      lines.verbatim(true);
    }
  }

  private void endCode(Element code) {
    if (--codeDepth == 0) {
      int run = longestRun(code.wholeText());
      lines.verbatim(false);
      styleEnd((run > 0 ? " " : "") + "`".repeat(run + 1));
    }
  }

  private void beginStyle(Element element) {
    var name = element.normalName();
    if (!markdown || (codeDepth > 0 && !isCode(name))) {
      return;
    }
    switch (name) {
      case "b", "strong" -> styleStart("**");
      case "i", "em" -> styleStart("*");
      case "s", "del", "strike" -> styleStart("~~");
      case "code", "tt" -> {
        if (preDepth == 0) {
          beginCode(element);
        }
      }
      case "h1", "h2", "h3", "h4", "h5", "h6" -> lines.mark("#".repeat(name.charAt(1) - '0') + " ");
      default -> {}
    }
  }

  private void endStyle(Element element) {
    var name = element.normalName();
    if (!markdown || (codeDepth > 0 && !isCode(name))) {
      return;
    }
    switch (name) {
      case "b", "strong" -> styleEnd("**");
      case "i", "em" -> styleEnd("*");
      case "s", "del", "strike" -> styleEnd("~~");
      case "code", "tt" -> {
        if (preDepth == 0) {
          endCode(element);
        }
      }
      default -> {}
    }
  }

  private static boolean isCode(String name) {
    return name.equals("code") || name.equals("tt");
  }

  private void styleStart(String mark) {
    lines.mark(mark);
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
      lines.mark("[");
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
    if (codeDepth > 0) {
      return false;
    }
    var url = url(link).toLowerCase(Locale.ROOT);
    return url.startsWith("http://") || url.startsWith("https://") || url.startsWith("mailto:");
  }

  private static String url(Element link) {
    return SafeText.line(LinkWrapper.unwrap(link.attr("href").strip()), 2000).replace(" ", "%20");
  }

  private static boolean sameTarget(String text, String url) {
    return bare(text).equals(bare(url));
  }

  private static String bare(String url) {
    return url.toLowerCase(Locale.ROOT).replaceAll("^(https?://|mailto:)(www\\.)?|/$", "");
  }

  private void image(Element image) {
    var alt = alternative(image);
    var source = image.attr("src").strip();
    var lower = source.toLowerCase(Locale.ROOT);
    if (HiddenHtml.isPixel(image)) {
      return;
    }
    if (lower.startsWith("cid:") || lower.startsWith("data:")) {
      var name = alt.isEmpty() && lower.startsWith("cid:") ? imageName(source) : alt;
      // An emoji sent as a picture reads best as itself.
      text(Emoji.isEmoji(name) ? name : place(name));
    } else if (!alt.isEmpty()) {
      text(alt);
    }
  }

  /** What stands in the text where a picture stood. */
  static String place(String name) {
    return "[image: " + (name.isEmpty() ? "?" : name) + "]";
  }

  /** What a picture of the mail is called by its HTML; empty if it is not. */
  static String alternative(Element image) {
    return SafeText.line(image.attr("alt"), 200);
  }

  private String imageName(String source) {
    return imageNames.getOrDefault(source.substring("cid:".length()), "");
  }
}
