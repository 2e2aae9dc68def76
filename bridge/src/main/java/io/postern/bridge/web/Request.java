package io.postern.bridge.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a browser asks. Its path is a list of words, compared or parsed, never a path in a file
 * system.
 */
final class Request {
  /** The largest form, in octets. */
  static final int MAX_FORM = 1 << 20;

  /** So much of a larger one is read and thrown away, so that the browser gets to see why. */
  private static final int MAX_IGNORED = 4 << 20;

  /** The longest name that is looked for; a mail id of RFC 5322 fits. */
  private static final int MAX_TYPED = 1000;

  /** The longest path with its query. */
  private static final int MAX_TARGET = 8 << 10;

  private static final String FORM_TYPE = "application/x-www-form-urlencoded";

  private final HttpExchange exchange;
  private final List<String> path;
  private final FormFields query;

  private Request(HttpExchange exchange, List<String> path, FormFields query) {
    this.exchange = exchange;
    this.path = path;
    this.query = query;
  }

  /**
   * Reads all but the form.
   *
   * @throws RefusedRequest 400 or 414 if the target is not one
   */
  static Request read(HttpExchange exchange) throws RefusedRequest {
    var target = exchange.getRequestURI();
    if (target.toString().length() > MAX_TARGET) {
      throw new RefusedRequest(414, "The address is too long.");
    }
    // RFC 9112 §3.2.2: the absolute form would bring a second host beside the Host field.
    if (target.isAbsolute() || target.getRawAuthority() != null || target.isOpaque()) {
      throw new RefusedRequest(400, "The request must name a path, not a whole address.");
    }
    var path = new ArrayList<String>();
    for (var word : target.getRawPath().substring(1).split("/", -1)) {
      // In a path, a plus sign is a plus sign.
      path.add(FormFields.decode(word.replace("+", "%2B")));
    }
    var query = target.getRawQuery();
    return new Request(exchange, List.copyOf(path), FormFields.parse(query == null ? "" : query));
  }

  /** Never empty; that of {@code /} is one empty word. */
  List<String> path() {
    return path;
  }

  /** The path as it was written, for a redirection to itself. */
  String rawPath() {
    return exchange.getRequestURI().getRawPath();
  }

  FormFields query() {
    return query;
  }

  Headers headers() {
    return exchange.getRequestHeaders();
  }

  /** Whether a program asks, that wants text and no page. */
  boolean wantsText() {
    return query.value("format").equals("text");
  }

  /** What somebody typed into a box that looks for something, cut to what can be a name. */
  String typed(String box) {
    var typed = query.value(box).strip();
    return typed.substring(0, Math.min(typed.length(), MAX_TYPED));
  }

  boolean isPost() {
    return exchange.getRequestMethod().equals("POST");
  }

  /** Whether it only reads. */
  boolean isGet() {
    return List.of("GET", "HEAD").contains(exchange.getRequestMethod());
  }

  /**
   * Reads the form.
   *
   * @throws RefusedRequest 413 if it is too large, 415 if it is something else
   */
  FormFields form() throws RefusedRequest, IOException {
    var type = headers().getOrDefault("Content-Type", List.of(""));
    if (!type.get(0).split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(FORM_TYPE)) {
      throw new RefusedRequest(415, "The form must come as " + FORM_TYPE + ".");
    }
    var body = exchange.getRequestBody();
    var octets = body.readNBytes(MAX_FORM + 1);
    if (octets.length > MAX_FORM) {
      body.readNBytes(MAX_IGNORED);
      throw new RefusedRequest(413, "The form is larger than " + MAX_FORM + " octets.");
    }
    return FormFields.parse(new String(octets, StandardCharsets.US_ASCII));
  }
}
