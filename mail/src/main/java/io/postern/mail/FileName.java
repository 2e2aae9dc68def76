package io.postern.mail;

import java.nio.charset.StandardCharsets;

/** Names of files that strangers chose. {@code spec/content-types.md} §10.5, last paragraph. */
final class FileName {
  /** In octets of UTF-8. */
  static final int MAX_OCTETS = 150;

  private static final int MAX_EXTENSION = 16;

  private FileName() {}

  /**
   * The last component of the path without controls, bidirectional controls, leading or trailing
   * dots and spaces; cut to 150 octets so that its extension remains.
   *
   * @param fallback the result if nothing remains
   */
  static String clean(String name, String fallback) {
    int slash = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\'));
    var last = SafeText.line(name.substring(slash + 1), MAX_OCTETS * 2);
    last = last.replaceAll("^[. ]+|[. ]+$", "");
    if (last.isEmpty()) {
      return fallback;
    }
    if (octets(last) <= MAX_OCTETS) {
      return last;
    }
    int dot = last.lastIndexOf('.');
    var extension = dot > 0 && octets(last.substring(dot)) <= MAX_EXTENSION ? dot : last.length();
    var tail = last.substring(extension);
    return cut(last.substring(0, extension), MAX_OCTETS - octets(tail)).stripTrailing() + tail;
  }

  private static String cut(String text, int maxOctets) {
    int octets = 0;
    int end = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      octets += Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
      if (octets > maxOctets) {
        break;
      }
      end += Character.charCount(c);
    }
    return text.substring(0, end);
  }

  private static int octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
