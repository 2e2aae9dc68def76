package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.util.encoders.Hex;

/**
 * Octets of header fields and MIME parts. The same input gives the same octets; lines end in CR LF;
 * all is ASCII but for addresses that cannot be.
 */
final class MimeWriter {
  /** RFC 5322 §2.1.1: lines should be no longer. */
  private static final int FOLD_AT = 78;

  /** RFC 2045 §6.7 and §6.8. */
  private static final int ENCODED_LINE = 76;

  private static final String CRLF = "\r\n";

  /** No line of quoted-printable or base64 text can begin like this. */
  private static final String BOUNDARY_MARK = "=_";

  /**
   * One part, ready to be written.
   *
   * @param fields its own header fields, folded, each with its CR LF
   */
  record Part(List<String> fields, byte[] content) {}

  private MimeWriter() {}

  /** The octets of a mail. */
  static byte[] mail(List<String> fields, Part root) {
    var out = new ByteArrayOutputStream(root.content().length + 2048);
    fields.forEach(field -> out.writeBytes(field.getBytes(StandardCharsets.UTF_8)));
    out.writeBytes(("MIME-Version: 1.0" + CRLF).getBytes(StandardCharsets.US_ASCII));
    append(out, root);
    return out.toByteArray();
  }

  private static void append(ByteArrayOutputStream out, Part part) {
    part.fields().forEach(field -> out.writeBytes(field.getBytes(StandardCharsets.UTF_8)));
    out.writeBytes(CRLF.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(part.content());
  }

  /**
   * One field, folded at its spaces.
   *
   * @param value of words that are fit to be written; whatever could end the line is taken out here
   *     once more
   */
  static String field(String name, String value) {
    var out = new StringBuilder(name).append(':');
    int column = out.length();
    for (var word : SafeText.line(value, Integer.MAX_VALUE).split(" ")) {
      if (column > name.length() + 1 && column + 1 + word.length() > FOLD_AT) {
        out.append(CRLF);
        column = 0;
      }
      out.append(' ').append(word);
      column += 1 + word.length();
    }
    return out.append(CRLF).toString();
  }

  /** A field of free text, RFC 5322 §3.2.5. */
  static String textField(String name, String text, int maxCharacters) {
    return field(name, EncodedWords.encode(SafeText.line(text, maxCharacters)));
  }

  /** RFC 5322 §3.4, {@code mailbox}. */
  static String mailbox(NamedMailbox named) {
    if (named.name().isEmpty()) {
      return named.mailbox().toString();
    }
    var name = EncodedWords.encode(named.name());
    boolean plain = name.matches("[A-Za-z0-9 ]+") || !name.equals(named.name());
    if (!plain) {
      name = "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
    return name + " <" + named.mailbox() + ">";
  }

  /** A media type or disposition and its parameters, already written. */
  static String parameterized(String value, List<String> parameters) {
    return parameters.isEmpty() ? value : value + "; " + String.join("; ", parameters);
  }

  /**
   * A text part in UTF-8; its transfer encoding is the most readable that carries it.
   *
   * @param text with LF line ends
   */
  static Part text(
      String mediaType, List<String> parameters, List<String> moreFields, String text) {
    var all = new ArrayList<String>(List.of("charset=utf-8"));
    all.addAll(parameters);
    var fields = new ArrayList<String>();
    fields.add(field("Content-Type", parameterized(mediaType, all)));
    fields.addAll(moreFields);
    var ended = text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
    var octets = ended.replace("\n", CRLF).getBytes(StandardCharsets.UTF_8);
    if (fitsAsIs(ended)) {
      fields.add(field("Content-Transfer-Encoding", "7bit"));
      return new Part(fields, octets);
    }
    int foreign = 0;
    for (byte octet : octets) {
      foreign += octet < 0 ? 1 : 0;
    }
    if (foreign * 3 > octets.length) {
      fields.add(field("Content-Transfer-Encoding", "base64"));
      return new Part(fields, base64(octets));
    }
    fields.add(field("Content-Transfer-Encoding", "quoted-printable"));
    return new Part(fields, quotedPrintable(octets));
  }

  private static boolean fitsAsIs(String text) {
    return SafeText.isAscii(text)
        && !text.contains("--" + BOUNDARY_MARK)
        && text.lines().allMatch(line -> line.length() <= FOLD_AT && !line.startsWith("From "));
  }

  /** A part of any octets. */
  static Part base64(List<String> fields, byte[] octets) {
    var all = new ArrayList<>(fields);
    all.add(field("Content-Transfer-Encoding", "base64"));
    return new Part(all, base64(octets));
  }

  /**
   * RFC 2046 §5.1.
   *
   * @param seed what makes the boundary: the same seed gives the same one
   */
  static Part multipart(String subtype, List<String> parameters, String seed, List<Part> parts) {
    var boundary = BOUNDARY_MARK + digest(subtype + "\n" + seed);
    var all = new ArrayList<>(parameters);
    all.add("boundary=\"" + boundary + "\"");
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(("--" + boundary + CRLF).getBytes(StandardCharsets.US_ASCII));
      append(out, part);
      out.writeBytes(CRLF.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(("--" + boundary + "--" + CRLF).getBytes(StandardCharsets.US_ASCII));
    return new Part(
        List.of(field("Content-Type", parameterized("multipart/" + subtype, all))),
        out.toByteArray());
  }

  private static String digest(String seed) {
    var digest = new SHA256Digest();
    var octets = seed.getBytes(StandardCharsets.UTF_8);
    digest.update(octets, 0, octets.length);
    var hash = new byte[digest.getDigestSize()];
    digest.doFinal(hash, 0);
    return Hex.toHexString(hash, 0, 12);
  }

  private static byte[] base64(byte[] octets) {
    var encoder = Base64.getMimeEncoder(ENCODED_LINE, CRLF.getBytes(StandardCharsets.US_ASCII));
    var out = new ByteArrayOutputStream(octets.length / 3 * 4 + octets.length / 57 * 2 + 8);
    out.writeBytes(encoder.encode(octets));
    out.writeBytes(CRLF.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /** RFC 2045 §6.7; also hides a "From " that mbox files would break at. */
  private static byte[] quotedPrintable(byte[] octets) {
    var out = new StringBuilder(octets.length * 5 / 4);
    int column = 0;
    for (int i = 0; i < octets.length; i++) {
      int octet = octets[i] & 0xff;
      if (octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n') {
        out.append(CRLF);
        column = 0;
        i++;
        continue;
      }
      boolean endsLine = i + 1 < octets.length && octets[i + 1] == '\r';
      boolean plain =
          (octet > ' ' && octet < 0x7f && octet != '=')
              || (octet == ' ' && !endsLine && i + 1 < octets.length);
      if (column == 0 && (octet == 'F' || octet == '.')) {
        plain = false;
      }
      var piece = plain ? String.valueOf((char) octet) : String.format("=%02X", octet);
      if (column + piece.length() > ENCODED_LINE - 1) {
        out.append('=').append(CRLF);
        column = 0;
      }
      out.append(piece);
      column += piece.length();
    }
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
