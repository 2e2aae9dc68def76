package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.IdentifierKind;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * A WebAuthn credential as an identifier: its public key on P-256, in the encoding that was used
 * first. Two encodings of one point are two identities; the relying party tells nothing apart.
 *
 * @param key the point as SEC 1 encodes it, by custom the 33 octets of the compressed form
 * @param relyingParty the domain that the credential belongs to, for people only
 */
public record Passkey(ByteString key, Optional<String> relyingParty) implements Identifier {
  /**
   * Reads the hex form.
   *
   * @throws IdentityException if it is not hex of whole octets
   */
  public static Passkey parse(String text, Optional<String> relyingParty) throws IdentityException {
    // The reference parser reads both cases and an optional 0x, though it writes neither.
    var digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return new Passkey(ByteString.copyFrom(HexFormat.of().parseHex(digits)), relyingParty);
    } catch (IllegalArgumentException malformed) {
      throw IdentityError.CONVERSION.with("passkey is invalid: not hex");
    }
  }

  static Passkey fromWire(io.postern.xmtp.proto.associations.Passkey wire) {
    var relyingParty =
        wire.hasRelyingParty() ? Optional.of(wire.getRelyingParty()) : Optional.<String>empty();
    return new Passkey(wire.getKey(), relyingParty);
  }

  @Override
  public MemberKind kind() {
    return MemberKind.PASSKEY;
  }

  @Override
  public String text() {
    return HexFormat.of().formatHex(key.toByteArray());
  }

  @Override
  public IdentifierKind wireKind() {
    return IdentifierKind.IDENTIFIER_KIND_PASSKEY;
  }

  @Override
  public io.postern.xmtp.proto.associations.MemberIdentifier toWire() {
    var passkey = io.postern.xmtp.proto.associations.Passkey.newBuilder().setKey(key);
    relyingParty.ifPresent(passkey::setRelyingParty);
    return io.postern.xmtp.proto.associations.MemberIdentifier.newBuilder()
        .setPasskey(passkey)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Passkey passkey && key.equals(passkey.key);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key);
  }

  @Override
  public String toString() {
    return text();
  }
}
