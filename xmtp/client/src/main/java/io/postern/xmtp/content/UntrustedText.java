package io.postern.xmtp.content;

/** Takes out of a stranger's words what would let them pose as something else. */
final class UntrustedText {
  private UntrustedText() {}

  /**
   * Whether a character is a control, a line or paragraph separator, a mark that turns the
   * direction of text (Unicode Standard Annex 9), a BOM, or half a surrogate pair.
   */
  static boolean isUnsafe(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default ->
          codePoint == 0x061c
              || codePoint == 0x200e
              || codePoint == 0x200f
              || (codePoint >= 0x202a && codePoint <= 0x202e)
              || (codePoint >= 0x2066 && codePoint <= 0x2069)
              || codePoint == 0xfeff;
    };
  }

  /** The text on one line, unsafe characters as spaces, cut with an ellipsis if it is longer. */
  static String oneLine(String text, int maxCodePoints) {
    var line = new StringBuilder();
    int written = 0;
    boolean pendingSpace = false;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (isUnsafe(codePoint) || Character.isSpaceChar(codePoint)) {
        pendingSpace = !line.isEmpty();
        continue;
      }
      if (written >= maxCodePoints) {
        return line.append('…').toString();
      }
      if (pendingSpace) {
        line.append(' ');
        written++;
      }
      pendingSpace = false;
      line.appendCodePoint(codePoint);
      written++;
    }
    return line.toString();
  }

  /**
   * The text with LF as its only line end, without a BOM before it and without controls other than
   * LF and TAB. Direction marks stay: whoever writes Hebrew or Arabic needs them.
   */
  static String lines(String text) {
    var lines = new StringBuilder(text.length());
    text.substring(text.startsWith("\ufeff") ? 1 : 0)
        .replace("\r\n", "\n")
        .replace('\r', '\n')
        .codePoints()
        .filter(codePoint -> codePoint == '\n' || codePoint == '\t' || !isControl(codePoint))
        .forEach(lines::appendCodePoint);
    return lines.toString();
  }

  private static boolean isControl(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL || type == Character.SURROGATE;
  }
}
