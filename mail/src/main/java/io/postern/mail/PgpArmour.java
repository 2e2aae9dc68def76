package io.postern.mail;

import java.util.Optional;

/** OpenPGP that stands in the text of a mail. RFC 9580 §6.2 and §7. */
final class PgpArmour {
  private static final String MESSAGE = "-----BEGIN PGP MESSAGE-----";
  private static final String MESSAGE_END = "-----END PGP MESSAGE-----";
  private static final String SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----";
  private static final String SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
  private static final String SIGNATURE_END = "-----END PGP SIGNATURE-----";

  /**
   * A text in which something is encrypted.
   *
   * @param armour what is encrypted, with its first and last line
   * @param around what stands before and after it
   */
  record Encrypted(String armour, String around) {}

  private PgpArmour() {}

  /** Empty if nothing in it is encrypted, or if that is only quoted. */
  static Optional<Encrypted> encrypted(String text) {
    int begin = lineOf(text, MESSAGE, 0);
    if (begin < 0) {
      return Optional.empty();
    }
    int last = lineOf(text, MESSAGE_END, begin);
    int end = last < 0 ? text.length() : last + MESSAGE_END.length();
    return Optional.of(
        new Encrypted(text.substring(begin, end), text.substring(0, begin) + text.substring(end)));
  }

  /** §7: the armour and its headers go, the text stays, its dashes unescaped. */
  static String withoutSignature(String text) {
    int begin = lineOf(text, SIGNED, 0);
    int signature = begin < 0 ? -1 : lineOf(text, SIGNATURE, begin);
    int start = begin < 0 ? -1 : text.indexOf("\n\n", begin);
    if (signature < 0 || start < 0 || start + 2 > signature) {
      return text;
    }
    int last = lineOf(text, SIGNATURE_END, signature);
    int end = last < 0 ? text.length() : last + SIGNATURE_END.length();
    var said = text.substring(start + 2, signature);
    return text.substring(0, begin)
        + said.replace("\n- ", "\n").replaceAll("^- ", "").stripTrailing()
        + text.substring(end);
  }

  /** Where a line is exactly this, but for white space at its end; -1 if none is. */
  private static int lineOf(String text, String line, int from) {
    for (int at = text.indexOf(line, from); at >= 0; at = text.indexOf(line, at + 1)) {
      int end = at + line.length();
      while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
        end++;
      }
      boolean begins = at == 0 || text.charAt(at - 1) == '\n';
      if (begins && (end == text.length() || text.charAt(end) == '\n')) {
        return at;
      }
    }
    return -1;
  }
}
