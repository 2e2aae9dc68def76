package io.postern.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The header of a mail, gathered while its octets pass. RFC 5322 §2.1, §2.2. */
final class HeaderBlock {
  /** Real headers stay far below; a mail whose header does not is refused. */
  static final int MAX_OCTETS = 256 * 1024;

  private final ByteArrayOutputStream header = new ByteArrayOutputStream();
  private int lineOctets;
  private boolean complete;
  private boolean tooLong;

  /** Takes the next octets of the mail; those of the body are let pass. */
  void accept(byte[] octets, int offset, int length) {
    for (int i = offset; i < offset + length && !complete; i++) {
      byte octet = octets[i];
      if (octet == '\n') {
        complete = lineOctets == 0;
        lineOctets = 0;
      } else if (octet != '\r') {
        lineOctets++;
      }
      header.write(octet);
      if (header.size() > MAX_OCTETS) {
        tooLong = true;
        complete = true;
      }
    }
  }

  boolean isTooLong() {
    return tooLong;
  }

  /** SHA-256 of its octets, in lower-case hex; empty if there are none. */
  String hash() {
    return header.size() == 0
        ? ""
        : HexFormat.of().formatHex(sha256().digest(header.toByteArray()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }

  /** The fields from top to bottom, each unfolded onto one line; octets as ISO 8859-1. */
  List<String> fields() {
    var fields = new ArrayList<String>();
    // One field at a time: to append to a String would copy it once for each of its lines.
    var field = new StringBuilder();
    for (var line : header.toString(StandardCharsets.ISO_8859_1).split("\r\n")) {
      boolean continues = line.startsWith(" ") || line.startsWith("\t");
      if (!continues && !field.isEmpty()) {
        fields.add(field.toString());
        field.setLength(0);
      }
      field.append(line);
    }
    if (!field.isEmpty()) {
      fields.add(field.toString());
    }
    return fields;
  }
}
