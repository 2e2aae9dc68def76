package io.postern.xmtp.identity;

import java.util.regex.Pattern;

/**
 * An account on a chain (CAIP-10), kept as it was written: {@code eip155:8453:0xab…}.
 *
 * @param chain namespace and reference, {@code eip155:8453}
 * @param address the account on that chain, in the chain's own form
 */
public record AccountId(String chain, String address) {
  private static final String EIP_155 = "eip155:";
  private static final Pattern CHAIN = Pattern.compile("[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}");
  private static final Pattern ADDRESS = Pattern.compile("[-.%a-zA-Z0-9]{1,128}");

  /**
   * @throws IllegalArgumentException if a part is not of the form that CAIP-10 gives it
   */
  public AccountId {
    if (!CHAIN.matcher(chain).matches() || !ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException("not a CAIP-10 account: " + chain + ":" + address);
    }
  }

  /** The account of a contract wallet on an EVM chain, written as XMTP clients expect it. */
  public static AccountId of(long chainId, EthereumAddress address) {
    return new AccountId(EIP_155 + Long.toUnsignedString(chainId), address.value());
  }

  /**
   * @throws IdentityException if it has not three parts of the form that CAIP-10 gives them
   */
  public static AccountId parse(String text) throws IdentityException {
    var parts = text.split(":", -1);
    if (parts.length != 3) {
      throw IdentityError.CONVERSION.with(
          "type account_id has invalid length. expected 3 got " + parts.length);
    }
    var chain = parts[0] + ":" + parts[1];
    if (!CHAIN.matcher(chain).matches()) {
      throw IdentityError.CONVERSION.with("account_id has an invalid chain");
    }
    if (!ADDRESS.matcher(parts[2]).matches()) {
      throw IdentityError.CONVERSION.with("account_id has an invalid address");
    }
    return new AccountId(chain, parts[2]);
  }

  /**
   * The number of the EVM chain, an unsigned 64 bit integer.
   *
   * @throws IdentityException if it is another kind of chain or the number is none
   */
  public long chainId() throws IdentityException {
    if (!chain.startsWith(EIP_155)) {
      throw IdentityError.SIGNATURE.with("Chain ID is not prefixed with eip155:");
    }
    var number = chain.substring(EIP_155.length());
    if (!number.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw IdentityError.SIGNATURE.with("Chain ID is not a valid u64");
    }
    try {
      return Long.parseUnsignedLong(number);
    } catch (NumberFormatException tooLarge) {
      throw IdentityError.SIGNATURE.with("Chain ID is not a valid u64");
    }
  }

  @Override
  public String toString() {
    return chain + ":" + address;
  }
}
