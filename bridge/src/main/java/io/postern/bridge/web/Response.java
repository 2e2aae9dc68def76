package io.postern.bridge.web;

import com.sun.net.httpserver.HttpExchange;
import io.postern.mail.Body;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a browser gets. Every kind of answer says what it may load, who may frame it and that nobody
 * keeps it. Its body is sent as a stream, of which no more than a piece is held.
 */
record Response(int status, Map<String, String> headers, Body body) {
  private static final String CSP = "Content-Security-Policy";

  private static final String PAGE_POLICY =
      "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self';"
          + " base-uri 'none'; frame-ancestors 'none'";

  /** Strangers write this HTML: it runs nothing, loads nothing, sends nothing, is of no origin. */
  private static final String MAIL_POLICY =
      "default-src 'none'; img-src data: cid:; style-src 'unsafe-inline'; form-action 'none';"
          + " base-uri 'none'; frame-ancestors 'self'; sandbox";

  private static final String FILE_POLICY = "default-src 'none'; frame-ancestors 'none'";

  /** A page of ours. */
  static Response page(int status, String html) {
    var response = of(status, "text/html; charset=utf-8", html, PAGE_POLICY);
    return response
        .with("X-Frame-Options", "DENY")
        .with("Cross-Origin-Opener-Policy", "same-origin");
  }

  /** HTML that a stranger wrote, for the sandboxed frame. */
  static Response mailHtml(String html) {
    return of(200, "text/html; charset=utf-8", html, MAIL_POLICY)
        .with("X-Frame-Options", "SAMEORIGIN")
        .with("X-DNS-Prefetch-Control", "off");
  }

  static Response text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text, FILE_POLICY);
  }

  static Response style(String css) {
    return of(200, "text/css; charset=utf-8", css, FILE_POLICY);
  }

  /** A file to be kept and not shown, whatever it claims to be. */
  static Response download(String filename, String mediaType, Body body) {
    return of(200, mediaType, body, FILE_POLICY).with("Content-Disposition", disposition(filename));
  }

  /** To look elsewhere, with GET. */
  static Response seeOther(String path) {
    return of(303, "text/plain; charset=utf-8", "See " + path + "\n", FILE_POLICY)
        .with("Location", path);
  }

  private static Response of(int status, String type, String text, String policy) {
    return of(status, type, Body.of(text.getBytes(StandardCharsets.UTF_8)), policy);
  }

  private static Response of(int status, String type, Body body, String policy) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", type);
    headers.put(CSP, policy);
    headers.put("X-Content-Type-Options", "nosniff");
    // Not no-referrer: with it, browsers send "Origin: null" with our own form.
    headers.put("Referrer-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Cache-Control", "no-store");
    return new Response(status, headers, body);
  }

  /** RFC 6266: the name once in ASCII for old programs, once in UTF-8. */
  private static String disposition(String filename) {
    var ascii = filename.replaceAll("[^A-Za-z0-9 ._-]", "_");
    var encoded = URLEncoder.encode(filename, StandardCharsets.UTF_8).replace("+", "%20");
    // RFC 8187 §3.2.1: attr-char has no asterisk.
    return "attachment; filename=\""
        + ascii
        + "\"; filename*=UTF-8''"
        + encoded.replace("*", "%2A");
  }

  /** The same with one more header field. */
  Response with(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, more, body);
  }

  void write(HttpExchange exchange) throws IOException {
    headers.forEach(exchange.getResponseHeaders()::set);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.size()));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    try (var in = body.open()) {
      // To the server, -1 is an empty body and 0 one of unknown length.
      exchange.sendResponseHeaders(status, body.size() == 0 ? -1 : body.size());
      try (var out = exchange.getResponseBody()) {
        in.transferTo(out);
      }
    }
  }
}
