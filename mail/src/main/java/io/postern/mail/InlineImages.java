package io.postern.mail;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.select.NodeTraversor;
import org.jsoup.select.NodeVisitor;

/**
 * Which pictures of a mail are worth a file of their own: not the logos of a quote or a signature,
 * not pixels that only count readers. {@code spec/content-types.md} §10.6, "inline image".
 */
final class InlineImages {
  private final Set<String> referenced = new HashSet<>();

  /** By content id, what each is called. */
  private final Map<String, String> shown = new HashMap<>();

  /** Looks at HTML as it came. */
  void lookAtAll(Document document) {
    for (var image : document.select("img[src]")) {
      contentId(image).ifPresent(referenced::add);
    }
  }

  /** Looks at HTML without its quotes and signatures. */
  void lookAtKept(Document document) {
    NodeTraversor.traverse(new Visible(), document);
  }

  /** The files without the pictures that no reader would miss. */
  List<Attachment> worthwhile(List<Attachment> files) {
    return files.stream().filter(this::isWorthwhile).toList();
  }

  /** The pictures that the HTML shows outside of quotes and signatures. */
  List<ReadableMail.Picture> shown(List<Attachment> files) {
    return files.stream()
        .filter(file -> file.baseType().startsWith("image/") && file.inline())
        .flatMap(file -> picture(file).stream())
        .toList();
  }

  private Optional<ReadableMail.Picture> picture(Attachment file) {
    return file.contentId()
        .filter(shown::containsKey)
        .map(shown::get)
        .map(called -> HtmlText.place(called.isEmpty() ? file.filename() : called))
        .map(place -> new ReadableMail.Picture(file, place));
  }

  private static Optional<String> contentId(Element image) {
    var source = image.attr("src").strip();
    return source.toLowerCase(Locale.ROOT).startsWith("cid:")
        ? Optional.of(source.substring("cid:".length()))
        : Optional.empty();
  }

  /** Takes what is shown on one way through the document, so that each element is judged once. */
  private final class Visible implements NodeVisitor {
    /** How many elements are open of which the outermost is hidden. */
    private int hidden;

    @Override
    public void head(Node node, int depth) {
      if (!(node instanceof Element element)) {
        return;
      }
      if (hidden > 0 || HiddenHtml.isHidden(element)) {
        hidden++;
      } else if (element.normalName().equals("img") && !HiddenHtml.isPixel(element)) {
        contentId(element).ifPresent(id -> shown.putIfAbsent(id, HtmlText.alternative(element)));
      }
    }

    @Override
    public void tail(Node node, int depth) {
      if (node instanceof Element && hidden > 0) {
        hidden--;
      }
    }
  }

  private boolean isWorthwhile(Attachment file) {
    return !file.baseType().startsWith("image/")
        || file.contentId()
            .map(id -> shown.containsKey(id) || !referenced.contains(id))
            .orElse(true);
  }
}
