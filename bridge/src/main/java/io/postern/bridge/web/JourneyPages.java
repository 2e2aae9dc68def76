package io.postern.bridge.web;

import io.postern.mapping.Journey;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code /journeys}: the last ones, or all with one name, as a page or as text. */
final class JourneyPages {
  /** So many are listed. */
  static final int LISTED = 50;

  /** So many characters a name has at most; a mail id of RFC 5322 fits. */
  private static final int MAX_NAME = 1000;

  private static final String WHOLE = "mail.eml";

  private final StatusSource source;
  private final Guard guard;
  private final Pages pages;

  JourneyPages(StatusSource source, Guard guard, Pages pages) {
    this.source = source;
    this.guard = guard;
    this.pages = pages;
  }

  /** The path of the journeys with this name, slashes and all in one word. */
  static String path(String name) {
    return "/journeys/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The path of the whole mail of a journey. */
  static String wholePath(Journey journey) {
    return path(journey.id()) + "/" + WHOLE;
  }

  /** Which way, for people. */
  static String direction(Journey.Kind kind) {
    return kind == Journey.Kind.MAIL ? "mail to XMTP" : "XMTP to mail";
  }

  Response answer(Request request) throws RefusedRequest, IOException {
    pages.requireGet(request);
    var path = request.path();
    if (path.size() == 3 && path.get(2).equals(WHOLE)) {
      // What is sealed on the disk is not given to whoever has an account on this machine.
      if (!guard.isKnown(request.headers())) {
        throw new RefusedRequest(
            403, "A mail is shown to a browser that has opened the address with the token.");
      }
      return whole(path.get(1));
    }
    var name =
        path.size() > 1
            // The id of a message's journey has a slash, which people may leave as it is.
            ? String.join("/", path.subList(1, path.size()))
            : request.query().value("name");
    boolean text = request.wantsText();
    if (name.isBlank()) {
      return list(text);
    }
    return named(name.strip(), text);
  }

  private Response whole(String journey) throws RefusedRequest, IOException {
    var mail = source.wholeMail(journey);
    if (mail.isEmpty()) {
      throw RefusedRequest.notFound("No whole mail of this journey is kept.");
    }
    return Response.download(journey + ".eml", "message/rfc822", mail.get());
  }

  private Response list(boolean text) {
    var journeys = source.lastJourneys(LISTED);
    return text
        ? Response.text(200, JourneyText.write(journeys))
        : pages.page("journeys", Map.of("journeys", journeys));
  }

  private Response named(String name, boolean text) throws RefusedRequest {
    var journeys = source.journeys(name.substring(0, Math.min(name.length(), MAX_NAME)));
    var unknown = "No journey has this name. It may have expired.";
    if (text) {
      return journeys.isEmpty()
          ? Response.text(404, unknown + "\n")
          : Response.text(200, JourneyText.write(journeys));
    }
    if (journeys.isEmpty()) {
      throw RefusedRequest.notFound(unknown);
    }
    var kept =
        journeys.stream()
            .map(Journey::id)
            .filter(source::hasWholeMail)
            .collect(Collectors.toUnmodifiableSet());
    return pages.page("journey", Map.of("name", name, "journeys", journeys, "kept", kept));
  }
}
