package io.postern.mail.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text with macros, read and ready to be expanded. RFC 7208 §7: {@code macro-string}, {@code
 * domain-spec} and {@code explain-string}.
 */
final class SpfMacro {
  /** What the letters stand for in one check. */
  @FunctionalInterface
  interface Values {
    String of(char lowerCaseLetter);
  }

  private static final String IN_DOMAINS = "slodiphv";
  private static final String IN_EXPLANATIONS = IN_DOMAINS + "crt";
  private static final String DELIMITERS = ".-+,/_=";

  private static final Pattern ESCAPE_AT_END = Pattern.compile("%[%_-]\\z");

  /** As many labels as a name can have. */
  private static final int MAX_PARTS = 128;

  private sealed interface Piece {}

  private record Literal(String text) implements Piece {}

  private record Macro(char letter, int parts, boolean reversed, String delimiters)
      implements Piece {}

  private final List<Piece> pieces;

  private SpfMacro(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /** RFC 7208 §7.1, {@code domain-spec}: ends in a macro or in a top-level label. */
  static SpfMacro domainSpec(String text) throws SpfSyntaxException {
    var read = read(text, IN_DOMAINS, false);
    int last = read.pieces.size() - 1;
    if (last < 0) {
      throw new SpfSyntaxException("a domain is missing");
    }
    // %%, %_ and %- are macro-expand too, so a domain may end in them.
    boolean macroAtEnd = text.endsWith("}") && read.pieces.get(last) instanceof Macro;
    if (!macroAtEnd && !ESCAPE_AT_END.matcher(text).find() && !endsInTopLabel(text)) {
      throw new SpfSyntaxException("\"" + text + "\" is not the name of a domain");
    }
    return read;
  }

  /** RFC 7208 §6.2, {@code explain-string}: spaces, and the letters c, r and t. */
  static SpfMacro explanation(String text) throws SpfSyntaxException {
    return read(text, IN_EXPLANATIONS, true);
  }

  /** RFC 7208 §7.1, {@code macro-string}, as it follows a modifier that nobody knows. */
  static SpfMacro string(String text) throws SpfSyntaxException {
    return read(text, IN_EXPLANATIONS, false);
  }

  /** What it says; no more than a few letters beyond {@code maxLength} are put together. */
  String expand(Values values, int maxLength) {
    var out = new StringBuilder();
    for (var piece : pieces) {
      if (out.length() > maxLength) {
        break;
      }
      if (piece instanceof Macro macro) {
        out.append(expand(macro, values));
      } else if (piece instanceof Literal literal) {
        out.append(literal.text());
      }
    }
    return out.toString();
  }

  private static String expand(Macro macro, Values values) {
    char letter = Character.toLowerCase(macro.letter());
    var value = values.of(letter);
    var parts = new ArrayList<String>();
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      if (i == value.length() || macro.delimiters().indexOf(value.charAt(i)) >= 0) {
        parts.add(value.substring(start, i));
        start = i + 1;
      }
    }
    if (macro.reversed()) {
      Collections.reverse(parts);
    }
    int first = Math.max(0, parts.size() - macro.parts());
    var text = String.join(".", parts.subList(first, parts.size()));
    return letter == macro.letter() ? text : urlEscaped(text);
  }

  /** RFC 3986 §2.3: all but the unreserved characters, in UTF-8. */
  private static String urlEscaped(String text) {
    var out = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      if (isAlphanumeric(c) || "-._~".indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return out.toString();
  }

  private static SpfMacro read(String text, String letters, boolean spaces)
      throws SpfSyntaxException {
    var pieces = new ArrayList<Piece>();
    var literal = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        if (c > 0x7e || c < ' ' || c == ' ' && !spaces) {
          throw new SpfSyntaxException(
              String.format(Locale.ROOT, "the character U+%04X is not allowed", (int) c));
        }
        literal.append(c);
        continue;
      }
      i++;
      char next = i < text.length() ? text.charAt(i) : ' ';
      switch (next) {
        case '%' -> literal.append('%');
        case '_' -> literal.append(' ');
        case '-' -> literal.append("%20");
        case '{' -> {
          int end = text.indexOf('}', i);
          if (end < 0) {
            throw new SpfSyntaxException("a macro does not end");
          }
          pieces.add(new Literal(literal.toString()));
          literal.setLength(0);
          pieces.add(macro(text.substring(i + 1, end), letters));
          i = end;
        }
        default -> throw new SpfSyntaxException("a % begins no macro");
      }
    }
    if (literal.length() > 0) {
      pieces.add(new Literal(literal.toString()));
    }
    return new SpfMacro(pieces);
  }

  private static Macro macro(String text, String letters) throws SpfSyntaxException {
    if (text.isEmpty() || letters.indexOf(Character.toLowerCase(text.charAt(0))) < 0) {
      throw new SpfSyntaxException("the macro %{" + text + "} is not known here");
    }
    int i = 1;
    int parts = 0;
    while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      parts = Math.min(MAX_PARTS, parts * 10 + text.charAt(i) - '0');
      i++;
    }
    if (i > 1 && parts == 0) {
      throw new SpfSyntaxException("the macro %{" + text + "} keeps no part");
    }
    boolean reversed = i < text.length() && Character.toLowerCase(text.charAt(i)) == 'r';
    var delimiters = text.substring(reversed ? i + 1 : i);
    if (!delimiters.chars().allMatch(c -> DELIMITERS.indexOf(c) >= 0)) {
      throw new SpfSyntaxException("the macro %{" + text + "} has unknown delimiters");
    }
    return new Macro(
        text.charAt(0),
        i == 1 ? Integer.MAX_VALUE : parts,
        reversed,
        delimiters.isEmpty() ? "." : delimiters);
  }

  private static boolean endsInTopLabel(String text) {
    var name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    int dot = name.lastIndexOf('.');
    var label = name.substring(dot + 1);
    return dot >= 0
        && !label.isEmpty()
        && label.chars().allMatch(c -> isAlphanumeric((char) c) || c == '-')
        && !label.startsWith("-")
        && !label.endsWith("-")
        && !label.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isAlphanumeric(char c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
