package io.postern.bridge.web;

import io.postern.mapping.Reject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code /rejects}: mail that was refused, the last or what has to do with one name, as a page or
 * as text. Others than its operator chose nearly all that stands there.
 */
final class RejectPages {
  /** So many are listed. */
  static final int LISTED = 100;

  private final StatusSource source;
  private final Pages pages;

  RejectPages(StatusSource source, Pages pages) {
    this.source = source;
    this.pages = pages;
  }

  /** The path of the rejects of this name. */
  static String path(String name) {
    return "/rejects?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private static String client(Reject reject) {
    return reject.client().isEmpty()
        ? "none, it was fetched from a mailbox"
        : reject.client() + " (" + reject.helo() + ")";
  }

  /** The recipients of a reject, and how many more there were. */
  static String recipients(Reject reject) {
    int more = reject.recipientCount() - reject.recipients().size();
    return Pages.list(reject.recipients()) + (more > 0 ? " and " + more + " more" : "");
  }

  Response answer(Request request) throws RefusedRequest {
    pages.requireGet(request);
    if (request.path().size() > 1) {
      throw RefusedRequest.notFound("There is no such page.");
    }
    var name = request.typed("name");
    var rejects = source.rejects(name, LISTED);
    return request.wantsText()
        ? Response.text(200, text(rejects))
        : pages.page("rejects", Map.of("name", name, "rejects", rejects));
  }

  private static String text(List<Reject> rejects) {
    return rejects.isEmpty()
        ? "nothing was refused, or it has expired\n"
        : rejects.stream().map(RejectPages::text).collect(Collectors.joining("\n"));
  }

  private static String text(Reject reject) {
    var text = new StringBuilder();
    JourneyText.line(text, UtcTime.of(reject.at()) + "  " + reply(reject));
    JourneyText.line(text, "  client " + client(reject));
    JourneyText.line(text, "  path   <" + reject.reversePath() + ">");
    JourneyText.line(text, "  to     " + recipients(reject));
    if (reject.octets() > 0) {
      JourneyText.line(text, "  from   " + reject.author());
      JourneyText.line(text, "  mail   " + reject.mailId() + ", " + reject.octets() + " octets");
    }
    return text.toString();
  }

  private static String reply(Reject reject) {
    return reject.code() + " " + reject.status() + " " + reject.words();
  }
}
