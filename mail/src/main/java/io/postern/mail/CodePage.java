package io.postern.mail;

import java.util.Map;

/** Windows code page identifiers, as charset labels that {@link TextDecoder} knows. */
final class CodePage {
  static final int WESTERN = 1252;

  private static final Map<Integer, String> LABELS =
      Map.ofEntries(
          Map.entry(874, "x-windows-874"),
          Map.entry(932, "windows-31j"),
          Map.entry(936, "gb18030"),
          Map.entry(949, "x-windows-949"),
          Map.entry(950, "big5"),
          Map.entry(1200, "utf-16le"),
          Map.entry(10000, "x-macroman"),
          Map.entry(20127, "us-ascii"),
          Map.entry(20866, "koi8-r"),
          Map.entry(20932, "euc-jp"),
          Map.entry(21866, "koi8-u"),
          Map.entry(38598, "iso-8859-8"),
          Map.entry(50220, "iso-2022-jp"),
          Map.entry(50221, "iso-2022-jp"),
          Map.entry(50222, "iso-2022-jp"),
          Map.entry(50225, "iso-2022-kr"),
          Map.entry(51932, "euc-jp"),
          Map.entry(51936, "gb18030"),
          Map.entry(51949, "euc-kr"),
          Map.entry(54936, "gb18030"),
          Map.entry(65000, "utf-7"),
          Map.entry(65001, "utf-8"));

  /** The charset of a font, RTF's {@code \fcharset}; those not here are the document's. */
  private static final Map<Integer, Integer> FONT =
      Map.ofEntries(
          Map.entry(0, 1252),
          Map.entry(77, 10000),
          Map.entry(128, 932),
          Map.entry(129, 949),
          Map.entry(134, 936),
          Map.entry(136, 950),
          Map.entry(161, 1253),
          Map.entry(162, 1254),
          Map.entry(163, 1258),
          Map.entry(177, 1255),
          Map.entry(178, 1256),
          Map.entry(186, 1257),
          Map.entry(204, 1251),
          Map.entry(222, 874),
          Map.entry(238, 1250));

  private CodePage() {}

  static String label(int codePage) {
    if (LABELS.containsKey(codePage)) {
      return LABELS.get(codePage);
    }
    if (codePage >= 1250 && codePage <= 1258) {
      return "windows-" + codePage;
    }
    if (codePage >= 28591 && codePage <= 28605) {
      return "iso-8859-" + (codePage - 28590);
    }
    return codePage >= 437 && codePage <= 869 ? "ibm" + codePage : "windows-1252";
  }

  static int ofFont(int fontCharset, int otherwise) {
    return FONT.getOrDefault(fontCharset, otherwise);
  }
}
