package io.postern.bridge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * A body that unpacks to many times its size: S/MIME that is signed, in it a message of Outlook
 * (TNEF), which carries others, each with a text as well compressed as can be. RFC 5652, MS-OXTNEF,
 * MS-OXRTFCP.
 */
final class SignedOutlookMail {
  private static final int MESSAGES = 4;
  private static final int OCTETS_OF_TEXT = 1_900_000;

  /** The longest reference. */
  private static final int RUN = 17;

  private static final int DICTIONARY = 4096;

  /** What the dictionary holds at first. MS-OXRTFCP §2.1.2.1. */
  private static final int DICTIONARY_BEGINS = 207;

  private SignedOutlookMail() {}

  /** The fields of the body, an empty line, and the body. */
  static List<String> lines() {
    var message = tnef(List.of(property(0x1009, compressed())), List.of());
    var object = new ByteArrayOutputStream();
    object.writeBytes(new byte[16]);
    object.writeBytes(message);
    var carried = List.of(property(0x3701, 0x0d, object.toByteArray()));
    var outer = tnef(List.of(), Collections.nCopies(MESSAGES, carried));
    var entity =
        "Content-Type: application/ms-tnef; name=winmail.dat\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n"
            + base64(outer);
    return List.of(
        "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "Content-Transfer-Encoding: base64",
        "",
        base64(signed(entity.getBytes(StandardCharsets.US_ASCII))));
  }

  private static String base64(byte[] octets) {
    return Base64.getMimeEncoder().encodeToString(octets);
  }

  /** Without signers: nobody looks at them. */
  private static byte[] signed(byte[] content) {
    var data = new byte[] {6, 9, 42, (byte) 134, 72, (byte) 134, (byte) 247, 13, 1, 7, 1};
    var signed = data.clone();
    signed[signed.length - 1] = 2;
    var capsule = der(0x30, data, der(0xa0, der(4, content)));
    var all = der(0x30, der(2, new byte[] {1}), der(0x31), capsule, der(0x31));
    return der(0x30, signed, der(0xa0, all));
  }

  private static byte[] der(int tag, byte[]... contents) {
    var content = new ByteArrayOutputStream();
    Arrays.stream(contents).forEach(content::writeBytes);
    var out = new ByteArrayOutputStream();
    out.write(tag);
    out.write(0x84);
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(content.size() >> shift);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static byte[] tnef(List<byte[]> properties, List<List<byte[]>> files) {
    var out = new ByteArrayOutputStream();
    number(out, 4, 0x223e9f78);
    number(out, 2, 1);
    attribute(out, 1, 0x00069003, properties(properties));
    for (var file : files) {
      attribute(out, 2, 0x00069002, new byte[14]);
      attribute(out, 2, 0x00069005, properties(file));
    }
    return out.toByteArray();
  }

  private static void attribute(ByteArrayOutputStream out, int level, int id, byte[] octets) {
    out.write(level);
    number(out, 4, id);
    number(out, 4, octets.length);
    out.writeBytes(octets);
    int sum = 0;
    for (byte octet : octets) {
      sum += octet & 0xff;
    }
    number(out, 2, sum);
  }

  private static byte[] properties(List<byte[]> properties) {
    var out = new ByteArrayOutputStream();
    number(out, 4, properties.size());
    properties.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] property(int id, byte[] octets) {
    return property(id, 0x102, octets);
  }

  private static byte[] property(int id, int type, byte[] octets) {
    var out = new ByteArrayOutputStream();
    number(out, 2, type);
    number(out, 2, id);
    number(out, 4, 1);
    number(out, 4, octets.length);
    out.writeBytes(octets);
    out.writeBytes(new byte[-octets.length & 3]);
    return out.toByteArray();
  }

  /** RTF that says one letter again and again. */
  private static byte[] compressed() {
    var tokens = new ArrayList<byte[]>();
    for (byte each : "{\\rtf1\\ansi \\u8364?x".getBytes(StandardCharsets.US_ASCII)) {
      tokens.add(new byte[] {each});
    }
    int rawSize = tokens.size();
    int end = DICTIONARY_BEGINS + rawSize;
    for (; rawSize < OCTETS_OF_TEXT; rawSize += RUN, end += RUN) {
      int reference = (end - 1) % DICTIONARY << 4 | RUN - 2;
      tokens.add(new byte[] {(byte) (reference >> 8), (byte) reference});
    }
    var content = new ByteArrayOutputStream();
    for (int at = 0; at < tokens.size(); at += 8) {
      var eight = tokens.subList(at, Math.min(at + 8, tokens.size()));
      int control = 0;
      for (int i = 0; i < eight.size(); i++) {
        control |= (eight.get(i).length - 1) << i;
      }
      content.write(control);
      eight.forEach(content::writeBytes);
    }
    var out = new ByteArrayOutputStream();
    number(out, 4, content.size() + 12);
    number(out, 4, rawSize);
    number(out, 4, 0x75465a4c);
    number(out, 4, crc(content.toByteArray()));
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /** The CRC of RFC 1952 without its inversions. */
  private static int crc(byte[] octets) {
    int crc = 0;
    for (byte octet : octets) {
      crc ^= octet & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : 0xedb88320 ^ crc >>> 1;
      }
    }
    return crc;
  }

  private static void number(ByteArrayOutputStream out, int octets, int value) {
    for (int i = 0; i < octets; i++) {
      out.write(value >> 8 * i);
    }
  }
}
