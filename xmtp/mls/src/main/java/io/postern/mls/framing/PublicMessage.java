package io.postern.mls.framing;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Optional;

/**
 * {@code struct PublicMessage}: signed, not encrypted; a member's carries a membership tag. RFC
 * 9420 §6.2.
 */
public final class PublicMessage implements TlsStruct {
  private final AuthenticatedContent content;
  private final Optional<byte[]> membershipTag;

  private PublicMessage(AuthenticatedContent content, Optional<byte[]> membershipTag) {
    this.content = content;
    this.membershipTag = membershipTag;
  }

  /** Frames what a member signed for this wire format. */
  public static PublicMessage ofMember(
      CipherSuite suite, AuthenticatedContent content, Secret membershipKey, GroupContext context) {
    byte[] tag = suite.kdf().mac(membershipKey, content.toBeMaced(context.toOctets()));
    return new PublicMessage(content, Optional.of(tag));
  }

  /** Reads the struct. */
  public static PublicMessage read(TlsReader in) throws WireException {
    FramedContent content = FramedContent.read(in);
    AuthenticatedContent authenticated =
        AuthenticatedContent.readAuth(in, WireFormat.PUBLIC_MESSAGE, content);
    Optional<byte[]> tag =
        content.sender() instanceof Sender.Member
            ? Optional.of(in.opaque("membership_tag"))
            : Optional.empty();
    return new PublicMessage(authenticated, tag);
  }

  @Override
  public void write(TlsWriter out) {
    out.struct(content.content());
    content.writeAuth(out);
    membershipTag.ifPresent(out::opaque);
  }

  /** Whether a member's tag is that of the epoch; false for other senders, who have none. */
  public boolean verifyMembershipTag(CipherSuite suite, Secret membershipKey, byte[] context) {
    return membershipTag.isPresent()
        && suite.kdf().verifyMac(membershipKey, content.toBeMaced(context), membershipTag.get());
  }

  /** What it says; signature and membership tag are not checked here. */
  public AuthenticatedContent content() {
    return content;
  }
}
