package io.postern.xmtp.content;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;

/**
 * Inflates what a mobile client compressed. §1.7.
 *
 * <p>The flag beside the content is not asked: under one number iOS and Android mean different
 * formats. The first octets tell.
 */
final class CompressedContent {
  /** Octets that compressed content may become; a few hundred can claim to be gigabytes. */
  static final int MAX_INFLATED_BYTES = 10 * 1024 * 1024;

  private static final int BUFFER_BYTES = 8192;

  private CompressedContent() {}

  /**
   * The content before it was compressed, or the same octets if they do not look compressed.
   *
   * @throws ContentException if the format is LZFSE, the data are damaged, or inflate to more than
   *     {@link #MAX_INFLATED_BYTES}
   */
  static byte[] inflate(byte[] carried) throws ContentException {
    if (startsWith(carried, 0x1f, 0x8b)) {
      return gunzip(carried);
    }
    if (isZlib(carried)) {
      try {
        return inflate(carried, false);
      } catch (DataFormatException damaged) {
        throw new ContentException("damaged zlib content", damaged);
      }
    }
    if (startsWith(carried, 'b', 'v', 'x')) {
      throw new ContentException("content is compressed with LZFSE, which is not supported");
    }
    try {
      return inflate(carried, true);
    } catch (DataFormatException notDeflate) {
      // Flagged but plain: libxmtp takes the octets as they are, and so do we.
      return carried;
    }
  }

  private static boolean startsWith(byte[] octets, int... prefix) {
    if (octets.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((octets[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * RFC 1950 §2.2: method 8, and a header that is a multiple of 31. Raw deflate never looks like
   * that: it would be a stored block whose padding is not zero.
   */
  private static boolean isZlib(byte[] octets) {
    return octets.length >= 2
        && (octets[0] & 0x0f) == 8
        && ((octets[0] & 0xff) * 256 + (octets[1] & 0xff)) % 31 == 0;
  }

  private static byte[] inflate(byte[] carried, boolean raw)
      throws DataFormatException, ContentException {
    var inflater = new Inflater(raw);
    try {
      inflater.setInput(carried);
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 && !inflater.finished()) {
          throw new DataFormatException("ends early or needs a dictionary");
        }
        append(out, buffer, count);
      }
      if (inflater.getRemaining() > 0) {
        throw new DataFormatException("goes on after its end");
      }
      return out.toByteArray();
    } finally {
      inflater.end();
    }
  }

  private static byte[] gunzip(byte[] carried) throws ContentException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(carried))) {
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        append(out, buffer, count);
      }
      return out.toByteArray();
    } catch (IOException damaged) {
      throw new ContentException("damaged gzip content", damaged);
    }
  }

  private static void append(ByteArrayOutputStream out, byte[] buffer, int count)
      throws ContentException {
    if (out.size() + count > MAX_INFLATED_BYTES) {
      throw new ContentException(
          "compressed content inflates to more than " + MAX_INFLATED_BYTES + " octets");
    }
    out.write(buffer, 0, count);
  }
}
