package io.postern.mail.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A list of tags and values, {@code v=1; a=rsa-sha256}: the form of signatures and key records. RFC
 * 6376 §3.2.
 */
final class TagList {
  private final Map<String, String> tags;

  private TagList(Map<String, String> tags) {
    this.tags = tags;
  }

  /** Reads it; the case of names and values counts. Empty if it is not of that form. */
  static Optional<TagList> parse(String text) {
    var tags = new LinkedHashMap<String, String>();
    int start = 0;
    while (start < text.length()) {
      int semicolon = text.indexOf(';', start);
      int end = semicolon < 0 ? text.length() : semicolon;
      var tag = text.substring(start, end);
      start = end + 1;
      int equals = tag.indexOf('=');
      boolean isLast = start >= text.length();
      if (equals < 0 && isLast && !tags.isEmpty() && withoutSpace(tag).isEmpty()) {
        break; // What follows the last semicolon.
      }
      if (equals < 0) {
        return Optional.empty();
      }
      var name = strip(tag.substring(0, equals));
      var value = strip(tag.substring(equals + 1));
      if (!isName(name) || !isValue(value) || tags.putIfAbsent(name, value) != null) {
        return Optional.empty();
      }
    }
    return tags.isEmpty() ? Optional.empty() : Optional.of(new TagList(tags));
  }

  /** The value of a tag, white space inside it kept. */
  Optional<String> get(String name) {
    return Optional.ofNullable(tags.get(name));
  }

  /** The name of the first tag. */
  String first() {
    return tags.keySet().iterator().next();
  }

  /** A value without the white space that may stand anywhere in it. RFC 6376 §2.10. */
  static String withoutSpace(String value) {
    var out = new StringBuilder(value.length());
    value.chars().filter(c -> !isSpace(c)).forEach(c -> out.append((char) c));
    return out.toString();
  }

  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && isLetter(name.charAt(0))
        && name.chars().allMatch(c -> isLetter(c) || c >= '0' && c <= '9' || c == '_');
  }

  private static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  /** Printable US-ASCII and, for RFC 8616, whatever is beyond it. */
  private static boolean isValue(String value) {
    return value.chars().allMatch(c -> isSpace(c) || c > ' ' && c != 0x7f);
  }

  private static boolean isSpace(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }
}
