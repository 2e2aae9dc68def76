package io.postern.xmtp.content;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The id of one message: 32 octets, printed as 64 lower-case hexadecimal digits. §1.2.
 *
 * <p>It hashes the exact octets of the content. Hash what was received or stored, never what a
 * second encoding gives.
 */
public record MessageId(Octets octets) {
  /** Octets of an id. */
  public static final int LENGTH = 32;

  private static final byte SEPARATOR = 0x09;

  public MessageId {
    if (octets.length() != LENGTH) {
      throw new IllegalArgumentException("a message id has 32 octets, not " + octets.length());
    }
  }

  /**
   * The id with these octets.
   *
   * @throws IllegalArgumentException if there are not 32
   */
  public static MessageId of(byte[] octets) {
    return new MessageId(Octets.of(octets));
  }

  /**
   * The id of a message: SHA-256 of group id, TAB, key, TAB, content. §1.2.
   *
   * @param groupId the raw octets of the group's id
   * @param idempotencyKey any string; its sender chose it
   * @param encodedContent the EncodedContent exactly as it travels
   */
  public static MessageId of(byte[] groupId, String idempotencyKey, byte[] encodedContent) {
    var hash = sha256();
    hash.update(groupId);
    hash.update(SEPARATOR);
    hash.update(idempotencyKey.getBytes(StandardCharsets.UTF_8));
    hash.update(SEPARATOR);
    return of(hash.digest(encodedContent));
  }

  /** The id that 64 hexadecimal digits, in either case, stand for; empty for anything else. */
  public static Optional<MessageId> parse(String hex) {
    if (hex.length() != 2 * LENGTH || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      return Optional.empty();
    }
    return Optional.of(new MessageId(Octets.ofHex(hex)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java platform has SHA-256", absent);
    }
  }

  /** The id's octets. */
  public byte[] toByteArray() {
    return octets.toByteArray();
  }

  /** 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return octets.hex();
  }
}
