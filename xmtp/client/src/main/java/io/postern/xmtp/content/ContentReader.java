package io.postern.xmtp.content;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.postern.xmtp.proto.mls.EncodedContent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One received EncodedContent, inflated if it came compressed, as the types read it. §1.3. */
final class ContentReader {
  /** How often a reply or an edit is unwrapped before its inside counts as unknown. §3.6. */
  static final int MAX_LEVELS = 3;

  private final EncodedContent encoded;
  private final byte[] content;
  private final int level;

  /**
   * @param level 0 for a message, one more for what stands inside a reply or an edit
   * @throws ContentException if the content is compressed and cannot be inflated
   */
  ContentReader(EncodedContent encoded, int level) throws ContentException {
    this.encoded = encoded;
    this.level = level;
    byte[] carried = encoded.getContent().toByteArray();
    this.content = encoded.hasCompression() ? CompressedContent.inflate(carried) : carried;
  }

  /**
   * Reads a protobuf message and forgets its unknown fields: each would take fifty times its octets
   * in memory, and nothing here writes them back.
   */
  static <M extends Message> M parse(Parser<M> parser, byte[] octets, String what)
      throws ContentException {
    try {
      return DiscardUnknownFieldsParser.wrap(parser).parseFrom(octets);
    } catch (InvalidProtocolBufferException malformed) {
      throw new ContentException("no protobuf " + what + ": " + malformed.getMessage(), malformed);
    }
  }

  Optional<String> parameter(String key) {
    return Optional.ofNullable(encoded.getParametersMap().get(key));
  }

  byte[] content() {
    return content;
  }

  <M extends Message> M message(Parser<M> parser, String what) throws ContentException {
    return parse(parser, content, what);
  }

  JsonObject json() throws ContentException {
    return JsonObject.parse(utf8());
  }

  String utf8() throws ContentException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException malformed) {
      throw new ContentException("content is not UTF-8", malformed);
    }
  }

  /** The content as text of the type text or markdown. §3.1. */
  String text() throws ContentException {
    // Lower case: refused by libxmtp, but nobody can mean anything else by it.
    if (!parameter("encoding").orElse("UTF-8").equalsIgnoreCase("UTF-8")) {
      throw new ContentException("parameter encoding is not UTF-8");
    }
    return utf8();
  }

  /**
   * What stands inside: read one level deeper, and unknown rather than refused if only its type is
   * not understood.
   *
   * @throws ContentException if the octets are no EncodedContent or were unwrapped too often
   */
  Content inside(byte[] octets) throws ContentException {
    if (level >= MAX_LEVELS) {
      throw new ContentException("wrapped more than " + MAX_LEVELS + " times");
    }
    return ContentCodec.decode(octets, level + 1);
  }
}
