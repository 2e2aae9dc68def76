package io.postern.mls.schedule;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;

/**
 * The key schedule of RFC 9420 §8.
 *
 * <pre>
 *   init_secret[n-1] ─┐
 *   commit_secret ────┴─Extract─► "joiner", GroupContext[n] ─► joiner_secret
 *   psk_secret ───────────────────────────────Extract────────► ├─ "welcome" ─► welcome_secret
 *                                                              └─ "epoch", GroupContext[n] ─► epoch_secret ─► {@link EpochSecrets}
 * </pre>
 */
public final class KeySchedule {
  private final Kdf kdf;
  private final CipherSuite suite;

  /** The schedule in that suite. */
  public KeySchedule(CipherSuite suite) {
    this.suite = suite;
    this.kdf = suite.kdf();
  }

  /** {@code joiner_secret}: all that a new member needs besides the psk_secret. */
  public Secret joinerSecret(Secret initSecret, Secret commitSecret, GroupContext context) {
    Secret extracted = kdf.extract(initSecret, commitSecret);
    Secret joiner = kdf.expandWithLabel(extracted, "joiner", context.toOctets(), kdf.hashLength());
    extracted.erase();
    return joiner;
  }

  /** {@code welcome_secret}. */
  public Secret welcomeSecret(Secret joinerSecret, Secret pskSecret) {
    Secret member = kdf.extract(joinerSecret, pskSecret);
    Secret welcome = kdf.deriveSecret(member, "welcome");
    member.erase();
    return welcome;
  }

  /** The secrets of the epoch that {@code context} describes. */
  public EpochSecrets epoch(Secret joinerSecret, Secret pskSecret, GroupContext context) {
    Secret member = kdf.extract(joinerSecret, pskSecret);
    Secret epochSecret = kdf.expandWithLabel(member, "epoch", context.toOctets(), kdf.hashLength());
    member.erase();
    return epoch(epochSecret);
  }

  /**
   * The secrets that follow from {@code epochSecret}, which is erased. For epoch 0 it is random;
   * RFC 9420 §11.
   */
  public EpochSecrets epoch(Secret epochSecret) {
    EpochSecrets secrets = new EpochSecrets(suite, epochSecret);
    epochSecret.erase();
    return secrets;
  }
}
