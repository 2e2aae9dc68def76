package io.postern.xmtp.identity;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/** A place in the JSON text of a client data object. RFC 8259. */
final class JsonCursor {
  private final byte[] octets;
  private int at;

  JsonCursor(byte[] octets) {
    this.octets = octets;
  }

  /** Goes past white space and then past the character, if it comes next. */
  boolean next(char wanted) {
    skipSpace();
    if (at < octets.length && octets[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  void expect(char wanted) throws IdentityException {
    if (!next(wanted)) {
      throw ClientData.invalid();
    }
  }

  void end() throws IdentityException {
    skipSpace();
    if (at < octets.length) {
      throw ClientData.invalid();
    }
  }

  /** A string, which must be UTF-8 and use no half of a surrogate pair alone. */
  String string() throws IdentityException {
    expect('"');
    var text = new StringBuilder();
    int run = at;
    while (true) {
      int c = octet();
      if (c == '"') {
        return text.append(utf8(run, at - 1)).toString();
      }
      if (c == '\\') {
        text.append(utf8(run, at - 1));
        text.appendCodePoint(escape());
        run = at;
      }
    }
  }

  /**
   * Any value. A stack of its own, one bit for each level, instead of recursion: the text may open
   * as many brackets as it has octets.
   */
  void skipValue() throws IdentityException {
    var objects = new BitSet();
    int depth = 0;
    do {
      if (next('{')) {
        if (!next('}')) {
          objects.set(depth++);
          skipName();
          continue;
        }
      } else if (next('[')) {
        if (!next(']')) {
          objects.clear(depth++);
          continue;
        }
      } else {
        skipScalar();
      }
      depth = closeAll(depth, objects);
      if (depth > 0 && objects.get(depth - 1)) {
        skipName();
      }
    } while (depth > 0);
  }

  /**
   * Goes past the brackets that close after a value, and past the comma that promises another one.
   */
  private int closeAll(int depth, BitSet objects) throws IdentityException {
    int open = depth;
    while (open > 0 && !next(',')) {
      expect(objects.get(open - 1) ? '}' : ']');
      open--;
    }
    return open;
  }

  private void skipName() throws IdentityException {
    expect('"');
    skipString();
    expect(':');
  }

  private void skipScalar() throws IdentityException {
    if (next('"')) {
      skipString();
      return;
    }
    switch (octet()) {
      case 't' -> skipWord("rue");
      case 'f' -> skipWord("alse");
      case 'n' -> skipWord("ull");
      case '-' -> skipNumber(octet());
      default -> skipNumber(octets[at - 1]);
    }
  }

  /** The rest of a string whose text does not matter and need not be UTF-8. */
  private void skipString() throws IdentityException {
    for (int c = octet(); c != '"'; c = octet()) {
      if (c == '\\' && octet(at) == 'u') {
        at++;
        unit();
      } else if (c == '\\') {
        escape();
      }
    }
  }

  private void skipWord(String rest) throws IdentityException {
    for (int i = 0; i < rest.length(); i++) {
      if (octet() != rest.charAt(i)) {
        throw ClientData.invalid();
      }
    }
  }

  private void skipNumber(int first) throws IdentityException {
    if (!isDigit(first)) {
      throw ClientData.invalid();
    }
    if (first == '0') {
      if (isDigit(octet(at))) {
        throw ClientData.invalid();
      }
    } else {
      skipDigits();
    }
    if (octet(at) == '.') {
      at++;
      atLeastOneDigit();
    }
    if (octet(at) == 'e' || octet(at) == 'E') {
      at++;
      if (octet(at) == '+' || octet(at) == '-') {
        at++;
      }
      atLeastOneDigit();
    }
  }

  private void atLeastOneDigit() throws IdentityException {
    if (!isDigit(octet(at))) {
      throw ClientData.invalid();
    }
    skipDigits();
  }

  private void skipDigits() {
    while (isDigit(octet(at))) {
      at++;
    }
  }

  private int escape() throws IdentityException {
    int c = octet();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> codePoint();
      default -> throw ClientData.invalid();
    };
  }

  private int codePoint() throws IdentityException {
    char unit = unit();
    if (!Character.isSurrogate(unit)) {
      return unit;
    }
    if (!Character.isHighSurrogate(unit) || octet() != '\\' || octet() != 'u') {
      throw ClientData.invalid();
    }
    char low = unit();
    if (!Character.isLowSurrogate(low)) {
      throw ClientData.invalid();
    }
    return Character.toCodePoint(unit, low);
  }

  private char unit() throws IdentityException {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(octet(), 16);
      if (digit < 0) {
        throw ClientData.invalid();
      }
      unit = unit << 4 | digit;
    }
    return (char) unit;
  }

  /** The next octet, gone past; inside a string no control character may stand. */
  private int octet() throws IdentityException {
    int c = octet(at);
    if (c < ' ') {
      throw ClientData.invalid();
    }
    at++;
    return c;
  }

  private int octet(int index) {
    return index < octets.length ? octets[index] & 0xff : -1;
  }

  private String utf8(int from, int to) throws IdentityException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets, from, to - from))
          .toString();
    } catch (CharacterCodingException malformed) {
      throw ClientData.invalid();
    }
  }

  private void skipSpace() {
    while (at < octets.length
        && (octets[at] == ' ' || octets[at] == '\t' || octets[at] == '\n' || octets[at] == '\r')) {
      at++;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
