package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.security.SecureRandom;

/** A vault whose key is known to nobody. */
final class TestVault {
  private TestVault() {}

  static Vault any() {
    return Vault.of(Secret.random(Vault.KEY_LENGTH, new SecureRandom()));
  }
}
