package io.postern.xmtp.content;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The blockchains that people are likely to meet, by their EIP-155 number. */
enum Chain {
  ETHEREUM(1, "Ethereum", "ETH", "https://etherscan.io/tx/"),
  OPTIMISM(10, "OP Mainnet", "ETH", "https://optimistic.etherscan.io/tx/"),
  BNB(56, "BNB Smart Chain", "BNB", "https://bscscan.com/tx/"),
  GNOSIS(100, "Gnosis", "xDAI", "https://gnosisscan.io/tx/"),
  POLYGON(137, "Polygon", "POL", "https://polygonscan.com/tx/"),
  ZKSYNC(324, "ZKsync Era", "ETH", "https://explorer.zksync.io/tx/"),
  WORLD(480, "World Chain", "ETH", "https://worldscan.org/tx/"),
  BASE(8453, "Base", "ETH", "https://basescan.org/tx/"),
  ARBITRUM(42161, "Arbitrum One", "ETH", "https://arbiscan.io/tx/"),
  CELO(42220, "Celo", "CELO", "https://celoscan.io/tx/"),
  AVALANCHE(43114, "Avalanche C-Chain", "AVAX", "https://snowtrace.io/tx/"),
  LINEA(59144, "Linea", "ETH", "https://lineascan.build/tx/"),
  BASE_SEPOLIA(84532, "Base Sepolia (a test network)", "ETH", "https://sepolia.basescan.org/tx/"),
  SEPOLIA(11155111, "Sepolia (a test network)", "ETH", "https://sepolia.etherscan.io/tx/");

  private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19}");
  private static final Pattern HASH = Pattern.compile("0x[0-9a-fA-F]{64}");

  private final long number;
  private final String title;
  private final String currency;
  private final String explorer;

  Chain(long number, String title, String currency, String explorer) {
    this.number = number;
    this.title = title;
    this.currency = currency;
    this.explorer = explorer;
  }

  /**
   * The chain with this number, decimal or {@code 0x} hexadecimal, with or without {@code eip155:}
   * before it.
   */
  static Optional<Chain> of(String id) {
    String digits = id.startsWith("eip155:") ? id.substring("eip155:".length()) : id;
    if (!NUMBER.matcher(digits).matches()) {
      return Optional.empty();
    }
    boolean hexadecimal = digits.length() > 1 && Character.toLowerCase(digits.charAt(1)) == 'x';
    var number = hexadecimal ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits);
    return Arrays.stream(values())
        .filter(chain -> BigInteger.valueOf(chain.number).equals(number))
        .findFirst();
  }

  String title() {
    return title;
  }

  /** The symbol of its own currency, which has 18 decimals on all of these. */
  String currency() {
    return currency;
  }

  /** A page about a transaction; empty if the text is no transaction hash. */
  Optional<String> link(String hash) {
    return HASH.matcher(hash).matches() ? Optional.of(explorer + hash) : Optional.empty();
  }
}
