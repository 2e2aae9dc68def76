package io.postern.mls.framing;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Optional;

/**
 * {@code struct AuthenticatedContent}: framed content with its signature and, on a commit, its
 * confirmation tag, whichever way it travels. RFC 9420 §6.1.
 */
public final class AuthenticatedContent implements TlsStruct {
  private static final String LABEL = "FramedContentTBS";

  private final WireFormat wireFormat;
  private final FramedContent content;
  private final byte[] signature;
  private final Optional<byte[]> confirmationTag;

  private AuthenticatedContent(
      WireFormat wireFormat,
      FramedContent content,
      byte[] signature,
      Optional<byte[]> confirmationTag) {
    this.wireFormat = wireFormat;
    this.content = content;
    this.signature = signature;
    this.confirmationTag = confirmationTag;
  }

  /**
   * Signs {@code content}; a commit still lacks its confirmation tag, which depends on the
   * signature.
   */
  public static AuthenticatedContent sign(
      CipherSuite suite,
      WireFormat wireFormat,
      FramedContent content,
      GroupContext context,
      SignatureKeyPair signer) {
    byte[] tbs = toBeSigned(wireFormat, content, context.toOctets());
    return new AuthenticatedContent(
        wireFormat, content, suite.signing().signWithLabel(signer, LABEL, tbs), Optional.empty());
  }

  /** The same commit with its confirmation tag. */
  public AuthenticatedContent withConfirmationTag(byte[] tag) {
    return new AuthenticatedContent(wireFormat, content, signature, Optional.of(tag.clone()));
  }

  /** Reads the struct. */
  public static AuthenticatedContent read(TlsReader in) throws WireException {
    int format = in.uint16("wire_format");
    if (format != WireFormat.PUBLIC_MESSAGE.id() && format != WireFormat.PRIVATE_MESSAGE.id()) {
      throw in.malformed("wire_format: expected 1 or 2, got " + format);
    }
    WireFormat wireFormat = format == 1 ? WireFormat.PUBLIC_MESSAGE : WireFormat.PRIVATE_MESSAGE;
    return readAuth(in, wireFormat, FramedContent.read(in));
  }

  /** Reads {@code FramedContentAuthData} for {@code content}. */
  static AuthenticatedContent readAuth(TlsReader in, WireFormat wireFormat, FramedContent content)
      throws WireException {
    byte[] signature = in.opaque("signature");
    Optional<byte[]> tag =
        content.body().type() == ContentType.COMMIT
            ? Optional.of(in.opaque("confirmation_tag"))
            : Optional.empty();
    return new AuthenticatedContent(wireFormat, content, signature, tag);
  }

  /** Writes {@code FramedContentAuthData}. */
  void writeAuth(TlsWriter out) {
    out.opaque(signature);
    confirmationTag.ifPresent(out::opaque);
  }

  @Override
  public void write(TlsWriter out) {
    out.uint16(wireFormat.id()).struct(content);
    writeAuth(out);
  }

  /** Whether {@code publicKey} made the signature in the epoch of {@code context}. */
  public boolean verifySignature(CipherSuite suite, byte[] publicKey, byte[] context) {
    return suite
        .signing()
        .verifyWithLabel(publicKey, LABEL, toBeSigned(wireFormat, content, context), signature);
  }

  private static byte[] toBeSigned(WireFormat wireFormat, FramedContent content, byte[] context) {
    TlsWriter tbs =
        new TlsWriter().uint16(GroupContext.MLS10).uint16(wireFormat.id()).struct(content);
    if (content.sender() instanceof Sender.Member
        || content.sender() instanceof Sender.NewMemberCommit) {
      tbs.fixed(context);
    }
    return tbs.toOctets();
  }

  /** {@code struct AuthenticatedContentTBM}: what the membership tag covers. RFC 9420 §6.2. */
  byte[] toBeMaced(byte[] context) {
    TlsWriter tbm = new TlsWriter().fixed(toBeSigned(wireFormat, content, context));
    writeAuth(tbm);
    return tbm.toOctets();
  }

  /** {@code struct ConfirmedTranscriptHashInput} of a commit. RFC 9420 §8.2. */
  public byte[] confirmedTranscriptHashInput() {
    return new TlsWriter().uint16(wireFormat.id()).struct(content).opaque(signature).toOctets();
  }

  /** The name under which a commit refers to this proposal. RFC 9420 §5.2. */
  public HashReference proposalReference(CipherSuite suite) {
    return HashReference.ofProposal(suite.kdf(), toOctets());
  }

  /** Which way it travels; part of what is signed. */
  public WireFormat wireFormat() {
    return wireFormat;
  }

  /** What is said. */
  public FramedContent content() {
    return content;
  }

  /** Present on a commit that is complete. */
  public Optional<byte[]> confirmationTag() {
    return confirmationTag.map(byte[]::clone);
  }
}
