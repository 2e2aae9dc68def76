package io.postern.mls.framing;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsWriter;

/** A private message sealed with genuine keys whose frame can be wrong in any point. For tests. */
public final class ForgedFraming {
  private final CipherSuite suite;
  private final AuthenticatedContent content;
  private final Secret senderDataSecret;
  private final MessageKey key;

  /** The octets after the content; zeros only, if it were honest. */
  public byte[] padding = {};

  /** Who is said to have sent it. */
  public LeafIndex sender;

  /** Octets after the sender data. */
  public byte[] afterSenderData = {};

  /** The group id outside. */
  public byte[] groupId;

  /** Like an honest message of {@code sender}. */
  public ForgedFraming(
      CipherSuite suite,
      AuthenticatedContent content,
      Secret senderDataSecret,
      MessageKey key,
      LeafIndex sender) {
    this.suite = suite;
    this.content = content;
    this.senderDataSecret = senderDataSecret;
    this.key = key;
    this.sender = sender;
    this.groupId = content.content().groupId();
  }

  /** The {@code MLSMessage}. */
  public byte[] octets() {
    FramedContent framed = content.content();
    TlsWriter plain = new TlsWriter().struct(framed.body());
    content.writeAuth(plain);
    byte[] senderAad = header(framed).toOctets();
    byte[] aad = header(framed).opaque(framed.authenticatedData()).toOctets();
    byte[] ciphertext =
        suite.aead().seal(key.key(), key.nonce().toOctets(), aad, plain.fixed(padding).toOctets());
    SenderData data = new SenderData(sender, key.generation(), new byte[4]);
    byte[] sealedSender =
        suite
            .aead()
            .seal(
                SenderData.key(suite, senderDataSecret, ciphertext),
                SenderData.nonce(suite, senderDataSecret, ciphertext),
                senderAad,
                new TlsWriter().struct(data).fixed(afterSenderData).toOctets());
    return new TlsWriter()
        .uint16(1)
        .uint16(WireFormat.PRIVATE_MESSAGE.id())
        .fixed(aad)
        .opaque(sealedSender)
        .opaque(ciphertext)
        .toOctets();
  }

  private TlsWriter header(FramedContent framed) {
    return new TlsWriter().opaque(groupId).uint64(framed.epoch()).uint8(framed.body().type().id());
  }
}
