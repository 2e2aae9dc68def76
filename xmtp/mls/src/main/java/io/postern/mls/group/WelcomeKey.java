package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.KeySchedule;

/**
 * Key and nonce under which a welcome's GroupInfo is encrypted; good for one use. RFC 9420
 * §12.4.3.1.
 */
record WelcomeKey(Secret key, byte[] nonce) {
  static WelcomeKey derive(CipherSuite suite, Secret joiner, Secret pskSecret) {
    Secret welcome = new KeySchedule(suite).welcomeSecret(joiner, pskSecret);
    Secret key = suite.kdf().expandWithLabel(welcome, "key", new byte[0], suite.aead().keyLength());
    Secret nonce = suite.kdf().expandWithLabel(welcome, "nonce", new byte[0], Aead.NONCE_LENGTH);
    welcome.erase();
    return new WelcomeKey(key, nonce.toOctets());
  }

  byte[] seal(CipherSuite suite, byte[] groupInfo) {
    byte[] sealed = suite.aead().seal(key, nonce, new byte[0], groupInfo);
    key.erase();
    return sealed;
  }

  byte[] open(CipherSuite suite, byte[] encryptedGroupInfo) throws MlsException {
    byte[] opened = suite.aead().open(key, nonce, new byte[0], encryptedGroupInfo);
    key.erase();
    return opened;
  }
}
