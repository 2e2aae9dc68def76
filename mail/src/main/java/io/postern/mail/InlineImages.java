package io.postern.mail;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * Which pictures of a mail are worth a file of their own: not the logos of a quote or a signature,
 * not pixels that only count readers. {@code spec/content-types.md} §10.6, "inline image".
 */
final class InlineImages {
  private final Set<String> referenced = new HashSet<>();
  private final Set<String> shown = new HashSet<>();

  private InlineImages() {}

  /** The files without the pictures that no reader would miss. */
  static List<Attachment> keepWorthwhile(Mail mail, boolean answer) {
    var images = new InlineImages();
    mail.bodies().forEach(body -> body.html().ifPresent(html -> images.look(html, answer)));
    return mail.attachments().stream().filter(images::isWorthwhile).toList();
  }

  private void look(String html, boolean answer) {
    Document document = Jsoup.parse(html);
    collect(document, referenced, true);
    QuotedHtml.remove(document, answer);
    collect(document, shown, false);
  }

  private static void collect(Document document, Set<String> ids, boolean all) {
    for (var image : document.select("img[src]")) {
      var source = image.attr("src").strip();
      boolean inside = source.toLowerCase(Locale.ROOT).startsWith("cid:");
      if (inside && (all || isVisible(image))) {
        ids.add(source.substring("cid:".length()));
      }
    }
  }

  private static boolean isVisible(Element image) {
    if (HtmlText.isPixel(image)) {
      return false;
    }
    for (var element = image; element != null; element = element.parent()) {
      if (HtmlText.isHidden(element)) {
        return false;
      }
    }
    return true;
  }

  private boolean isWorthwhile(Attachment file) {
    return !file.baseType().startsWith("image/")
        || file.contentId().map(id -> shown.contains(id) || !referenced.contains(id)).orElse(true);
  }
}
