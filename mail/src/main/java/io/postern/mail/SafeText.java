package io.postern.mail;

/**
 * What may stand in a header field, a name or a reply line: no octet that could end the line, forge
 * another field or turn the reading order around.
 */
final class SafeText {
  private SafeText() {}

  /**
   * Whether a character is a visible or joining one: no control (C0, DEL, C1), no line or paragraph
   * separator, no bidirectional control (UAX 9), no byte order mark, no unpaired surrogate, no
   * noncharacter, no language tag.
   */
  static boolean isHarmless(int c) {
    return !Character.isISOControl(c)
        && c != 0x2028
        && c != 0x2029
        && !isBidiControl(c)
        && c != 0xfeff
        && !(c >= 0xfff9 && c <= 0xfffb)
        && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
        && (c & 0xfffe) != 0xfffe
        && !(c >= 0xfdd0 && c <= 0xfdef)
        && c != 0xe0001;
  }

  /** UAX 9: embeddings, overrides, isolates and the implicit marks. */
  static boolean isBidiControl(int c) {
    return (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x200e
        || c == 0x200f
        || c == 0x061c;
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  /**
   * The text as one line: what is not harmless becomes a space or goes, runs of white space become
   * one space, both ends are trimmed, and more than {@code maxCharacters} code points are cut.
   */
  static String line(String text, int maxCharacters) {
    var out = new StringBuilder();
    int length = 0;
    boolean space = false;
    for (int i = 0; i < text.length() && length < maxCharacters; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)) {
        space = length > 0;
      } else if (isHarmless(c)) {
        if (space) {
          out.append(' ');
          length++;
          space = false;
        }
        if (length < maxCharacters) {
          out.appendCodePoint(c);
          length++;
        }
      }
    }
    return out.toString();
  }

  /**
   * Body text: line ends become LF, tabs stay; controls, byte order marks and the two bidirectional
   * overrides go. Embeddings, isolates and marks stay, since right-to-left text needs them.
   */
  static String lines(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\r') {
        if (i >= text.length() || text.charAt(i) != '\n') {
          out.append('\n');
        }
      } else if (c == '\n' || c == '\t') {
        out.append((char) c);
      } else if (c == 0x2028 || c == 0x2029 || c == 0x85) {
        out.append('\n');
      } else if (isHarmless(c) || (isBidiControl(c) && c != 0x202d && c != 0x202e)) {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }
}
