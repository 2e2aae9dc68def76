package io.postern.mail;

import java.util.regex.Pattern;
import org.jsoup.nodes.Element;

/**
 * What HTML does not show: text for previews, pictures that only count readers. {@code
 * spec/content-types.md} §10.7.
 */
final class HiddenHtml {
  private static final String ZERO = "\\s*:\\s*0(?:\\.0+)?(?:px|pt|em|%)?\\s*(?:;|!|$)";

  private static final Pattern HIDDEN =
      Pattern.compile(
          "(?i)(?:^|;)\\s*(?:display\\s*:\\s*none|visibility\\s*:\\s*hidden"
              + "|(?:font-size|max-height|opacity)"
              + ZERO
              + "|mso-hide\\s*:\\s*all)");

  /** No height hides only what may not flow over. */
  private static final Pattern FLAT = Pattern.compile("(?i)(?:^|;)\\s*height" + ZERO);

  private static final Pattern CLIPPED = Pattern.compile("(?i)(?:^|;)\\s*overflow\\s*:\\s*hidden");

  private static final Pattern PIXEL_SIZE = Pattern.compile("\\s*[01](?:px)?\\s*");

  private static final Pattern PIXEL_STYLE =
      Pattern.compile("(?i)(?:^|;)\\s*(?:width|height)\\s*:\\s*[01](?:px)?\\s*(?:;|!|$)");

  /** What stands further behind in a style is not looked at; no program writes so much. */
  private static final int MAX_STYLE = 4096;

  private HiddenHtml() {}

  static boolean isHidden(Element element) {
    var style = style(element);
    return element.hasAttr("hidden")
        || (!style.isEmpty()
            && (HIDDEN.matcher(style).find()
                || (CLIPPED.matcher(style).find() && FLAT.matcher(style).find())));
  }

  /** A picture of one pixel or none, which only tells its sender that the mail was read. */
  static boolean isPixel(Element image) {
    return PIXEL_SIZE.matcher(image.attr("width")).matches()
        || PIXEL_SIZE.matcher(image.attr("height")).matches()
        || PIXEL_STYLE.matcher(style(image)).find();
  }

  private static String style(Element element) {
    var style = element.attr("style");
    return style.length() > MAX_STYLE ? style.substring(0, MAX_STYLE) : style;
  }
}
