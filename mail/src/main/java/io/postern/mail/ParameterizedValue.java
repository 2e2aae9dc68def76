package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The value of a Content-Type or Content-Disposition field. RFC 2045 §5.1, RFC 2183, with the
 * continuations, charsets and languages of RFC 2231.
 *
 * @param value what stands before the first semicolon, lower-case
 * @param parameters by their lower-case names, decoded
 */
record ParameterizedValue(String value, Map<String, String> parameters) {
  /** RFC 2231 does not say; nobody needs more. */
  private static final int MAX_PARAMETERS = 200;

  private static final Pattern SECTION = Pattern.compile("([^*]+)(?:\\*(\\d{1,3}))?(\\*)?");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`{|}~-]+");

  ParameterizedValue {
    parameters = Map.copyOf(parameters);
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** Reads leniently: whatever cannot be understood is passed over. */
  static ParameterizedValue parse(String field) {
    var pieces = split(field);
    var value = withoutComments(pieces.get(0)).strip().toLowerCase(Locale.ROOT);
    var plain = new LinkedHashMap<String, String>();
    var sections = new LinkedHashMap<String, Map<Integer, Section>>();
    for (var piece : pieces.subList(1, pieces.size())) {
      int equals = piece.indexOf('=');
      if (equals <= 0) {
        continue;
      }
      var name = piece.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      var text = unquoted(piece.substring(equals + 1).strip());
      var form = SECTION.matcher(name);
      if (name.indexOf('*') < 0) {
        plain.putIfAbsent(name, EncodedWords.decode(text));
      } else if (form.matches()) {
        int index = form.group(2) == null ? 0 : Integer.parseInt(form.group(2));
        sections
            .computeIfAbsent(form.group(1), anyName -> new HashMap<>())
            .putIfAbsent(index, new Section(text, form.group(3) != null));
      }
    }
    // RFC 2231 outranks the plain form, which is there for older readers.
    sections.forEach((name, numbered) -> plain.put(name, joined(numbered)));
    return new ParameterizedValue(value, plain);
  }

  private record Section(String text, boolean extended) {}

  private static String joined(Map<Integer, Section> numbered) {
    var octets = new ByteArrayOutputStream();
    var charset = "";
    boolean extended = false;
    for (int i = 0; numbered.containsKey(i); i++) {
      var section = numbered.get(i);
      var text = section.text();
      if (!section.extended()) {
        octets.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        continue;
      }
      extended = true;
      if (i == 0) {
        int first = text.indexOf('\'');
        int second = text.indexOf('\'', first + 1);
        if (first >= 0 && second > first) {
          charset = text.substring(0, first);
          text = text.substring(second + 1);
        }
      }
      octets.writeBytes(percentDecoded(text));
    }
    var text = TextDecoder.decode(octets.toByteArray(), charset);
    // Some cut an encoded-word into sections.
    return extended ? text : EncodedWords.decode(text);
  }

  private static byte[] percentDecoded(String text) {
    var out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      boolean escape = text.charAt(i) == '%' && hex(text, i + 1) >= 0 && hex(text, i + 2) >= 0;
      if (escape) {
        out.write(hex(text, i + 1) << 4 | hex(text, i + 2));
        i += 2;
      } else {
        out.writeBytes(text.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static int hex(String text, int index) {
    return index < text.length() && text.charAt(index) < 0x80
        ? Character.digit(text.charAt(index), 16)
        : -1;
  }

  /** Splits at semicolons outside quotes. The first piece is the value. */
  private static List<String> split(String field) {
    var pieces = new ArrayList<String>();
    var piece = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && quoted && i + 1 < field.length()) {
        piece.append(c).append(field.charAt(++i));
      } else if (c == ';' && !quoted) {
        pieces.add(piece.toString());
        piece.setLength(0);
        if (pieces.size() > MAX_PARAMETERS) {
          return pieces;
        }
      } else {
        quoted ^= c == '"';
        piece.append(c);
      }
    }
    pieces.add(piece.toString());
    return pieces;
  }

  private static String unquoted(String text) {
    if (!text.startsWith("\"")) {
      return text;
    }
    var out = new StringBuilder(text.length());
    for (int i = 1; i < text.length() && text.charAt(i) != '"'; i++) {
      char c = text.charAt(i);
      // A lone backslash is kept: some clients send Windows paths unquoted inside the quotes.
      boolean quotes =
          c == '\\' && i + 1 < text.length() && "\"\\".indexOf(text.charAt(i + 1)) >= 0;
      out.append(quotes ? text.charAt(++i) : c);
    }
    return out.toString();
  }

  private static String withoutComments(String text) {
    var out = new StringBuilder(text.length());
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')' && depth > 0) {
        depth--;
      } else if (depth == 0) {
        out.append(c);
      }
    }
    return out.toString();
  }

  static boolean isToken(String text) {
    return TOKEN.matcher(text).matches();
  }

  /**
   * One parameter as it is written, both for old readers and, if it is not plain ASCII, by RFC 2231
   * §4 for the others. The pieces are meant to be joined with {@code "; "}.
   *
   * @param text one line without controls
   */
  static List<String> write(String name, String text) {
    var ascii = new StringBuilder();
    text.codePoints().forEach(c -> ascii.append(c < 0x80 ? (char) c : '_'));
    var pieces = new ArrayList<String>();
    boolean fits = ascii.length() <= 60;
    if (fits) {
      // RFC 2047 §5 forbids encoded-words here, but readers decode what looks like one.
      pieces.add(name + "=" + quoted(ascii.toString().replace("=?", "=_")));
    }
    if (fits && SafeText.isAscii(text) && !text.contains("=?")) {
      return pieces;
    }
    var encoded = new ArrayList<String>();
    var section = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = octet > ' ' && isAttributeChar((char) octet);
      var piece = plain ? String.valueOf((char) octet) : String.format("%%%02X", octet & 0xff);
      if (section.length() + piece.length() > 50) {
        encoded.add(section.toString());
        section.setLength(0);
      }
      section.append(piece);
    }
    encoded.add(section.toString());
    if (encoded.size() == 1) {
      pieces.add(name + "*=UTF-8''" + encoded.get(0));
    } else {
      for (int i = 0; i < encoded.size(); i++) {
        pieces.add(name + "*" + i + "*=" + (i == 0 ? "UTF-8''" : "") + encoded.get(i));
      }
    }
    return pieces;
  }

  private static String quoted(String ascii) {
    return isToken(ascii) ? ascii : "\"" + ascii.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** RFC 2231 §7, {@code attribute-char}. */
  private static boolean isAttributeChar(char c) {
    return c > ' ' && c < 0x7f && "()<>@,;:\\\"/[]?=*'%".indexOf(c) < 0;
  }
}
