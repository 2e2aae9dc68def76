package io.postern.xmtp.identity;

import io.postern.mls.crypto.Secret;

/**
 * The secret from which any number of wallets can be made again. BIP-32.
 *
 * <p>The n-th wallet is the one that common wallet programs show as account n: {@code
 * m/44'/60'/0'/0/n}.
 */
public final class Seed {
  private static final int MIN_LENGTH = 16;
  private static final int MAX_LENGTH = 64;
  private static final int PURPOSE = HdKey.HARDENED + 44;
  private static final int ETHEREUM = HdKey.HARDENED + 60;
  private static final int ACCOUNT = HdKey.HARDENED;
  private static final int EXTERNAL = 0;

  private final Secret secret;

  private Seed(Secret secret) {
    this.secret = secret;
  }

  /**
   * The seed of these octets, which it takes over.
   *
   * @throws IllegalArgumentException unless there are 16 to 64 octets
   */
  public static Seed of(Secret secret) {
    if (secret.length() < MIN_LENGTH || secret.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a seed has 16 to 64 octets, not " + secret.length());
    }
    return new Seed(secret);
  }

  /**
   * The wallet with this number; the same one every time.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public WalletKey walletKey(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("wallets are numbered from 0, not " + number);
    }
    return HdKey.derive(secret, PURPOSE, ETHEREUM, ACCOUNT, EXTERNAL, number).walletKey();
  }

  /** A copy of the octets, for the vault; whoever asks erases it. */
  public Secret secret() {
    return secret.copy();
  }

  /** Wipes the seed; no wallet can be made of it any more. */
  public void erase() {
    secret.erase();
  }

  @Override
  public String toString() {
    return "Seed(" + secret + ")";
  }
}
