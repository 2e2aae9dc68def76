package io.postern.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/**
 * Takes quotes and signatures out of HTML by the marks that mail clients put on them. {@code
 * spec/content-types.md} §10.8, "HTML removal".
 */
final class QuotedHtml {
  /** Elements that hold the quote. */
  private static final String CONTAINERS =
      ".gmail_quote, .gmail_quote_container, .gmail_extra, blockquote[type=cite], .moz-cite-prefix,"
          + " #OLK_SRC_BODY_SECTION, .yahoo_quoted, .protonmail_quote, .tutanota_quote,"
          + " div[name=quote], .zmail_extra, .ms-outlook-mobile-reference-message";

  /** Elements behind which the quote stands. */
  private static final String DIVIDERS =
      "#divRplyFwdMsg, #appendonsend, .OutlookMessageHeader,"
          + " #mail-editor-reference-message-container, hr[data-marker=__DIVIDER__]";

  private static final String SIGNATURES =
      ".gmail_signature, .moz-signature, #Signature, #ms-outlook-mobile-signature,"
          + " .protonmail_signature_block, .tutanota_signature";

  /** Outlook's line above the header of the quoted mail. */
  private static final Pattern OUTLOOK_LINE =
      Pattern.compile(
          "(?i)border-top\\s*:\\s*(solid\\s+#(e1e1e1|b5c4df)\\s+1\\.0pt"
              + "|1\\.0pt\\s+solid\\s+#(e1e1e1|b5c4df))");

  /** Each costs a look at all that follows it; more are left to the rules for lines. */
  private static final int MAX_QUOTES = 100;

  private QuotedHtml() {}

  /**
   * Changes the document. If nothing visible would remain, the caller keeps its own copy.
   *
   * @param answer whether quotes go; signatures always do
   * @return whether a quote went
   */
  static boolean remove(Document document, boolean answer) {
    document.select(SIGNATURES).forEach(Node::remove);
    if (!answer) {
      return false;
    }
    boolean removed = false;
    for (var divider : dividers(document)) {
      if (divider.parent() != null) {
        removeWithFollowing(divider);
        removed = true;
      }
    }
    for (var quote : document.select(CONTAINERS).stream().limit(MAX_QUOTES).toList()) {
      // A quote inside one that is gone already, or inside one that stays.
      if (quote.ownerDocument() == null || quote.parent() == null) {
        continue;
      }
      if (!isAnsweredBelow(quote)) {
        removeWithFollowing(quote);
        removed = true;
      }
    }
    return removed;
  }

  private static List<Element> dividers(Document document) {
    var found = new ArrayList<Element>(document.select(DIVIDERS));
    for (var div : document.select("div[style]")) {
      if (OUTLOOK_LINE.matcher(div.attr("style")).find()) {
        // The line is often wrapped once more; what follows the wrapper is the quoted text.
        var parent = div.parent();
        boolean wrapped =
            parent != null && parent.normalName().equals("div") && parent.childrenSize() == 1;
        found.add(wrapped ? parent : div);
      }
    }
    return found;
  }

  private static void removeWithFollowing(Element element) {
    var following = new ArrayList<Node>();
    for (Node node = element; node != null; node = node.nextSibling()) {
      following.add(node);
    }
    // From the end, since each removal moves all that follows.
    for (int i = following.size() - 1; i >= 0; i--) {
      following.get(i).remove();
    }
  }

  /** Whether the author wrote below the quote, or between its parts. */
  private static boolean isAnsweredBelow(Element quote) {
    boolean cited = quote.hasClass("moz-cite-prefix");
    for (Node node = quote.nextSibling(); node != null; node = node.nextSibling()) {
      if (cited && node instanceof Element next && next.normalName().equals("blockquote")) {
        cited = false;
      } else if (isVisible(node)) {
        return true;
      }
    }
    var inner = quote.selectFirst("> blockquote, > div > blockquote");
    if (inner == null || quote.normalName().equals("blockquote")) {
      return false;
    }
    for (Node node = inner.nextSibling(); node != null; node = node.nextSibling()) {
      if (isVisible(node)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isVisible(Node node) {
    if (node instanceof TextNode text) {
      return BodyText.isVisible(text.text());
    }
    return node instanceof Element element
        && !HiddenHtml.isHidden(element)
        && BodyText.isVisible(element.text());
  }
}
