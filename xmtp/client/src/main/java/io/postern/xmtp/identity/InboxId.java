package io.postern.xmtp.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of an inbox: the SHA-256 of its first identifier and a nonce, as 64 lower-case hex
 * characters. XIP-46.
 *
 * @param value the 64 characters
 */
public record InboxId(String value) implements Comparable<InboxId> {
  /** How many octets its characters stand for. */
  public static final int OCTETS = 32;

  private static final int LENGTH = 2 * OCTETS;

  /**
   * @throws IllegalArgumentException if it is not 64 lower-case hex characters
   */
  public InboxId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not an inbox id: " + value);
    }
  }

  /**
   * @throws IdentityException if it is not 64 lower-case hex characters; nodes find no others
   */
  public static InboxId parse(String text) throws IdentityException {
    if (!isWellFormed(text)) {
      throw IdentityError.INVALID_INPUT.with("an inbox id has 64 lower-case hex characters");
    }
    return new InboxId(text);
  }

  /**
   * @throws IllegalArgumentException unless there are 32 octets
   */
  public static InboxId of(byte[] octets) {
    return new InboxId(HexFormat.of().formatHex(octets));
  }

  /**
   * The inbox that this identifier creates with this nonce.
   *
   * @param nonce an unsigned 64 bit integer
   * @throws IdentityException if it is an Ethereum identifier and no address
   */
  public static InboxId derive(Identifier identifier, long nonce) throws IdentityException {
    if (identifier instanceof Identifier.Ethereum ethereum
        && !EthereumAddress.isWellFormed(ethereum.address())) {
      throw IdentityError.INVALID_ACCOUNT_ADDRESS.with();
    }
    var text = identifier.text() + Long.toUnsignedString(nonce);
    try {
      return of(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  /** The 32 octets that the characters stand for. */
  public byte[] octets() {
    return HexFormat.of().parseHex(value);
  }

  @Override
  public int compareTo(InboxId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }

  private static boolean isWellFormed(String text) {
    return text.length() == LENGTH
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }
}
