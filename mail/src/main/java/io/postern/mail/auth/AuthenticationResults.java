package io.postern.mail.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a host found out about who sent a mail: the value of an Authentication-Results field. RFC
 * 8601.
 *
 * @param host the {@code authserv-id} of who says so, as written
 * @param results none if it found nothing
 */
public record AuthenticationResults(String host, List<MethodResult> results) {
  private static final int LINE = 78;

  /** The first octets of a signature tell signatures apart. RFC 6008 §4. */
  private static final int SIGNATURE_OCTETS = 12;

  /**
   * What one method found.
   *
   * @param method {@code dkim}, for example; lower-case
   * @param result {@code pass}, for example; lower-case
   * @param reason in words; empty if none is given
   */
  public record MethodResult(
      String method, String result, String reason, List<Property> properties) {
    public MethodResult {
      requireKeyword(method);
      requireKeyword(result);
      Objects.requireNonNull(reason, "reason");
      properties = List.copyOf(properties);
    }

    /** Of a method that needs no words. */
    public static MethodResult of(String method, String result, Property... properties) {
      return new MethodResult(method, result, "", List.of(properties));
    }

    /** With {@code header.d}, {@code .s}, {@code .a} and {@code .b} as far as they are known. */
    public static MethodResult of(DkimResult dkim) {
      var properties = new ArrayList<Property>();
      add(properties, "d", dkim.domain());
      add(properties, "s", dkim.selector());
      add(properties, "a", dkim.algorithm());
      var b = dkim.signature();
      add(properties, "b", b.substring(0, Math.min(b.length(), SIGNATURE_OCTETS)));
      var reason = dkim.passed() ? "" : dkim.reason();
      return new MethodResult("dkim", dkim.result().toString(), reason, properties);
    }

    /** With {@code header.oldest-pass} if there is a chain. RFC 8617 §10.2. */
    public static MethodResult of(ArcResult arc) {
      var properties = new ArrayList<Property>();
      if (arc.passed()) {
        add(properties, "oldest-pass", String.valueOf(arc.oldestPass()));
      }
      var reason = arc.status() == ArcResult.Status.FAIL ? arc.reason() : "";
      return new MethodResult("arc", arc.status().toString(), reason, properties);
    }

    private static void add(List<Property> properties, String name, String value) {
      if (!value.isEmpty()) {
        properties.add(new Property("header", name, value));
      }
    }

    /** The value of a property, for example {@code header} and {@code d}. */
    public Optional<String> property(String type, String name) {
      return properties.stream()
          .filter(property -> property.type().equals(type) && property.name().equals(name))
          .map(Property::value)
          .findFirst();
    }
  }

  /**
   * What a result is about.
   *
   * @param type {@code smtp}, {@code header}, {@code body} or {@code policy}; lower-case
   * @param name {@code mailfrom}, for example; lower-case
   */
  public record Property(String type, String name, String value) {
    public Property {
      requireKeyword(type);
      requireKeyword(name);
      Objects.requireNonNull(value, "value");
    }
  }

  public AuthenticationResults {
    Objects.requireNonNull(host, "host");
    results = List.copyOf(results);
  }

  /** Reads the value of a field. Empty if it does not say whose it is. */
  public static Optional<AuthenticationResults> parse(String value) {
    return AuthenticationResultsParser.parse(value);
  }

  /** The first result of a method. */
  public Optional<MethodResult> result(String method) {
    return results.stream().filter(found -> found.method().equals(method)).findFirst();
  }

  /**
   * Whether an Authentication-Results field that came with a mail is to be removed: it says that it
   * is of this host, so somebody else wrote it in our name. RFC 8601 §5.
   *
   * @param value of the field, folded or not
   * @param host our {@code authserv-id}
   */
  public static boolean isForgery(String value, String host) {
    var lower = value.toLowerCase(Locale.ROOT);
    return parse(value)
        .map(found -> withoutDot(found.host()).equalsIgnoreCase(withoutDot(host)))
        // Whoever reads more leniently than we might take it for ours.
        .orElseGet(() -> lower.contains(withoutDot(host).toLowerCase(Locale.ROOT)));
  }

  private static String withoutDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** The field, folded, with its last CR LF. Whatever the values hold, it stays one field. */
  public String field() {
    var out = new StringBuilder("Authentication-Results: ").append(printed(host));
    if (results.isEmpty()) {
      return out.append("; none\r\n").toString();
    }
    for (var result : results) {
      out.append(";\r\n");
      var line =
          new StringBuilder("\t").append(result.method()).append('=').append(result.result());
      if (!result.reason().isEmpty()) {
        add(out, line, "reason=" + quoted(result.reason()));
      }
      for (var property : result.properties()) {
        add(out, line, property.type() + "." + property.name() + "=" + printed(property.value()));
      }
      out.append(line);
    }
    return out.append("\r\n").toString();
  }

  private static void add(StringBuilder out, StringBuilder line, String token) {
    if (line.length() + 1 + token.length() + 1 > LINE) {
      out.append(line).append("\r\n");
      line.setLength(0);
      line.append("\t ").append(token);
    } else {
      line.append(' ').append(token);
    }
  }

  /** As it is if every reader takes it so, else quoted. */
  private static String printed(String value) {
    boolean isPlain =
        !value.isEmpty()
            && value
                .chars()
                .allMatch(
                    c -> c < 0x80 && (Character.isLetterOrDigit(c) || "-_.+@".indexOf(c) >= 0))
            && value.chars().filter(c -> c == '@').count() <= 1;
    return isPlain ? value : quoted(value);
  }

  private static String quoted(String value) {
    var out = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(
            c -> {
              boolean isSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
              if (Character.isISOControl(c) || isSurrogate || c == 0x2028 || c == 0x2029) {
                out.append('?');
              } else {
                out.append(c == '"' || c == '\\' ? "\\" : "").appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }

  private static void requireKeyword(String text) {
    boolean isKeyword =
        !text.isEmpty()
            && text.chars()
                .allMatch(
                    c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_');
    if (!isKeyword) {
      throw new IllegalArgumentException("not a keyword in lower case: " + text);
    }
  }
}
