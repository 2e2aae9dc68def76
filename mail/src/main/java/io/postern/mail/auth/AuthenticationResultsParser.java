package io.postern.mail.auth;

import io.postern.mail.auth.AuthenticationResults.MethodResult;
import io.postern.mail.auth.AuthenticationResults.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the value of an Authentication-Results field. RFC 8601 §2.2, leniently: of what is written
 * around, what cannot be read is passed over, and values may hold what should be quoted, because
 * most hosts write {@code header.b=ab/c=} without quotes.
 */
final class AuthenticationResultsParser {
  /** More results than this are not told apart. */
  private static final int MAX_RESULTS = 100;

  private static final int MAX_PROPERTIES = 50;

  private final String text;
  private int at;

  private AuthenticationResultsParser(String text) {
    this.text = text;
  }

  static Optional<AuthenticationResults> parse(String value) {
    var parser = new AuthenticationResultsParser(value);
    var host = parser.word("").filter(word -> !word.isBlank());
    parser.word(""); // A version may follow; the only one there is, is 1.
    if (host.isEmpty() || parser.at < value.length() && value.charAt(parser.at) != ';') {
      return Optional.empty();
    }
    return Optional.of(new AuthenticationResults(host.get(), parser.results()));
  }

  private List<MethodResult> results() {
    var results = new ArrayList<MethodResult>();
    while (at < text.length() && results.size() < MAX_RESULTS) {
      at++; // The semicolon.
      result().ifPresent(results::add);
      while (at < text.length() && text.charAt(at) != ';') {
        skipOne();
      }
    }
    return results;
  }

  /** {@code method [/version] = result [reason = value] *(type.property = value)}. */
  private Optional<MethodResult> result() {
    var method = word("=/").map(AuthenticationResultsParser::lower);
    if (next('/')) {
      word("=");
    }
    if (method.isEmpty() || !next('=')) {
      return Optional.empty(); // "none", for example.
    }
    var result = word("").map(AuthenticationResultsParser::lower);
    var reason = "";
    var properties = new ArrayList<Property>();
    for (int i = 0; i < MAX_PROPERTIES; i++) {
      var name = word("=").map(AuthenticationResultsParser::lower);
      if (name.isEmpty() || !next('=')) {
        break;
      }
      var value = value();
      if (name.get().equals("reason")) {
        reason = value;
      } else {
        property(name.get(), value).ifPresent(properties::add);
      }
    }
    if (result.isEmpty() || !isKeyword(result.get()) || !isKeyword(method.get())) {
      return Optional.empty();
    }
    return Optional.of(new MethodResult(method.get(), result.get(), reason, properties));
  }

  private static Optional<Property> property(String name, String value) {
    int dot = name.indexOf('.');
    if (dot < 0 || !isKeyword(name.substring(0, dot)) || !isKeyword(name.substring(dot + 1))) {
      return Optional.empty();
    }
    return Optional.of(new Property(name.substring(0, dot), name.substring(dot + 1), value));
  }

  /** A value: a word, or a mailbox whose local part may be quoted. */
  private String value() {
    var out = new StringBuilder(word("").orElse(""));
    if (at < text.length() && text.charAt(at) == '@') {
      out.append(word("").orElse(""));
    }
    return out.toString();
  }

  /** Up to white space, a semicolon, a comment or one of these characters; quoted or not. */
  private Optional<String> word(String ends) {
    skipSpace();
    int start = at;
    if (at < text.length() && text.charAt(at) == '"') {
      return Optional.of(quoted());
    }
    while (at < text.length() && !isEnd(text.charAt(at), ends)) {
      at++;
    }
    var word = text.substring(start, at);
    skipSpace();
    return Optional.of(word).filter(found -> !found.isEmpty());
  }

  private static boolean isEnd(char c, String ends) {
    return c <= ' ' || c == ';' || c == '(' || c == '"' || ends.indexOf(c) >= 0;
  }

  private boolean next(char c) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private String quoted() {
    var out = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      out.append(text.charAt(at));
    }
    at = Math.min(at + 1, text.length());
    if (at >= text.length() || text.charAt(at) != '@') {
      skipSpace();
    }
    return out.toString();
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '(') {
        comment();
      } else if (c <= ' ') {
        at++;
      } else {
        return;
      }
    }
  }

  /** RFC 5322 §3.2.2; comments may hold comments. */
  private void comment() {
    int depth = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        at++;
        return;
      }
    }
    at = Math.min(at, text.length());
  }

  private void skipOne() {
    char c = text.charAt(at);
    if (c == '"') {
      quoted();
    } else if (c == '(') {
      comment();
    } else {
      at++;
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static boolean isKeyword(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_');
  }
}
