package io.postern.mail;

import java.util.List;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.ext.autolink.AutolinkExtension;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Entities;
import org.jsoup.safety.Safelist;

/**
 * Markdown to HTML that is safe to mail: no raw HTML, no scripts, no remote images, links only to
 * http, https and mailto ({@code spec/content-types.md} §10.5, "markdown").
 */
final class MarkdownToHtml {
  /** Deeper nesting is shown as text: renderers recurse. */
  private static final int MAX_NESTING = 50;

  private static final List<Extension> EXTENSIONS =
      List.of(
          TablesExtension.create(), StrikethroughExtension.create(), AutolinkExtension.create());

  private static final Parser PARSER =
      Parser.builder()
          .extensions(EXTENSIONS)
          .maxOpenBlockParsers(MAX_NESTING)
          .maxInlineNesting(MAX_NESTING)
          .build();

  private static final HtmlRenderer RENDERER =
      HtmlRenderer.builder()
          .extensions(EXTENSIONS)
          .escapeHtml(true)
          .sanitizeUrls(true)
          .percentEncodeUrls(true)
          .nodeRendererFactory(ImageAsLink::new)
          .build();

  /** A second wall behind the renderer, should it ever let something through. */
  private static final Safelist ALLOWED =
      new Safelist()
          .addTags(
              "p",
              "br",
              "hr",
              "h1",
              "h2",
              "h3",
              "h4",
              "h5",
              "h6",
              "em",
              "strong",
              "del",
              "code",
              "pre",
              "blockquote",
              "ul",
              "ol",
              "li",
              "a",
              "table",
              "thead",
              "tbody",
              "tr",
              "th",
              "td")
          .addAttributes("ol", "start")
          .addAttributes("th", "align")
          .addAttributes("td", "align")
          .addAttributes("a", "href", "title")
          .addProtocols("a", "href", "http", "https", "mailto")
          .addEnforcedAttribute("a", "rel", "noopener noreferrer");

  private MarkdownToHtml() {}

  /** The inside of a page's body, with LF line ends. */
  static String convert(String markdown) {
    var rendered = RENDERER.render(PARSER.parse(markdown));
    var settings =
        new Document.OutputSettings().prettyPrint(false).escapeMode(Entities.EscapeMode.base);
    return Jsoup.clean(rendered, "", ALLOWED, settings);
  }

  /** Text as it may stand between tags. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** An image would be fetched from whoever sent it: it becomes a link named by its text. */
  private static final class ImageAsLink implements NodeRenderer {
    private final HtmlNodeRendererContext context;

    ImageAsLink(HtmlNodeRendererContext context) {
      this.context = context;
    }

    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
      return Set.of(Image.class);
    }

    @Override
    public void render(Node node) {
      var image = (Image) node;
      var url = context.urlSanitizer().sanitizeImageUrl(image.getDestination());
      var html = context.getWriter();
      html.raw("<a href=\"" + escape(context.encodeUrl(url)) + "\">");
      if (node.getFirstChild() == null) {
        html.text(image.getDestination());
      }
      for (var child = node.getFirstChild(); child != null; child = child.getNext()) {
        context.render(child);
      }
      html.raw("</a>");
    }
  }
}
