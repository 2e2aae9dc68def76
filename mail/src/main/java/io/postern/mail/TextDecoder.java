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
import java.util.Set;
import java.util.regex.Pattern;

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
          Map.entry("latin-1", "windows-1252"),
          Map.entry("ansi", "windows-1252"),
          Map.entry("x-sjis", "windows-31j"),
          Map.entry("cp932", "windows-31j"),
          Map.entry("ms_kanji", "windows-31j"),
          Map.entry("iso-2022-jp-ms", "x-windows-iso2022jp"),
          Map.entry("cp50220", "x-windows-iso2022jp"),
          Map.entry("cp50221", "x-windows-iso2022jp"),
          Map.entry("ks_c_5601-1989", "x-windows-949"),
          Map.entry("ksc5601", "x-windows-949"),
          Map.entry("cp949", "x-windows-949"),
          Map.entry("uhc", "x-windows-949"),
          Map.entry("cp936", "gb18030"),
          Map.entry("gb2312-80", "gb18030"),
          Map.entry("x-gbk", "gb18030"),
          Map.entry("cp950", "big5-hkscs"),
          Map.entry("big-5", "big5-hkscs"),
          Map.entry("x-x-big5", "big5-hkscs"),
          Map.entry("macintosh", "x-macroman"),
          Map.entry("mac", "x-macroman"),
          Map.entry("x-mac-roman", "x-macroman"),
          Map.entry("x-mac-cyrillic", "x-maccyrillic"),
          Map.entry("koi8", "koi8-r"),
          Map.entry("utf8", "utf-8"),
          Map.entry("uft-8", "utf-8"),
          Map.entry("utf-8mb4", "utf-8"),
          Map.entry("utf8mb4", "utf-8"),
          Map.entry("unicode-1-1-utf-8", "utf-8"),
          Map.entry("big5", "big5-hkscs"));

  private static final Set<String> UTF_7 =
      Set.of("utf-7", "unicode-1-1-utf-7", "x-unicode-1-1-utf-7");
  private static final Set<String> HZ = Set.of("hz-gb-2312", "hz");

  /** Labels that programs write without looking at the text. */
  private static final Set<String> CARELESS =
      Set.of("windows-1252", "iso-8859-1", "iso-8859-15", "us-ascii");

  /** {@code windows-1252} under the names that it has in the wild. */
  private static final Pattern WINDOWS =
      Pattern.compile("(?:x-)?(?:cp|win|windows)[-_]?(125[0-8])");

  private static final Pattern NO_LABEL = Pattern.compile("[^a-z0-9_.:+()-]+");

  private TextDecoder() {}

  /**
   * Decodes by the labelled charset; if that is unknown or does not fit, by UTF-8 if valid, else by
   * windows-1252 ({@code spec/content-types.md} §10.7).
   *
   * <p>What is labelled as Latin but is valid UTF-8 is UTF-8: the other way round hardly anybody
   * writes it.
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
    var name = name(label);
    var sevenBit = sevenBit(octets, name);
    if (sevenBit.isPresent()) {
      return sevenBit.get();
    }
    var labelled = charset(name);
    if (labelled.isPresent()) {
      var charset = labelled.get();
      if (CARELESS.contains(charset.name().toLowerCase(Locale.ROOT))) {
        var utf8 = strictly(octets, StandardCharsets.UTF_8);
        if (utf8.isPresent()) {
          return utf8.get();
        }
      }
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

  /**
   * Decodes a header field: it is UTF-8 (RFC 6532), or what old programs put there raw, mostly in
   * the charset of the text below.
   *
   * @param label the charset of the text; empty if there is none
   */
  static String decodeField(byte[] octets, String label) {
    for (int i = 0; i + 1 < octets.length; i++) {
      if (octets[i] == 0x1b && octets[i + 1] == '$') {
        return decode(octets, "iso-2022-jp");
      }
    }
    return strictly(octets, StandardCharsets.UTF_8).orElseGet(() -> decode(octets, label));
  }

  private static Optional<String> sevenBit(byte[] octets, String name) {
    if (UTF_7.contains(name)) {
      return SevenBitText.utf7(octets);
    }
    return HZ.contains(name) ? SevenBitText.hz(octets) : Optional.empty();
  }

  /** Without the quotes and signs that some put around it. */
  private static String name(String label) {
    var name = NO_LABEL.matcher(label.toLowerCase(Locale.ROOT)).replaceAll("");
    var windows = WINDOWS.matcher(name);
    return windows.matches() ? "windows-" + windows.group(1) : LARGER.getOrDefault(name, name);
  }

  private static Optional<Charset> charset(String name) {
    try {
      return name.isEmpty() ? Optional.empty() : Optional.of(Charset.forName(name));
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
