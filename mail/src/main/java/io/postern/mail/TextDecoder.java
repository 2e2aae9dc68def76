package io.postern.mail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Octets to text when the label may be missing, unknown or wrong. */
final class TextDecoder {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  /**
   * Labels that stand for more than they say: each is decoded by the larger charset that mail
   * clients use under its name (WHATWG Encoding §4.2).
   */
  private static final Map<String, String> LARGER =
      Map.ofEntries(
          Map.entry("iso-8859-1", "windows-1252"),
          Map.entry("latin1", "windows-1252"),
          Map.entry("l1", "windows-1252"),
          Map.entry("iso-8859-9", "windows-1254"),
          Map.entry("iso-8859-11", "x-windows-874"),
          Map.entry("tis-620", "x-windows-874"),
          Map.entry("iso-8859-8-i", "iso-8859-8"),
          Map.entry("iso-8859-8-e", "iso-8859-8"),
          Map.entry("gb2312", "gb18030"),
          Map.entry("gb_2312-80", "gb18030"),
          Map.entry("gbk", "gb18030"),
          Map.entry("shift_jis", "windows-31j"),
          Map.entry("sjis", "windows-31j"),
          Map.entry("iso-2022-jp", "x-windows-iso2022jp"),
          Map.entry("ks_c_5601-1987", "x-windows-949"),
          Map.entry("ks_c_5601", "x-windows-949"),
          Map.entry("euc-kr", "x-windows-949"),
          Map.entry("utf8", "utf-8"),
          Map.entry("utf8mb4", "utf-8"),
          Map.entry("unicode-1-1-utf-8", "utf-8"),
          Map.entry("big5", "big5-hkscs"));

  private TextDecoder() {}

  /**
   * Decodes by the labelled charset; if that is unknown or does not fit, by UTF-8 if valid, else by
   * windows-1252 ({@code spec/content-types.md} §10.7).
   *
   * <p>A labelled charset still fits when fewer than one in ten of its other than ASCII characters
   * are broken: a mail cut in the middle of a letter is not another charset.
   *
   * @param label the charset parameter as written; empty if there is none
   */
  static String decode(byte[] octets, String label) {
    if (octets.length == 0) {
      return "";
    }
    var labelled = charset(label);
    if (labelled.isPresent()) {
      var charset = labelled.get();
      var strict = strictly(octets, charset);
      if (strict.isPresent()) {
        return strict.get();
      }
      if (!charset.equals(StandardCharsets.US_ASCII)) {
        var replaced = new String(octets, charset);
        if (fewAreBroken(replaced)) {
          return replaced;
        }
      }
    }
    return strictly(octets, StandardCharsets.UTF_8)
        .orElseGet(() -> new String(octets, WINDOWS_1252));
  }

  private static Optional<Charset> charset(String label) {
    var name = label.strip().toLowerCase(Locale.ROOT);
    try {
      return name.isEmpty()
          ? Optional.empty()
          : Optional.of(Charset.forName(LARGER.getOrDefault(name, name)));
    } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
      return Optional.empty();
    }
  }

  private static Optional<String> strictly(byte[] octets, Charset charset) {
    try {
      return Optional.of(
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(octets))
              .toString());
    } catch (CharacterCodingException unfit) {
      return Optional.empty();
    }
  }

  private static boolean fewAreBroken(String text) {
    long broken = text.chars().filter(c -> c == 0xfffd).count();
    long foreign = text.chars().filter(c -> c >= 0x80).count();
    return broken * 10 < foreign;
  }
}
