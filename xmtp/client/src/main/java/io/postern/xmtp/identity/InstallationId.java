package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.HexFormat;

/**
 * The name of an installation: its Ed25519 public key of 32 octets, shown as 64 hex characters.
 *
 * @param key the 32 octets
 */
public record InstallationId(ByteString key) {
  /** Octets of an installation id. */
  public static final int LENGTH = 32;

  /**
   * @throws IllegalArgumentException unless there are 32 octets
   */
  public InstallationId {
    if (key.size() != LENGTH) {
      throw new IllegalArgumentException("an installation id has 32 octets, not " + key.size());
    }
  }

  /**
   * @throws IllegalArgumentException unless there are 32 octets
   */
  public static InstallationId of(byte[] octets) {
    return new InstallationId(ByteString.copyFrom(octets));
  }

  /**
   * @throws IdentityException if it is not 64 hex characters
   */
  public static InstallationId parse(String text) throws IdentityException {
    try {
      return of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException malformed) {
      throw IdentityError.INVALID_INPUT.with("an installation id has 64 hex characters");
    }
  }

  /** The public key, in a new array. */
  public byte[] octets() {
    return key.toByteArray();
  }

  /** This installation as a member of an inbox. */
  public MemberIdentifier.Installation identifier() {
    return new MemberIdentifier.Installation(key);
  }

  /** 64 lower-case hex characters. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets());
  }
}
