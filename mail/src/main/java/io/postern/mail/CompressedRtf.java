package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Takes the compression off RTF in a message of Outlook. MS-OXRTFCP. */
final class CompressedRtf {
  /** A longer RTF is no text that somebody has written. */
  static final int MAX_OCTETS = 2 << 20;

  /** What comes out is no more than so many times what went in: 8 references in 17 octets. */
  static final int MOST_TIMES = 8;

  private static final int COMPRESSED = 0x75465a4c;
  private static final int UNCOMPRESSED = 0x414c454d;
  private static final int DICTIONARY = 4096;

  /** §2.1.2.1: what the dictionary holds at first. */
  private static final byte[] INITIAL =
      ("{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
              + "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0"
              + "\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx")
          .getBytes(StandardCharsets.US_ASCII);

  private static final int[] CRC = table();

  private CompressedRtf() {}

  /**
   * @throws MailException if it is damaged, or larger than {@link #MAX_OCTETS}
   */
  static byte[] decompress(byte[] octets) throws MailException {
    var in = new LittleEndian(octets);
    int size = in.length(Integer.MAX_VALUE);
    int rawSize = in.length(MAX_OCTETS);
    int type = in.int32();
    int crc = in.int32();
    // The size counts itself not, but the three fields after it.
    if (size < 12 || size - 12 > in.remaining()) {
      throw LittleEndian.malformed("its RTF ends too early");
    }
    if (type == UNCOMPRESSED) {
      return in.octets(Math.min(rawSize, size - 12));
    }
    if (type != COMPRESSED) {
      throw LittleEndian.malformed("its RTF has an unknown compression");
    }
    var content = in.octets(size - 12);
    if (crc(content) != crc) {
      throw LittleEndian.malformed("the checksum of its RTF is wrong");
    }
    return unfold(new LittleEndian(content), rawSize);
  }

  private static byte[] unfold(LittleEndian in, int rawSize) throws MailException {
    var dictionary = new byte[DICTIONARY];
    System.arraycopy(INITIAL, 0, dictionary, 0, INITIAL.length);
    int write = INITIAL.length;
    var out = new ByteArrayOutputStream(Math.min(rawSize, in.remaining() * 4));
    // Some writers leave out the last reference.
    while (in.remaining() > 0 || out.size() < rawSize) {
      int control = in.uint8();
      for (int bit = 0; bit < 8; bit++) {
        if (in.remaining() == 0 && out.size() >= rawSize) {
          return out.toByteArray();
        }
        if ((control >> bit & 1) == 0) {
          byte literal = (byte) in.uint8();
          write = put(literal, dictionary, write, out);
        } else {
          int reference = in.uint8() << 8 | in.uint8();
          int offset = reference >> 4;
          if (offset == write) {
            // §2.2.2.2: a reference to the place of writing ends it.
            return out.toByteArray();
          }
          int length = (reference & 0xf) + 2;
          for (int i = 0; i < length; i++) {
            write = put(dictionary[(offset + i) % DICTIONARY], dictionary, write, out);
          }
        }
        if (out.size() > MAX_OCTETS) {
          throw LittleEndian.malformed("its RTF is larger than " + MAX_OCTETS + " octets");
        }
      }
    }
    return out.toByteArray();
  }

  private static int put(byte octet, byte[] dictionary, int write, ByteArrayOutputStream out) {
    out.write(octet);
    dictionary[write] = octet;
    return (write + 1) % DICTIONARY;
  }

  /** §2.1.3.2: the CRC of RFC 1952 without its inversions. */
  static int crc(byte[] octets) {
    int crc = 0;
    for (byte octet : octets) {
      crc = CRC[(crc ^ octet) & 0xff] ^ crc >>> 8;
    }
    return crc;
  }

  private static int[] table() {
    var table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) == 0 ? value >>> 1 : 0xedb88320 ^ value >>> 1;
      }
      table[i] = value;
    }
    return table;
  }
}
