package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Who can be a member of an inbox: an {@link Identifier}, or an installation. XIP-46.
 *
 * <p>What came off the wire is kept as it was written, however odd: it is part of the text that was
 * signed, and every client must compare it alike. Members of different kinds are never equal.
 */
public sealed interface MemberIdentifier permits Identifier, MemberIdentifier.Installation {
  /** What it is. */
  MemberKind kind();

  /** How it stands in texts to sign: an address as written, a key in lower-case hex. */
  String text();

  /** The wire message of it. */
  io.postern.xmtp.proto.associations.MemberIdentifier toWire();

  /**
   * @throws IdentityException if the message says none of the three kinds
   */
  static MemberIdentifier fromWire(io.postern.xmtp.proto.associations.MemberIdentifier wire)
      throws IdentityException {
    return switch (wire.getKindCase()) {
      case ETHEREUM_ADDRESS -> new Identifier.Ethereum(wire.getEthereumAddress());
      case INSTALLATION_PUBLIC_KEY -> new Installation(wire.getInstallationPublicKey());
      case PASSKEY -> Passkey.fromWire(wire.getPasskey());
      case KIND_NOT_SET -> throw IdentityError.CONVERSION.with("missing field member_identifier");
    };
  }

  /**
   * An installation as an update names it. One that has signed has 32 octets; one that is only
   * named may have any number.
   *
   * @param key what should be an Ed25519 public key
   */
  record Installation(ByteString key) implements MemberIdentifier {
    @Override
    public MemberKind kind() {
      return MemberKind.INSTALLATION;
    }

    @Override
    public String text() {
      return HexFormat.of().formatHex(key.toByteArray());
    }

    /** The installation, if it has 32 octets. */
    public Optional<InstallationId> id() {
      return key.size() == InstallationId.LENGTH
          ? Optional.of(new InstallationId(key))
          : Optional.empty();
    }

    @Override
    public io.postern.xmtp.proto.associations.MemberIdentifier toWire() {
      return io.postern.xmtp.proto.associations.MemberIdentifier.newBuilder()
          .setInstallationPublicKey(key)
          .build();
    }

    @Override
    public String toString() {
      return text();
    }
  }
}
