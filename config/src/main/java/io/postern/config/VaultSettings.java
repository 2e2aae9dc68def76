package io.postern.config;

import java.nio.file.Path;

/** What opens the vault of keys: the setting {@code vault}. The file is read by who opens it. */
public sealed interface VaultSettings {
  /**
   * @param file holds the key itself
   * @param madeIfAbsent whether the first start makes it: only in the local profile, where losing
   *     it costs nothing
   */
  record KeyFile(Path file, boolean madeIfAbsent) implements VaultSettings {}

  /**
   * @param file holds a passphrase from which the key is derived
   */
  record PassphraseFile(Path file) implements VaultSettings {}
}
