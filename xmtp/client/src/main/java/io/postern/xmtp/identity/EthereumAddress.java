package io.postern.xmtp.identity;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * An Ethereum address as XMTP writes it: {@code 0x} and 40 lower-case hex characters.
 *
 * <p>Addresses on the wire are not normalised and live in {@link Identifier.Ethereum}; this is the
 * form that we write.
 *
 * @param value the 42 characters
 */
public record EthereumAddress(String value) {
  private static final String PREFIX = "0x";
  private static final int LENGTH = 42;

  /**
   * @throws IllegalArgumentException if it is not an address in lower case
   */
  public EthereumAddress {
    if (!isWellFormed(value) || !value.equals(value.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("not a lower-case Ethereum address: " + value);
    }
  }

  /**
   * Reads an address as people give it. Letters may be of either case; a checksum in their case is
   * not verified, as no XMTP client does.
   *
   * @throws IdentityException if it is not {@code 0x} and 40 hex digits
   */
  public static EthereumAddress parse(String text) throws IdentityException {
    if (!isWellFormed(text)) {
      throw IdentityError.INVALID_ACCOUNT_ADDRESS.with();
    }
    return new EthereumAddress(text.toLowerCase(Locale.ROOT));
  }

  /**
   * @throws IllegalArgumentException unless there are 20 octets
   */
  public static EthereumAddress of(byte[] octets) {
    return new EthereumAddress(PREFIX + HexFormat.of().formatHex(octets));
  }

  /** Whether it is {@code 0x} and 40 hex digits, of either case. */
  static boolean isWellFormed(String text) {
    return text.length() == LENGTH
        && text.startsWith(PREFIX)
        && text.substring(PREFIX.length()).chars().allMatch(EthereumAddress::isHexDigit);
  }

  /** The 20 octets that the characters stand for. */
  public byte[] octets() {
    return HexFormat.of().parseHex(value, PREFIX.length(), LENGTH);
  }

  /** This address as an identifier of an inbox. */
  public Identifier.Ethereum identifier() {
    return new Identifier.Ethereum(value);
  }

  /** The address in the mixed case that guards against typing errors. For people only. EIP-55. */
  public String checksummed() {
    var digits = value.substring(PREFIX.length());
    var hash = Keccak256.hash(digits.getBytes(StandardCharsets.US_ASCII));
    var mixed = new StringBuilder(PREFIX);
    for (int i = 0; i < digits.length(); i++) {
      int nibble = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf;
      char digit = digits.charAt(i);
      mixed.append(nibble >= 8 ? Character.toUpperCase(digit) : digit);
    }
    return mixed.toString();
  }

  @Override
  public String toString() {
    return value;
  }

  static boolean isHexDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }
}
