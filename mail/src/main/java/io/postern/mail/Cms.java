package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What stands inside S/MIME that is signed but not encrypted. RFC 5652 §5; only the few structures
 * around the content are read, in BER (X.690), and no signature is verified.
 */
final class Cms {
  /** Constructed values inside each other; encoders need three or four. */
  private static final int MAX_DEPTH = 16;

  private static final String SIGNED = "2a864886f70d010702";
  private static final String ENVELOPED = "2a864886f70d010703";
  private static final String ENCRYPTED = "2a864886f70d010706";
  private static final String AUTHENTICATED_ENVELOPED = "2a864886f70d0109100117";

  private static final int OID = 0x06;
  private static final int OCTET_STRING = 0x04;
  private static final int CONSTRUCTED_OCTET_STRING = 0x24;
  private static final int SEQUENCE = 0x30;
  private static final int EXPLICIT = 0xa0;

  /** One value: its tag, and where its content stands. An indefinite length ends at its mark. */
  private record Value(int tag, int from, int to, int next) {}

  private final byte[] octets;

  private Cms(byte[] octets) {
    this.octets = octets;
  }

  /** Whether it says by its own type that it is encrypted. RFC 5652 §6, §8, RFC 5083. */
  static boolean isEncrypted(byte[] octets) {
    var type = new Cms(octets).type();
    return type.equals(ENVELOPED) || type.equals(ENCRYPTED) || type.equals(AUTHENTICATED_ENVELOPED);
  }

  /** Whether it says by its own type that it is signed. */
  static boolean isSigned(byte[] octets) {
    return new Cms(octets).type().equals(SIGNED);
  }

  /** The content that was signed; empty if it stands elsewhere or cannot be read whole. */
  static Optional<byte[]> signedContent(byte[] octets) {
    try {
      return isSigned(octets) ? new Cms(octets).content() : Optional.empty();
    } catch (MailException damaged) {
      return Optional.empty();
    }
  }

  private String type() {
    try {
      var info = expect(value(0, octets.length, 0), SEQUENCE);
      var type = expect(value(info.from(), info.to(), 0), OID);
      return HexFormat.of().formatHex(octets, type.from(), type.to());
    } catch (MailException other) {
      return "";
    }
  }

  /** RFC 5652 §3, §5.1, §5.2: ContentInfo, SignedData, EncapsulatedContentInfo. */
  private Optional<byte[]> content() throws MailException {
    var info = expect(value(0, octets.length, 0), SEQUENCE);
    var type = value(info.from(), info.to(), 0);
    var explicit = expect(value(type.next(), info.to(), 0), EXPLICIT);
    var signed = expect(value(explicit.from(), explicit.to(), 0), SEQUENCE);
    var version = value(signed.from(), signed.to(), 0);
    var digests = value(version.next(), signed.to(), 0);
    var capsule = expect(value(digests.next(), signed.to(), 0), SEQUENCE);
    var contentType = expect(value(capsule.from(), capsule.to(), 0), OID);
    if (contentType.next() >= capsule.to()) {
      // Only certificates, or a signature of what stands beside it.
      return Optional.empty();
    }
    var content = expect(value(contentType.next(), capsule.to(), 0), EXPLICIT);
    var out = new ByteArrayOutputStream();
    append(out, value(content.from(), content.to(), 0), 0);
    return Optional.of(out.toByteArray());
  }

  /** X.690 §8.7.3: an octet string may be cut into several, and they again. */
  private void append(ByteArrayOutputStream out, Value value, int depth) throws MailException {
    if (value.tag() == OCTET_STRING) {
      out.write(octets, value.from(), value.to() - value.from());
      return;
    }
    expect(value, CONSTRUCTED_OCTET_STRING);
    for (int at = value.from(); at < value.to(); ) {
      var piece = value(at, value.to(), depth + 1);
      append(out, piece, depth + 1);
      at = piece.next();
    }
  }

  private static Value expect(Value value, int tag) throws MailException {
    if (value.tag() != tag) {
      throw LittleEndian.malformed("it is no S/MIME that is known here");
    }
    return value;
  }

  /** X.690 §8.1, the value that begins here. */
  private Value value(int at, int end, int depth) throws MailException {
    if (depth > MAX_DEPTH || at + 2 > end) {
      throw LittleEndian.malformed("its S/MIME ends too early or is nested too deep");
    }
    int tag = octets[at] & 0xff;
    if ((tag & 0x1f) == 0x1f) {
      throw LittleEndian.malformed("its S/MIME has a tag that CMS has not");
    }
    int first = octets[at + 1] & 0xff;
    int from = at + 2;
    if (first == 0x80) {
      return indefinite(tag, from, end, depth);
    }
    int length = first;
    if (first > 0x80) {
      int count = first & 0x7f;
      if (count > 4 || from + count > end) {
        throw LittleEndian.malformed("its S/MIME has a length that cannot be");
      }
      length = 0;
      for (int i = 0; i < count; i++) {
        length = length << 8 | (octets[from++] & 0xff);
      }
    }
    if (length < 0 || length > end - from) {
      throw LittleEndian.malformed("its S/MIME ends too early");
    }
    return new Value(tag, from, from + length, from + length);
  }

  /** X.690 §8.1.3.6: as long as its parts, which end at two zeros. */
  private Value indefinite(int tag, int from, int end, int depth) throws MailException {
    int at = from;
    while (at + 2 <= end && (octets[at] != 0 || octets[at + 1] != 0)) {
      at = value(at, end, depth + 1).next();
    }
    if (at + 2 > end) {
      throw LittleEndian.malformed("its S/MIME ends too early");
    }
    return new Value(tag, from, at, at + 2);
  }
}
