package io.postern.mail;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jsoup.nodes.Comment;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/**
 * Makes lists of what Word and Outlook write as paragraphs that only look like items: {@code <p
 * class=MsoListParagraph style="mso-list:l0 level1 lfo1">} with the mark as text of its own.
 */
final class OfficeLists {
  private static final String ITEMS = "p[style*=mso-list]";
  private static final String MARKS = "span[style*=mso-list]";

  private static final Pattern LEVEL =
      Pattern.compile("(?i)(?:^|;)\\s*mso-list\\s*:\\s*l\\d{1,4} level(\\d{1,2})(?!\\d)");

  private static final Pattern IGNORED = Pattern.compile("(?i)mso-list\\s*:\\s*ignore");
  private static final Pattern NUMBER = Pattern.compile("\\(?(?:\\d{1,4}|\\p{L}{1,5})[.)]");

  /** Each moves its nodes; more stay the paragraphs that they are. */
  private static final int MAX_ITEMS = 1000;

  private static final int MAX_LEVEL = 9;

  private OfficeLists() {}

  /** Changes the document. */
  static void mark(Document document) {
    document.select(ITEMS).stream().limit(MAX_ITEMS).forEach(OfficeLists::mark);
  }

  private static void mark(Element paragraph) {
    var level = LEVEL.matcher(paragraph.attr("style"));
    if (!level.find() || paragraph.parent() == null) {
      return;
    }
    var kind = ordered(paragraph) ? "ol" : "ul";
    var list = listBefore(paragraph).filter(before -> isOpen(before, kind, level.group(1)));
    var outermost = list.orElseGet(() -> new Element(depth(level.group(1)) > 1 ? "ul" : kind));
    if (list.isEmpty()) {
      outermost.attr("class", "postern-office-list");
      paragraph.before(outermost);
    }
    var inner = outermost;
    for (int depth = 1; depth < depth(level.group(1)); depth++) {
      inner = below(inner, depth + 1 < depth(level.group(1)) ? "ul" : kind);
    }
    var item = inner.appendElement("li");
    for (var child : paragraph.childNodes().toArray(new Node[0])) {
      item.appendChild(child);
    }
    paragraph.remove();
  }

  private static int depth(String level) {
    return Math.max(1, Math.min(MAX_LEVEL, Integer.parseInt(level)));
  }

  /** Takes the mark out, and says whether it numbers the item. */
  private static boolean ordered(Element paragraph) {
    boolean ordered = false;
    for (var mark : paragraph.select(MARKS)) {
      if (IGNORED.matcher(mark.attr("style")).find()) {
        ordered |= NUMBER.matcher(mark.text().replace('\u00a0', ' ').strip()).matches();
        mark.remove();
      }
    }
    return ordered;
  }

  /** A list of ours that nothing visible separates from the paragraph. */
  private static Optional<Element> listBefore(Element paragraph) {
    var node = paragraph.previousSibling();
    while (node instanceof Comment || node instanceof TextNode text && text.isBlank()) {
      node = node.previousSibling();
    }
    return node instanceof Element element && element.hasClass("postern-office-list")
        ? Optional.of(element)
        : Optional.empty();
  }

  /** On the first level, a list goes on as long as its kind does not change. */
  private static boolean isOpen(Element list, String kind, String level) {
    return depth(level) > 1 || list.normalName().equals(kind);
  }

  /** The list inside the last item, of this kind. */
  private static Element below(Element list, String kind) {
    var item = list.lastElementChild();
    if (item == null) {
      item = list.appendElement("li");
    }
    var last = item.lastElementChild();
    if (last != null && last.normalName().toLowerCase(Locale.ROOT).matches("ul|ol")) {
      return last;
    }
    return item.appendElement(kind);
  }
}
