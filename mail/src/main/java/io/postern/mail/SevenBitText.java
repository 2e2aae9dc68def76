package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.Optional;

/** Charsets made for seven bits that Java has not: UTF-7 (RFC 2152) and HZ (RFC 1843). */
final class SevenBitText {
  private static final Charset GB = Charset.forName("gb18030");
  private static final String BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private SevenBitText() {}

  /** Empty if an octet has eight bits: then it is something else. */
  static Optional<String> utf7(byte[] octets) {
    var out = new StringBuilder(octets.length);
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      if (octet < 0) {
        return Optional.empty();
      }
      if (octet != '+') {
        out.append((char) octet);
      } else if (i + 1 < octets.length && octets[i + 1] == '-') {
        out.append('+');
        i++;
      } else {
        i = shifted(octets, i + 1, out);
      }
    }
    return Optional.of(out.toString());
  }

  /** Units of 16 bits in base64; returns the place of the last octet that belongs to them. */
  private static int shifted(byte[] octets, int from, StringBuilder out) {
    int bits = 0;
    int collected = 0;
    int at = from;
    for (; at < octets.length && octets[at] > 0 && BASE64.indexOf(octets[at]) >= 0; at++) {
      collected = collected << 6 | BASE64.indexOf(octets[at]);
      bits += 6;
      if (bits >= 16) {
        bits -= 16;
        out.append((char) (collected >> bits));
        collected &= (1 << bits) - 1;
      }
    }
    if (at == from) {
      // A plus sign that begins nothing.
      out.append('+');
    }
    boolean closed = at < octets.length && octets[at] == '-';
    return closed ? at : at - 1;
  }

  /** Empty if an octet has eight bits: then it is something else. */
  static Optional<String> hz(byte[] octets) {
    var out = new ByteArrayOutputStream(octets.length);
    boolean chinese = false;
    for (int i = 0; i < octets.length; i++) {
      int octet = octets[i];
      int next = i + 1 < octets.length ? octets[i + 1] : 0;
      if (octet < 0) {
        return Optional.empty();
      }
      if (octet == '~' && (next == '{' || next == '}')) {
        chinese = next == '{';
        i++;
      } else if (octet == '~' && (next == '~' || next == '\n')) {
        out.writeBytes(next == '~' ? new byte[] {'~'} : new byte[0]);
        i++;
      } else if (octet == '\n') {
        // §2: a line ends in ASCII whatever it held.
        chinese = false;
        out.write(octet);
      } else {
        out.write(chinese && octet > ' ' ? octet | 0x80 : octet);
      }
    }
    return Optional.of(out.toString(GB));
  }
}
