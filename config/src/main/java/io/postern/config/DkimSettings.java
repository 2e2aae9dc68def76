package io.postern.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * One key with which mail of ours is signed, for every bridge domain.
 *
 * @param selector under which its public half is published: {@code SELECTOR._domainkey.DOMAIN}
 * @param keyFile PEM, RSA or Ed25519
 */
public record DkimSettings(String selector, Path keyFile) {
  public DkimSettings {
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(keyFile, "keyFile");
  }
}
