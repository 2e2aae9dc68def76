package io.postern.mls.framing;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * {@code struct PrivateMessage}: signed content, encrypted to the members of one epoch. RFC 9420
 * §6.3.
 */
public final class PrivateMessage implements TlsStruct {
  private final byte[] groupId;
  private final long epoch;
  private final ContentType contentType;
  private final byte[] authenticatedData;
  private final byte[] encryptedSenderData;
  private final byte[] ciphertext;

  private PrivateMessage(
      byte[] groupId,
      long epoch,
      ContentType contentType,
      byte[] authenticatedData,
      byte[] encryptedSenderData,
      byte[] ciphertext) {
    this.groupId = groupId;
    this.epoch = epoch;
    this.contentType = contentType;
    this.authenticatedData = authenticatedData;
    this.encryptedSenderData = encryptedSenderData;
    this.ciphertext = ciphertext;
  }

  /** Reads the struct. */
  public static PrivateMessage read(TlsReader in) throws WireException {
    byte[] groupId = in.opaque("group_id");
    long epoch = in.uint64("epoch");
    ContentType type = ContentType.read(in);
    if (type != ContentType.APPLICATION) {
      MlsMessage.requireNoLonger(in);
    }
    return new PrivateMessage(
        groupId,
        epoch,
        type,
        in.opaque("authenticated_data"),
        in.opaque("encrypted_sender_data"),
        in.opaque("ciphertext"));
  }

  @Override
  public void write(TlsWriter out) {
    out.opaque(groupId)
        .uint64(epoch)
        .uint8(contentType.id())
        .opaque(authenticatedData)
        .opaque(encryptedSenderData)
        .opaque(ciphertext);
  }

  /**
   * The header of an {@code MLSMessage} that holds a private message; nothing is decrypted and the
   * ciphertext is not copied.
   *
   * @throws WireException if the octets are no such message
   */
  public static MessageHeader peek(byte[] mlsMessage) throws WireException {
    TlsReader in = new TlsReader(mlsMessage);
    int version = in.uint16("version");
    int format = in.uint16("wire_format");
    if (version != 1 || format != WireFormat.PRIVATE_MESSAGE.id()) {
      throw in.unsupported(
          "expected a private message of mls10, got version " + version + ", format " + format);
    }
    MessageHeader header =
        new MessageHeader(in.opaque("group_id"), in.uint64("epoch"), ContentType.read(in));
    in.vector("authenticated_data");
    in.vector("encrypted_sender_data");
    in.vector("ciphertext");
    in.end("MLSMessage");
    return header;
  }

  /** Group, epoch and content type. */
  public MessageHeader header() {
    return new MessageHeader(groupId, epoch, contentType);
  }

  /** The group's id. */
  public byte[] groupId() {
    return groupId.clone();
  }

  /** The epoch it was encrypted in. */
  public long epoch() {
    return epoch;
  }

  /** What it will turn out to be. */
  public ContentType contentType() {
    return contentType;
  }

  /** Data that travels in the clear. */
  public byte[] authenticatedData() {
    return authenticatedData.clone();
  }

  /**
   * Encrypts what a member signed, with {@code padding} zero octets after it.
   *
   * @param key the member's key for this message; the caller erases it
   */
  public static PrivateMessage seal(
      CipherSuite suite,
      AuthenticatedContent content,
      Secret senderDataSecret,
      MessageKey key,
      int padding,
      SecureRandom random) {
    FramedContent framed = content.content();
    if (!(framed.sender() instanceof Sender.Member member)) {
      throw new IllegalArgumentException("only members send private messages");
    }
    byte[] guard = new byte[SenderData.REUSE_GUARD_LENGTH];
    random.nextBytes(guard);
    TlsWriter plain = new TlsWriter().struct(framed.body());
    content.writeAuth(plain);
    byte[] plaintext = plain.fixed(new byte[padding]).toOctetsAndErase();
    byte[] aad =
        contentAad(
            framed.groupId(), framed.epoch(), framed.body().type(), framed.authenticatedData());
    byte[] ciphertext = suite.aead().seal(key.key(), guarded(key, guard), aad, plaintext);
    Arrays.fill(plaintext, (byte) 0);
    SenderData senderData = new SenderData(member.leaf(), key.generation(), guard);
    byte[] senderAad = senderAad(framed.groupId(), framed.epoch(), framed.body().type());
    return new PrivateMessage(
        framed.groupId(),
        framed.epoch(),
        framed.body().type(),
        framed.authenticatedData(),
        senderData.seal(suite, senderDataSecret, ciphertext, senderAad),
        ciphertext);
  }

  /** Who sent it, with which generation. */
  public SenderData openSenderData(CipherSuite suite, Secret senderDataSecret) throws MlsException {
    byte[] aad = senderAad(groupId, epoch, contentType);
    return SenderData.open(suite, senderDataSecret, ciphertext, aad, encryptedSenderData);
  }

  /**
   * Decrypts the content; its signature is not checked here.
   *
   * @throws MlsException {@code UNDECRYPTABLE}, or {@code MALFORMED} if the plaintext is not framed
   *     content with zero padding
   */
  public AuthenticatedContent open(CipherSuite suite, MessageKey key, SenderData senderData)
      throws MlsException {
    byte[] aad = contentAad(groupId, epoch, contentType, authenticatedData);
    byte[] plaintext =
        suite.aead().open(key.key(), guarded(key, senderData.reuseGuard()), aad, ciphertext);
    TlsReader in = new TlsReader(plaintext);
    FramedContent.Body body = FramedContent.Body.read(in, contentType);
    FramedContent content =
        new FramedContent(
            groupId, epoch, new Sender.Member(senderData.leaf()), authenticatedData, body);
    AuthenticatedContent authenticated =
        AuthenticatedContent.readAuth(in, WireFormat.PRIVATE_MESSAGE, content);
    while (in.hasMore()) {
      if (in.uint8("padding") != 0) {
        throw in.malformed("padding: an octet is not zero");
      }
    }
    return authenticated;
  }

  private static byte[] guarded(MessageKey key, byte[] guard) {
    byte[] nonce = key.nonce().toOctets();
    for (int i = 0; i < guard.length; i++) {
      nonce[i] ^= guard[i];
    }
    return nonce;
  }

  private static byte[] contentAad(
      byte[] groupId, long epoch, ContentType type, byte[] authenticatedData) {
    return new TlsWriter()
        .opaque(groupId)
        .uint64(epoch)
        .uint8(type.id())
        .opaque(authenticatedData)
        .toOctets();
  }

  private static byte[] senderAad(byte[] groupId, long epoch, ContentType type) {
    return new TlsWriter().opaque(groupId).uint64(epoch).uint8(type.id()).toOctets();
  }
}
