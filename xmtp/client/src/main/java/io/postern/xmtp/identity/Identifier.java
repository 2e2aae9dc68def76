package io.postern.xmtp.identity;

import io.postern.xmtp.proto.associations.IdentifierKind;
import java.util.Optional;

/** Who can create or recover an inbox: a wallet or a passkey. XIP-46. */
public sealed interface Identifier extends MemberIdentifier permits Identifier.Ethereum, Passkey {
  /** What the wire's identifier kind says. */
  IdentifierKind wireKind();

  /** The domain that a passkey belongs to, if it says. Says nothing about who it is. */
  default Optional<String> relyingParty() {
    return Optional.empty();
  }

  /**
   * @param text the display form
   * @param kind of which unspecified and unknown ones mean Ethereum
   * @throws IdentityException if a passkey is not written in hex
   */
  static Identifier fromWire(String text, IdentifierKind kind, Optional<String> relyingParty)
      throws IdentityException {
    return kind == IdentifierKind.IDENTIFIER_KIND_PASSKEY
        ? Passkey.parse(text, relyingParty)
        : new Ethereum(text);
  }

  /**
   * A wallet as an update names it: should be a lower-case address, may be any text. Equal only
   * character by character.
   *
   * @param address the text as written
   */
  record Ethereum(String address) implements Identifier {
    @Override
    public MemberKind kind() {
      return MemberKind.ETHEREUM;
    }

    @Override
    public String text() {
      return address;
    }

    @Override
    public IdentifierKind wireKind() {
      return IdentifierKind.IDENTIFIER_KIND_ETHEREUM;
    }

    @Override
    public io.postern.xmtp.proto.associations.MemberIdentifier toWire() {
      return io.postern.xmtp.proto.associations.MemberIdentifier.newBuilder()
          .setEthereumAddress(address)
          .build();
    }

    @Override
    public String toString() {
      return address;
    }
  }
}
