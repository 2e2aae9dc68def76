package io.postern.mail;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * Which pictures of a mail are worth a file of their own: not the logos of a quote or a signature,
 * not pixels that only count readers. {@code spec/content-types.md} §10.6, "inline image".
 */
final class InlineImages {
  private final Set<String> referenced = new HashSet<>();
  private final Set<String> shown = new HashSet<>();

  /** Looks at HTML as it came. */
  void lookAtAll(Document document) {
    collect(document, referenced, true);
  }

  /** Looks at HTML without its quotes and signatures. */
  void lookAtKept(Document document) {
    collect(document, shown, false);
  }

  /** The files without the pictures that no reader would miss. */
  List<Attachment> worthwhile(List<Attachment> files) {
    return files.stream().filter(this::isWorthwhile).toList();
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
    if (HiddenHtml.isPixel(image)) {
      return false;
    }
    for (var element = image; element != null; element = element.parent()) {
      if (HiddenHtml.isHidden(element)) {
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
