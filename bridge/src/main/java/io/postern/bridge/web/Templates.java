package io.postern.bridge.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.Map;

/**
 * The templates of {@code src/main/jte}, which the build has made Java classes of this package.
 * They escape whatever is written into them as its place in the HTML demands. May be used by
 * several threads.
 */
final class Templates {
  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Templates.class.getClassLoader(), "io.postern.bridge.web");

  /**
   * @param parameters by the names that the template declares
   */
  String render(String template, Map<String, Object> parameters) {
    var html = new StringOutput();
    engine.render(template + ".jte", parameters, html);
    return html.toString();
  }
}
