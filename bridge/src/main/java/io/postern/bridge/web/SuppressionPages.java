package io.postern.bridge.web;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /suppressions}: the mailboxes that are mailed no more, as a page or as text, and what
 * changes them. Only for whoever has shown the token: it names people, and whom they do not want to
 * hear from. design.md §6.
 */
final class SuppressionPages {
  static final String PATH = "/suppressions";

  /** So many are listed on a page. */
  static final int LISTED = 100;

  private static final Logger LOG = LoggerFactory.getLogger(SuppressionPages.class);

  private final Suppressions suppressions;
  private final Guard guard;
  private final AccessToken token;
  private final Pages pages;

  SuppressionPages(Suppressions suppressions, Guard guard, AccessToken token, Pages pages) {
    this.suppressions = suppressions;
    this.guard = guard;
    this.token = token;
    this.pages = pages;
  }

  Response answer(Request request) throws RefusedRequest, IOException {
    if (request.path().size() > 1) {
      throw RefusedRequest.notFound("There is no such page.");
    }
    if (request.isPost()) {
      return change(request);
    }
    if (!request.isGet()) {
      throw RefusedRequest.notAllowed("GET, HEAD, POST", "The list is changed by its forms.");
    }
    if (!guard.isKnown(request.headers())) {
      return pages.locked(request, PATH);
    }
    var name = request.typed("name");
    if (request.wantsText()) {
      return Response.text(
          200, SuppressionText.write(suppressions.find(name, SuppressionText.LISTED)));
    }
    return pages.page(
        "suppressions",
        Map.of("name", name, "entries", suppressions.find(name, LISTED), "token", token.reveal()));
  }

  private Response change(Request request) throws RefusedRequest, IOException {
    var form = request.form();
    guard.requireToken(form.value("token"));
    var mailbox = mailbox(form.value("mailbox"));
    var action = form.value("action");
    var words = change(action, mailbox);
    LOG.info("suppression action={} mailbox={}", action, mailbox);
    return request.wantsText()
        ? Response.text(200, words)
        : Response.seeOther(
            PATH + "?name=" + URLEncoder.encode(mailbox.toString(), StandardCharsets.UTF_8));
  }

  private String change(String action, Mailbox mailbox) throws RefusedRequest {
    if (action.equals("add")) {
      suppressions.add(mailbox);
      return SuppressionText.added(mailbox);
    }
    if (action.equals("remove")) {
      return SuppressionText.removed(mailbox, suppressions.remove(mailbox));
    }
    throw new RefusedRequest(400, "The action is neither add nor remove.");
  }

  private static Mailbox mailbox(String typed) throws RefusedRequest {
    try {
      return Mailbox.parse(typed.strip());
    } catch (MailException malformed) {
      throw new RefusedRequest(400, malformed.advice());
    }
  }
}
