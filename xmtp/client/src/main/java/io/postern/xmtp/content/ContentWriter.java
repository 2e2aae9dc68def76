package io.postern.xmtp.content;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Collects one EncodedContent and gives its canonical octets: fields in ascending order, parameters
 * sorted by the octets of their keys, defaults left out. §1.3, §1.4.
 *
 * <p>The generated protobuf class is not used for the outermost layer since it orders map keys by
 * UTF-16 and writes empty values.
 */
public final class ContentWriter {
  private static final Comparator<String> BY_OCTETS =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private final Map<String, String> parameters = new TreeMap<>(BY_OCTETS);
  private byte[] content = new byte[0];

  ContentWriter() {}

  ContentWriter parameter(String key, String value) {
    parameters.put(key, value);
    return this;
  }

  ContentWriter content(byte[] octets) {
    content = octets;
    return this;
  }

  ContentWriter content(String text) {
    return content(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] encode(Optional<ContentTypeId> type, Optional<String> fallback) {
    int size = type.map(ContentWriter::typeSize).map(ContentWriter::framed).orElse(0);
    for (var entry : parameters.entrySet()) {
      size += framed(entrySize(entry));
    }
    size += fallback.map(text -> CodedOutputStream.computeStringSize(3, text)).orElse(0);
    if (content.length > 0) {
      size += CodedOutputStream.computeByteArraySize(4, content);
    }

    byte[] octets = new byte[size];
    var out = CodedOutputStream.newInstance(octets);
    try {
      if (type.isPresent()) {
        writeType(out, type.get());
      }
      for (var entry : parameters.entrySet()) {
        writeFrame(out, 2, entrySize(entry));
        writeString(out, 1, entry.getKey());
        writeString(out, 2, entry.getValue());
      }
      if (fallback.isPresent()) {
        out.writeString(3, fallback.get());
      }
      if (content.length > 0) {
        out.writeByteArray(4, content);
      }
      out.checkNoSpaceLeft();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the array was measured before", impossible);
    }
    return octets;
  }

  private static void writeType(CodedOutputStream out, ContentTypeId type) throws IOException {
    writeFrame(out, 1, typeSize(type));
    writeString(out, 1, type.authorityId());
    writeString(out, 2, type.typeId());
    writeUint32(out, 3, type.versionMajor());
    writeUint32(out, 4, type.versionMinor());
  }

  private static void writeFrame(CodedOutputStream out, int field, int size) throws IOException {
    out.writeTag(field, 2);
    out.writeUInt32NoTag(size);
  }

  private static void writeString(CodedOutputStream out, int field, String text)
      throws IOException {
    if (!text.isEmpty()) {
      out.writeString(field, text);
    }
  }

  private static void writeUint32(CodedOutputStream out, int field, int number) throws IOException {
    if (number != 0) {
      out.writeUInt32(field, number);
    }
  }

  private static int typeSize(ContentTypeId type) {
    return stringSize(1, type.authorityId())
        + stringSize(2, type.typeId())
        + uint32Size(3, type.versionMajor())
        + uint32Size(4, type.versionMinor());
  }

  private static int entrySize(Map.Entry<String, String> entry) {
    return stringSize(1, entry.getKey()) + stringSize(2, entry.getValue());
  }

  private static int stringSize(int field, String text) {
    return text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, text);
  }

  private static int uint32Size(int field, int number) {
    return number == 0 ? 0 : CodedOutputStream.computeUInt32Size(field, number);
  }

  /** The size of a message field with a number below 16: tag, length, body. */
  private static int framed(int size) {
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
  }
}
