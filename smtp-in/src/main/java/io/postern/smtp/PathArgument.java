package io.postern.smtp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The argument of MAIL or RCPT: a path and its ESMTP parameters. RFC 5321 §4.1.1.2, §4.1.1.3,
 * §4.1.1.11.
 *
 * @param path what stands between the angle brackets, its source route removed; not yet parsed
 * @param parameters by upper-case keyword, in their order; a keyword without value maps to ""
 */
record PathArgument(String path, Map<String, String> parameters) {
  private static final Pattern KEYWORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
  private static final Pattern VALUE = Pattern.compile("[^\\x00-\\x20=\\x7f]+");

  /** RFC 5321 §4.1.2, {@code A-d-l}; RFC 5321 Appendix C: accepted, and ignored. */
  private static final Pattern SOURCE_ROUTE =
      Pattern.compile("@[A-Za-z0-9.-]+(?:,@[A-Za-z0-9.-]+)*:");

  /**
   * @param keyword {@code FROM} or {@code TO}
   * @throws CommandException 501 5.5.4 if the argument is malformed
   */
  static PathArgument parse(String argument, String keyword) throws CommandException {
    var prefix = keyword + ":";
    if (!argument.regionMatches(true, 0, prefix, 0, prefix.length())) {
      throw malformed("expected " + prefix + "<address>");
    }
    // Space after the colon: RFC 5321 §3.3 forbids it, yet old clients and scripts send it.
    var rest = argument.substring(prefix.length()).stripLeading();
    if (!rest.startsWith("<")) {
      throw malformed("put the address in angle brackets: " + prefix + "<address>");
    }
    int end = endOfPath(rest);
    var path = rest.substring(1, end);
    var route = SOURCE_ROUTE.matcher(path);
    if (route.lookingAt()) {
      path = path.substring(route.end());
    }
    return new PathArgument(path, parameters(rest.substring(end + 1)));
  }

  /** Where the closing bracket stands; those inside a quoted local part do not count. */
  private static int endOfPath(String text) throws CommandException {
    boolean quoted = false;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '>' && !quoted) {
        return i;
      }
    }
    throw malformed("the angle bracket is not closed");
  }

  private static Map<String, String> parameters(String text) throws CommandException {
    var parameters = new LinkedHashMap<String, String>();
    if (text.isBlank()) {
      return parameters;
    }
    if (!text.startsWith(" ")) {
      throw malformed("a space goes before the first parameter");
    }
    for (var word : text.strip().split(" +")) {
      int equals = word.indexOf('=');
      var keyword = equals < 0 ? word : word.substring(0, equals);
      var value = equals < 0 ? "" : word.substring(equals + 1);
      if (!KEYWORD.matcher(keyword).matches() || (equals >= 0 && !VALUE.matcher(value).matches())) {
        throw malformed("a parameter is KEYWORD or KEYWORD=value");
      }
      if (parameters.put(keyword.toUpperCase(Locale.ROOT), value) != null) {
        throw malformed("a parameter stands there twice");
      }
    }
    return parameters;
  }

  private static CommandException malformed(String advice) {
    return new CommandException(501, "5.5.4", "Malformed argument: " + advice);
  }
}
