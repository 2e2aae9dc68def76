package io.postern.mapping;

/** A stranger's words as one harmless line among words of ours. */
final class OneLine {
  private OneLine() {}

  /**
   * White space and controls become single spaces; marks that turn the direction of text (Unicode
   * Standard Annex 9), byte order marks and halves of surrogate pairs go; what is longer ends in an
   * ellipsis.
   */
  static String of(String text, int maxCodePoints) {
    var line = new StringBuilder();
    int length = 0;
    boolean space = false;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (isSpace(codePoint)) {
        space = length > 0;
        continue;
      }
      if (isHidden(codePoint)) {
        continue;
      }
      if (length + (space ? 1 : 0) >= maxCodePoints) {
        return line.append('…').toString();
      }
      if (space) {
        line.append(' ');
        length++;
        space = false;
      }
      line.appendCodePoint(codePoint);
      length++;
    }
    return line.toString();
  }

  private static boolean isSpace(int codePoint) {
    return Character.isWhitespace(codePoint)
        || Character.isSpaceChar(codePoint)
        || Character.isISOControl(codePoint);
  }

  private static boolean isHidden(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE
        || codePoint == 0x061c
        || codePoint == 0x200e
        || codePoint == 0x200f
        || (codePoint >= 0x202a && codePoint <= 0x202e)
        || (codePoint >= 0x2066 && codePoint <= 0x2069)
        || codePoint == 0xfeff;
  }
}
