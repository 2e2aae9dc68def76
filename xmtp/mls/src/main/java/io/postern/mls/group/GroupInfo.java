package io.postern.mls.group;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/**
 * {@code struct GroupInfo}: an epoch as it is described to newcomers, signed by a member. RFC 9420
 * §12.4.3.
 */
public final class GroupInfo implements TlsStruct {
  private static final String LABEL = "GroupInfoTBS";

  private final GroupContext context;
  private final Extensions extensions;
  private final byte[] confirmationTag;
  private final LeafIndex signer;
  private final byte[] signature;

  private GroupInfo(
      GroupContext context,
      Extensions extensions,
      byte[] confirmationTag,
      LeafIndex signer,
      byte[] signature) {
    this.context = context;
    this.extensions = extensions;
    this.confirmationTag = confirmationTag;
    this.signer = signer;
    this.signature = signature;
  }

  static GroupInfo sign(
      CipherSuite suite,
      GroupContext context,
      Extensions extensions,
      byte[] confirmationTag,
      LeafIndex signer,
      SignatureKeyPair key) {
    byte[] tbs = toBeSigned(context, extensions, confirmationTag, signer);
    byte[] signature = suite.signing().signWithLabel(key, LABEL, tbs);
    return new GroupInfo(context, extensions, confirmationTag.clone(), signer, signature);
  }

  /** Reads the struct. */
  public static GroupInfo read(TlsReader in) throws WireException {
    return new GroupInfo(
        GroupContext.read(in),
        Extensions.read(in),
        in.opaque("confirmation_tag"),
        LeafIndex.read(in, "signer"),
        in.opaque("signature"));
  }

  @Override
  public void write(TlsWriter out) {
    out.fixed(toBeSigned(context, extensions, confirmationTag, signer)).opaque(signature);
  }

  private static byte[] toBeSigned(
      GroupContext context, Extensions extensions, byte[] confirmationTag, LeafIndex signer) {
    return new TlsWriter()
        .struct(context)
        .struct(extensions)
        .opaque(confirmationTag)
        .struct(signer)
        .toOctets();
  }

  /** Whether the holder of {@code publicKey} signed it. */
  public boolean verifySignature(CipherSuite suite, byte[] publicKey) {
    byte[] tbs = toBeSigned(context, extensions, confirmationTag, signer);
    return suite.signing().verifyWithLabel(publicKey, LABEL, tbs, signature);
  }

  /** The epoch's context. */
  public GroupContext context() {
    return context;
  }

  /** Extensions of this struct, such as the ratchet tree. */
  public Extensions extensions() {
    return extensions;
  }

  /** The confirmation tag of the commit that led to the epoch. */
  public byte[] confirmationTag() {
    return confirmationTag.clone();
  }

  /** The member that signed. */
  public LeafIndex signer() {
    return signer;
  }
}
