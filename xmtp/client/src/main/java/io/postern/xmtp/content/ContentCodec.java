package io.postern.xmtp.content;

import io.postern.xmtp.proto.mls.EncodedContent;
import java.util.Map;
import java.util.Optional;

/**
 * Between {@link Content} and the octets of an EncodedContent. XIP-5, §1.
 *
 * <p>Encoding gives the same octets for the same value, always. Encode once, store, then send and
 * hash what is stored.
 */
public final class ContentCodec {
  /** Octets of the largest EncodedContent that is written; what is larger goes as a file. §1.8. */
  public static final int MAX_ENCODED_BYTES = 1_000_000;

  private interface TypeReader {
    Content read(ContentReader in) throws ContentException;
  }

  /** What selects a reader; the authority and the minor version do not. §1.5. */
  private record TypeKey(String typeId, int versionMajor) {
    static TypeKey of(ContentTypeId type) {
      return new TypeKey(type.typeId(), type.versionMajor());
    }
  }

  private static final Map<TypeKey, TypeReader> READERS =
      Map.ofEntries(
          reader(Text.TYPE, Text::read),
          reader(Markdown.TYPE, Markdown::read),
          reader(Reply.TYPE, Reply::read),
          reader(Reaction.TYPE, Reaction::read),
          reader(Reaction.LEGACY_TYPE, Reaction::readLegacy),
          reader(ReadReceipt.TYPE, ReadReceipt::read),
          reader(Attachment.TYPE, Attachment::read),
          reader(RemoteAttachment.TYPE, RemoteAttachment::read),
          reader(MultiRemoteAttachment.TYPE, MultiRemoteAttachment::read),
          reader(TransactionReference.TYPE, TransactionReference::read),
          reader(WalletSendCalls.TYPE, WalletSendCalls::read),
          reader(Actions.TYPE, Actions::read),
          reader(Intent.TYPE, Intent::read),
          reader(GroupUpdated.TYPE, GroupUpdated::read),
          reader(LeaveRequest.TYPE, LeaveRequest::read),
          reader(DeleteMessage.TYPE, DeleteMessage::read),
          reader(EditMessage.TYPE, EditMessage::read));

  private ContentCodec() {}

  private static Map.Entry<TypeKey, TypeReader> reader(ContentTypeId type, TypeReader reader) {
    return Map.entry(TypeKey.of(type), reader);
  }

  /**
   * The canonical octets of {@code content}, fallback included, never compressed. {@link
   * UnknownContent} comes out as it came in.
   *
   * @throws ContentException if they would be more than {@link #MAX_ENCODED_BYTES}, if the type is
   *     only read (edits), or if a limit of the type is broken
   */
  public static byte[] encode(Content content) throws ContentException {
    byte[] octets = encodeAnySize(content);
    if (octets.length > MAX_ENCODED_BYTES) {
      throw new ContentException(
          "content takes " + octets.length + " octets, more than " + MAX_ENCODED_BYTES);
    }
    return octets;
  }

  /** As {@link #encode}, for a file that is encrypted and stored outside the message. §4. */
  static byte[] encodeAnySize(Content content) throws ContentException {
    if (content instanceof UnknownContent unknown) {
      return unknown.octets().toByteArray();
    }
    var out = new ContentWriter();
    content.write(out);
    return out.encode(content.type(), content.fallback());
  }

  /**
   * What the octets of an EncodedContent say. Never throws: whatever cannot be read, for which
   * reason ever, is {@link UnknownContent} with the sender's fallback. §1.5.
   */
  public static Content decode(byte[] octets) {
    try {
      return decode(octets, 0);
    } catch (ContentException unreadable) {
      return new UnknownContent(
          Optional.empty(), Optional.empty(), Octets.of(octets), unreadable.getMessage());
    }
  }

  /**
   * @throws ContentException if the octets are no EncodedContent at all
   */
  static Content decode(byte[] octets, int level) throws ContentException {
    var encoded = ContentReader.parse(EncodedContent.parser(), octets, "EncodedContent");
    try {
      var content = decodeTyped(encoded, level);
      return level == 0 ? EditMessage.recognise(encoded, content) : content;
    } catch (ContentException unreadable) {
      return new UnknownContent(
          typeOf(encoded), fallbackOf(encoded), Octets.of(octets), unreadable.getMessage());
    }
  }

  private static Content decodeTyped(EncodedContent encoded, int level) throws ContentException {
    var type = typeOf(encoded).orElseThrow(() -> new ContentException("no content type"));
    var reader = READERS.get(TypeKey.of(type));
    if (reader == null) {
      throw new ContentException("unknown content type");
    }
    return reader.read(new ContentReader(encoded, level));
  }

  static Optional<ContentTypeId> typeOf(EncodedContent encoded) {
    if (!encoded.hasType()) {
      return Optional.empty();
    }
    var type = encoded.getType();
    return Optional.of(
        new ContentTypeId(
            type.getAuthorityId(),
            type.getTypeId(),
            type.getVersionMajor(),
            type.getVersionMinor()));
  }

  private static Optional<String> fallbackOf(EncodedContent encoded) {
    // A present but empty fallback shows nothing, so it counts as none. §1.5.
    return Optional.of(encoded.getFallback()).filter(text -> !text.isEmpty());
  }
}
