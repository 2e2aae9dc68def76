package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/** Text other than ASCII in header fields. RFC 2047. */
final class EncodedWords {
  // RFC 2047 §2, but with the spaces, question marks and lengths that real encoders let through.
  private static final Pattern WORD =
      Pattern.compile(
          "=\\?([^?\\s*]{1,60})(?:\\*[^?\\s]{0,60})?\\?([bBqQ])\\?"
              + "([^?]*+(?:\\?(?<!=\\?)(?!=)[^?]*+)*+)\\?=");

  /** A word of ASCII that is longer cannot stand on a line of 78 characters. */
  private static final int MAX_ASCII_WORD = 75;

  /**
   * RFC 2047 §2: a line with encoded-words has 76 characters at most, the field's name included.
   */
  private static final int MAX_WORD = 52;

  private static final String PREFIX = "=?UTF-8?B?";
  private static final String SUFFIX = "?=";

  private EncodedWords() {}

  /**
   * Decodes what is encoded and leaves all else as it is.
   *
   * <p>White space between two words goes (RFC 2047 §6.2). Octets of adjacent words in one charset
   * are joined before they are decoded, because many senders cut inside a character although §5
   * forbids it.
   */
  static String decode(String text) {
    var word = WORD.matcher(text);
    if (!word.find()) {
      return text;
    }
    var out = new StringBuilder(text.length());
    var octets = new ByteArrayOutputStream();
    String charset = "";
    int end = 0;
    do {
      var between = text.substring(end, word.start());
      boolean adjacent = end > 0 && between.isBlank();
      if (!adjacent || !charset.equalsIgnoreCase(word.group(1))) {
        out.append(TextDecoder.decode(octets.toByteArray(), charset));
        octets.reset();
        charset = word.group(1);
      }
      if (!adjacent) {
        out.append(between);
      }
      octets.writeBytes(octets(word.group(2), word.group(3)));
      end = word.end();
    } while (word.find());
    return out.append(TextDecoder.decode(octets.toByteArray(), charset))
        .append(text, end, text.length())
        .toString();
  }

  private static byte[] octets(String encoding, String text) {
    return encoding.equalsIgnoreCase("b") ? lenientBase64(text) : quoted(text);
  }

  /** Base64 in which characters outside the alphabet are passed over, as RFC 2045 §6.8 asks. */
  private static byte[] lenientBase64(String text) {
    var clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || c == '+' || c == '/')) {
        clean.append(c);
      }
    }
    if (clean.length() % 4 == 1) {
      clean.setLength(clean.length() - 1);
    }
    return Base64.getDecoder().decode(clean.toString());
  }

  /** RFC 2047 §4.2, the "Q" encoding. */
  private static byte[] quoted(String text) {
    var out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '_') {
        out.write(' ');
      } else if (c == '=' && i + 2 < text.length() && isHex(text, i + 1) && isHex(text, i + 2)) {
        out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static boolean isHex(String text, int index) {
    return text.charAt(index) < 0x80 && Character.digit(text.charAt(index), 16) >= 0;
  }

  /**
   * Encodes one line of text if it must be: if it is not ASCII, looks like an encoded-word or has a
   * word that is too long to fold. The result is ASCII and can be folded at its spaces.
   *
   * @param line without controls; see {@link SafeText#line}
   */
  static String encode(String line) {
    if (SafeText.isAscii(line) && !line.contains("=?") && longestWord(line) <= MAX_ASCII_WORD) {
      return line;
    }
    int room = (MAX_WORD - PREFIX.length() - SUFFIX.length()) / 4 * 3;
    var out = new StringBuilder();
    var octets = new ByteArrayOutputStream();
    for (int i = 0; i < line.length(); ) {
      int c = line.codePointAt(i);
      i += Character.charCount(c);
      var encoded = Character.toString(c).getBytes(StandardCharsets.UTF_8);
      if (octets.size() + encoded.length > room) {
        append(out, octets);
      }
      octets.writeBytes(encoded);
    }
    append(out, octets);
    return out.toString();
  }

  private static void append(StringBuilder out, ByteArrayOutputStream octets) {
    if (octets.size() > 0) {
      out.append(out.isEmpty() ? "" : " ")
          .append(PREFIX)
          .append(Base64.getEncoder().encodeToString(octets.toByteArray()))
          .append(SUFFIX);
      octets.reset();
    }
  }

  private static int longestWord(String line) {
    int longest = 0;
    for (var word : line.split(" ")) {
      longest = Math.max(longest, word.length());
    }
    return longest;
  }
}
