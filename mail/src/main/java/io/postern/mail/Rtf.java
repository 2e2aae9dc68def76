package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The HTML or the text in RTF: what encapsulates HTML or text is taken back exactly (MS-OXRTFEX),
 * any other RTF becomes its text.
 */
final class Rtf {
  /** Groups within groups; no writer comes near. */
  private static final int MAX_DEPTH = 1000;

  /** MS-OXRTFEX §2.2.3: what encapsulates says so among its first control words. */
  private static final int HEADER_WORDS = 10;

  /** Groups that hold no text of the message. */
  private static final Set<String> NO_TEXT =
      Set.of(
          "colortbl",
          "stylesheet",
          "info",
          "header",
          "headerl",
          "headerr",
          "headerf",
          "footer",
          "footerl",
          "footerr",
          "footerf",
          "footnote",
          "mhtmltag",
          "fldinst");

  private static final Set<String> PICTURES = Set.of("pict", "object");

  private static final Map<String, Character> CHARACTERS =
      Map.ofEntries(
          Map.entry("par", '\n'),
          Map.entry("line", '\n'),
          Map.entry("row", '\n'),
          Map.entry("sect", '\n'),
          Map.entry("page", '\n'),
          Map.entry("tab", '\t'),
          Map.entry("cell", '\t'),
          Map.entry("lquote", '‘'),
          Map.entry("rquote", '’'),
          Map.entry("ldblquote", '“'),
          Map.entry("rdblquote", '”'),
          Map.entry("bullet", '•'),
          Map.entry("endash", '–'),
          Map.entry("emdash", '—'));

  /**
   * What it says.
   *
   * @param html whether the text is HTML
   * @param pictures whether it also holds what is no text
   */
  record Text(String text, boolean html, boolean pictures) {}

  /**
   * What holds until the end of a group.
   *
   * @param silent whether the group holds no text of the message
   * @param rtfOnly whether this is only for those who read no HTML
   * @param tag whether HTML stands here as it is
   * @param fonts whether this is the table of fonts
   * @param codePage of octets
   * @param skip how many characters stand after one of Unicode for older readers
   */
  private record State(
      boolean silent, boolean rtfOnly, boolean tag, boolean fonts, int codePage, int skip) {
    boolean speaks() {
      return !silent && !rtfOnly;
    }

    State silenced() {
      return new State(true, rtfOnly, tag, fonts, codePage, skip);
    }

    State asRtfOnly(boolean only) {
      return new State(silent, only, tag, fonts, codePage, skip);
    }

    State asTag() {
      return new State(silent, rtfOnly, true, fonts, codePage, skip);
    }

    State asFonts() {
      return new State(true, rtfOnly, tag, true, codePage, skip);
    }

    State withCodePage(int newCodePage) {
      return new State(silent, rtfOnly, tag, fonts, newCodePage, skip);
    }

    State withSkip(int newSkip) {
      return new State(silent, rtfOnly, tag, fonts, codePage, newSkip);
    }
  }

  private final byte[] rtf;
  private final Deque<State> groups = new ArrayDeque<>();
  private final Map<Integer, Integer> fontCodePages = new HashMap<>();
  private final StringBuilder out = new StringBuilder();
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private State state = new State(false, false, false, false, CodePage.WESTERN, 1);
  private int documentCodePage = CodePage.WESTERN;
  private int font;
  private int at;
  private int words;
  private int toSkip;
  private boolean optional;
  private boolean html;
  private boolean pictures;

  private Rtf(byte[] rtf) {
    this.rtf = rtf;
  }

  /**
   * @throws MailException if it is no RTF
   */
  static Text read(byte[] rtf) throws MailException {
    if (rtf.length < 6 || rtf[0] != '{' || rtf[1] != '\\' || rtf[2] != 'r' || rtf[3] != 't') {
      throw LittleEndian.malformed("its body is no RTF");
    }
    var reader = new Rtf(rtf);
    reader.read();
    return new Text(reader.out.toString(), reader.html, reader.pictures);
  }

  private void read() throws MailException {
    while (at < rtf.length) {
      byte octet = rtf[at++];
      if (octet == '{') {
        flush();
        toSkip = 0;
        if (groups.size() == MAX_DEPTH) {
          throw LittleEndian.malformed("its RTF is nested deeper than " + MAX_DEPTH + " groups");
        }
        groups.push(state);
      } else if (octet == '}') {
        flush();
        toSkip = 0;
        if (groups.isEmpty()) {
          break;
        }
        state = groups.pop();
      } else if (octet == '\\') {
        control();
      } else if (octet != '\r' && octet != '\n' && octet != 0) {
        literal(octet);
      }
    }
    flush();
  }

  private void literal(int octet) {
    if (toSkip > 0) {
      toSkip--;
    } else if (state.speaks()) {
      pending.write(octet);
    }
  }

  private void control() {
    if (at >= rtf.length) {
      return;
    }
    char first = (char) rtf[at];
    if (!isLetter(first)) {
      at++;
      symbol(first);
      return;
    }
    int start = at;
    while (at < rtf.length && isLetter((char) rtf[at])) {
      at++;
    }
    var word = new String(rtf, start, Math.min(at - start, 32), StandardCharsets.US_ASCII);
    var number = number();
    if (at < rtf.length && rtf[at] == ' ') {
      at++;
    }
    flush();
    words++;
    word(word, number);
    optional = false;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private Optional<Integer> number() {
    int start = at;
    boolean negative = at < rtf.length && rtf[at] == '-';
    at += negative ? 1 : 0;
    int digits = at;
    long value = 0;
    while (at < rtf.length && rtf[at] >= '0' && rtf[at] <= '9' && at - digits < 10) {
      value = value * 10 + rtf[at++] - '0';
    }
    if (at == digits) {
      at = start;
      return Optional.empty();
    }
    return Optional.of((int) (negative ? -value : value));
  }

  private void symbol(char symbol) {
    switch (symbol) {
      case '\'' -> {
        int high = at < rtf.length ? Character.digit((char) rtf[at], 16) : -1;
        int low = at + 1 < rtf.length ? Character.digit((char) rtf[at + 1], 16) : -1;
        if (high >= 0 && low >= 0) {
          at += 2;
          literal(high << 4 | low);
        }
      }
      case '*' -> optional = true;
      case '~' -> character('\u00a0');
      case '_' -> character('\u2011');
      case '{', '}', '\\' -> literal(symbol);
      case '\r', '\n' -> character('\n');
      default -> {
        // A hint for hyphens or an index.
      }
    }
  }

  private void word(String word, Optional<Integer> number) {
    if (CHARACTERS.containsKey(word)) {
      character(CHARACTERS.get(word));
      return;
    }
    switch (word) {
      case "ansicpg" -> {
        documentCodePage = number.orElse(CodePage.WESTERN);
        state = state.withCodePage(documentCodePage);
      }
      case "fromhtml" -> html |= words <= HEADER_WORDS && number.orElse(1) == 1;
      case "fonttbl" -> state = state.asFonts();
      case "f" -> font(number.orElse(0));
      case "plain" -> state = state.withCodePage(documentCodePage);
      case "fcharset" -> {
        if (state.fonts()) {
          fontCodePages.put(font, CodePage.ofFont(number.orElse(0), documentCodePage));
        }
      }
      case "uc" -> state = state.withSkip(Math.max(0, Math.min(number.orElse(1), 10)));
      case "u" -> {
        character((char) number.orElse((int) '?').intValue());
        toSkip = state.skip();
      }
      case "bin" -> at += Math.max(0, Math.min(number.orElse(0), rtf.length - at));
      case "htmltag" -> {
        // §2.2.4.1.1: in HTML its content stands as it is; elsewhere it says nothing.
        state = html && optional && state.speaks() ? state.asTag() : state.silenced();
      }
      case "htmlrtf" -> {
        // §2.2.4.2.
        if (html) {
          state = state.asRtfOnly(number.orElse(1) != 0);
        }
      }
      default -> {
        pictures |= PICTURES.contains(word);
        if (optional || NO_TEXT.contains(word) || PICTURES.contains(word)) {
          state = state.silenced();
        }
      }
    }
  }

  private void font(int number) {
    if (state.fonts()) {
      font = number;
    } else {
      state = state.withCodePage(fontCodePages.getOrDefault(number, documentCodePage));
    }
  }

  private void character(char c) {
    flush();
    if (toSkip > 0) {
      toSkip--;
    } else if (state.speaks()) {
      out.append(c);
    }
  }

  /** Octets that stand together are decoded together: a character may have two. */
  private void flush() {
    if (pending.size() > 0) {
      var text = TextDecoder.decode(pending.toByteArray(), CodePage.label(state.codePage()));
      pending.reset();
      out.append(html && !state.tag() ? MarkdownToHtml.escape(text) : text);
    }
  }
}
