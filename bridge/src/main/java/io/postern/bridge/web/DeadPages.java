package io.postern.bridge.web;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /dead}: the mails that were given up, as a page or as text, and what settles them. Only
 * for whoever has shown the token.
 */
final class DeadPages {
  static final String PATH = "/dead";

  /** So many are listed on a page. */
  static final int LISTED = 100;

  private static final Logger LOG = LoggerFactory.getLogger(DeadPages.class);

  private final DeadLetters letters;
  private final Guard guard;
  private final AccessToken token;
  private final Pages pages;

  DeadPages(DeadLetters letters, Guard guard, AccessToken token, Pages pages) {
    this.letters = letters;
    this.guard = guard;
    this.token = token;
    this.pages = pages;
  }

  /** The path of one, or with an empty id of all to somebody, as text. */
  static String path(String id, String to) {
    return PATH + (id.isEmpty() ? "" : "/" + encode(id)) + "?format=text&to=" + encode(to);
  }

  private static String encode(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8);
  }

  Response answer(Request request) throws RefusedRequest, IOException {
    if (request.path().size() > 2) {
      throw RefusedRequest.notFound("There is no such page.");
    }
    if (request.isPost()) {
      return change(request);
    }
    if (!request.isGet()) {
      throw RefusedRequest.notAllowed("GET, HEAD, POST", "Dead letters are settled by forms.");
    }
    if (!guard.isKnown(request.headers())) {
      return pages.locked(request, PATH);
    }
    if (request.path().size() == 2) {
      return show(request, request.path().get(1));
    }
    var to = request.typed("to");
    return request.wantsText()
        ? Response.text(200, DeadText.write(letters.find(to, DeadText.LISTED)))
        : page(to, letters.find(to, LISTED));
  }

  private Response show(Request request, String id) throws IOException {
    var found = letters.byId(id);
    return request.wantsText()
        ? Response.text(200, DeadText.write(found))
        : page("", found.stream().toList());
  }

  private Response page(String to, List<DeadLetter> found) {
    return pages.page("dead", Map.of("to", to, "letters", found, "token", token.reveal()));
  }

  private Response change(Request request) throws RefusedRequest, IOException {
    var form = request.form();
    guard.requireToken(form.value("token"));
    var action = form.value("action");
    var words = change(action, form.value("id"), form.value("to").strip());
    LOG.info("dead letters action={}", action);
    return request.wantsText() ? Response.text(200, words) : Response.seeOther(PATH);
  }

  private String change(String action, String id, String to) throws RefusedRequest, IOException {
    return switch (action) {
      case "retry" -> DeadText.retried(letters.retry(id));
      case "retryAll" -> DeadText.retried(letters.retryAll(to));
      case "drop" -> DeadText.dropped(letters.drop(id));
      default -> throw new RefusedRequest(400, "The action is none of retry, retryAll and drop.");
    };
  }
}
