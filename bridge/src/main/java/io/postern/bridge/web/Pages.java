package io.postern.bridge.web;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes pages of templates: what all of them have in common. */
final class Pages {
  private final Templates templates;
  private final boolean captures;

  /**
   * @param captures whether there are captured mails to link to
   */
  Pages(Templates templates, boolean captures) {
    this.templates = templates;
    this.captures = captures;
  }

  Response page(String template, Map<String, Object> parameters) {
    return page(200, template, parameters);
  }

  Response page(int status, String template, Map<String, Object> parameters) {
    var all = new HashMap<>(parameters);
    all.put("captures", captures);
    return Response.page(status, templates.render(template, all));
  }

  /** Several things in one line: {@code a@example.org, b@example.org}. */
  static String list(Collection<?> things) {
    return things.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  /**
   * What stands in place of a page that is shown only to whoever has shown the token.
   *
   * @param path of that page
   */
  Response locked(Request request, String path) {
    return request.wantsText()
        ? Response.text(403, "This is shown only with the token.\n")
        : page(403, "locked", Map.of("path", path));
  }

  /** The page that says why not. */
  Response refusal(RefusedRequest refused) {
    var response =
        page(
            refused.status(),
            "refusal",
            Map.of("status", refused.status(), "words", refused.getMessage()));
    return refused.allow().isEmpty() ? response : response.with("Allow", refused.allow());
  }

  /**
   * @throws RefusedRequest 405 if it would change something where nothing can be changed
   */
  void requireGet(Request request) throws RefusedRequest {
    if (!request.isGet()) {
      throw RefusedRequest.notAllowed("GET, HEAD", "This page can only be read.");
    }
  }
}
