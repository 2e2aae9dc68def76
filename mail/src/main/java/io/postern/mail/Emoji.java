package io.postern.mail;

import java.nio.charset.StandardCharsets;

/** Recognises one emoji. UTS 51, {@code possible_emoji} of ED-17a, over its blocks. */
final class Emoji {
  /** In octets of UTF-8: the longest family or flag is shorter. */
  static final int MAX_OCTETS = 40;

  private static final int JOINER = 0x200d;
  private static final int EMOJI_STYLE = 0xfe0f;
  private static final int KEYCAP = 0x20e3;

  /** Pairs of first and last code point. */
  private static final int[] BASES = {
    0xa9, 0xa9, 0xae, 0xae, 0x203c, 0x203c, 0x2049, 0x2049, 0x2122, 0x2122, 0x2139, 0x2139, 0x2194,
    0x2199, 0x21a9, 0x21aa, 0x231a, 0x231b, 0x2328, 0x2328, 0x23cf, 0x23cf, 0x23e9, 0x23f3, 0x23f8,
    0x23fa, 0x24c2, 0x24c2, 0x25aa, 0x25ab, 0x25b6, 0x25b6, 0x25c0, 0x25c0, 0x25fb, 0x25fe, 0x2600,
    0x27bf, 0x2934, 0x2935, 0x2b05, 0x2b07, 0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x3030,
    0x3030, 0x303d, 0x303d, 0x3297, 0x3297, 0x3299, 0x3299, 0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf,
    0x1f170, 0x1f171, 0x1f17e, 0x1f17f, 0x1f18e, 0x1f18e, 0x1f191, 0x1f19a, 0x1f201, 0x1f202,
    0x1f21a, 0x1f21a, 0x1f22f, 0x1f22f, 0x1f232, 0x1f23a, 0x1f250, 0x1f251, 0x1f300, 0x1f64f,
    0x1f680, 0x1f6ff, 0x1f7e0, 0x1f7eb, 0x1f7f0, 0x1f7f0, 0x1f90c, 0x1f9ff, 0x1fa70, 0x1faff
  };

  private Emoji() {}

  /** Whether the text is exactly one emoji. */
  static boolean isEmoji(String text) {
    if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_OCTETS) {
      return false;
    }
    var points = text.codePoints().toArray();
    int at = 0;
    do {
      int end = element(points, at);
      if (end == at) {
        return false;
      }
      at = end;
    } while (at < points.length - 1 && points[at++] == JOINER);
    return at == points.length;
  }

  /** The end of the element that begins at {@code at}; {@code at} itself if there is none. */
  private static int element(int[] points, int at) {
    if (isRegional(points, at)) {
      return isRegional(points, at + 1) ? at + 2 : at;
    }
    if (at < points.length && "0123456789#*".indexOf(points[at]) >= 0) {
      int next = at + 1 < points.length && points[at + 1] == EMOJI_STYLE ? at + 2 : at + 1;
      return next < points.length && points[next] == KEYCAP ? next + 1 : at;
    }
    if (at >= points.length || !isBase(points[at])) {
      return at;
    }
    int end = at + 1;
    if (end < points.length
        && (points[end] == EMOJI_STYLE || (points[end] >= 0x1f3fb && points[end] <= 0x1f3ff))) {
      end++;
    }
    // Flags of regions are spelled in tag characters.
    while (end < points.length && points[end] >= 0xe0020 && points[end] <= 0xe007f) {
      end++;
    }
    return end;
  }

  private static boolean isRegional(int[] points, int at) {
    return at < points.length && points[at] >= 0x1f1e6 && points[at] <= 0x1f1ff;
  }

  private static boolean isBase(int c) {
    for (int i = 0; i < BASES.length; i += 2) {
      if (c >= BASES[i] && c <= BASES[i + 1]) {
        return true;
      }
    }
    return false;
  }
}
