package io.postern.mls.schedule;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.List;

/**
 * The secrets of one epoch, RFC 9420 §8, Table 4. The encryption secret is handed to the secret
 * tree by {@link #takeEncryptionSecret} and is not kept here; the other secrets are.
 */
public final class EpochSecrets implements TlsStruct {
  private final Secret senderData;
  private Secret encryption;
  private final Secret exporter;
  private final Secret external;
  private final Secret confirmation;
  private final Secret membership;
  private final Secret resumption;
  private final Secret authenticator;
  private final Secret init;

  EpochSecrets(CipherSuite suite, Secret epochSecret) {
    Kdf kdf = suite.kdf();
    senderData = kdf.deriveSecret(epochSecret, "sender data");
    encryption = kdf.deriveSecret(epochSecret, "encryption");
    exporter = kdf.deriveSecret(epochSecret, "exporter");
    external = kdf.deriveSecret(epochSecret, "external");
    confirmation = kdf.deriveSecret(epochSecret, "confirm");
    membership = kdf.deriveSecret(epochSecret, "membership");
    resumption = kdf.deriveSecret(epochSecret, "resumption");
    authenticator = kdf.deriveSecret(epochSecret, "authentication");
    init = kdf.deriveSecret(epochSecret, "init");
  }

  private EpochSecrets(TlsReader in, int length) throws WireException {
    senderData = Secret.read(in, "sender_data_secret", length);
    authenticator = Secret.read(in, "epoch_authenticator", length);
    if (in.present("member")) {
      exporter = Secret.read(in, "exporter_secret", length);
      external = Secret.read(in, "external_secret", length);
      confirmation = Secret.read(in, "confirmation_key", length);
      membership = Secret.read(in, "membership_key", length);
      resumption = Secret.read(in, "resumption_psk", length);
      init = Secret.read(in, "init_secret", length);
    } else {
      exporter = erased();
      external = erased();
      confirmation = erased();
      membership = erased();
      resumption = erased();
      init = erased();
    }
  }

  private EpochSecrets(Secret authenticator) {
    this.authenticator = authenticator;
    senderData = erased();
    exporter = erased();
    external = erased();
    confirmation = erased();
    membership = erased();
    resumption = erased();
    init = erased();
  }

  /** What is left after {@link #leave}. */
  public static EpochSecrets left(Secret authenticator) {
    return new EpochSecrets(authenticator);
  }

  private static Secret erased() {
    Secret secret = Secret.zero(0);
    secret.erase();
    return secret;
  }

  /** Reads what {@link #write} wrote; without an encryption secret. */
  public static EpochSecrets read(TlsReader in, CipherSuite suite) throws WireException {
    return new EpochSecrets(in, suite.kdf().hashLength());
  }

  @Override
  public void write(TlsWriter out) {
    senderData.write(out);
    authenticator.write(out);
    out.present(isMember());
    if (isMember()) {
      memberSecrets().forEach(secret -> secret.write(out));
    }
  }

  private List<Secret> memberSecrets() {
    return List.of(exporter, external, confirmation, membership, resumption, init);
  }

  /** Whether the secrets are there that lead to the next epoch; see {@link #leave}. */
  public boolean isMember() {
    return !init.isErased();
  }

  /** Erases all but the authenticator. */
  public void leave() {
    memberSecrets().forEach(Secret::erase);
    senderData.erase();
    if (encryption != null) {
      encryption.erase();
    }
  }

  /** Encrypts who sent a private message. */
  public Secret senderData() {
    return senderData;
  }

  /** The root of the secret tree; the first call gives it away, a second is a mistake. */
  public Secret takeEncryptionSecret() {
    if (encryption == null) {
      throw new IllegalStateException("the encryption secret was taken");
    }
    Secret taken = encryption;
    encryption = null;
    return taken;
  }

  /** The key of confirmation tags. */
  public Secret confirmationKey() {
    return confirmation;
  }

  /** The key of membership tags. */
  public Secret membershipKey() {
    return membership;
  }

  /** What the next epoch starts from. */
  public Secret init() {
    return init;
  }

  /** The key pair of external joins follows from it. */
  public Secret external() {
    return external;
  }

  /** Proves membership in this epoch to another epoch or group. */
  public Secret resumptionPsk() {
    return resumption;
  }

  /** A value that members may compare to see that they agree. */
  public byte[] authenticator() {
    return authenticator.toOctets();
  }

  Secret exporterSecret() {
    return exporter;
  }

  /** {@code MLS-Exporter(label, context, length)}. RFC 9420 §8.5. */
  public Secret export(Kdf kdf, String label, byte[] context, int length) {
    Secret derived = kdf.deriveSecret(exporter, label);
    Secret exported = kdf.expandWithLabel(derived, "exported", kdf.hash(context), length);
    derived.erase();
    return exported;
  }

  /** Erases all of them. */
  public void erase() {
    leave();
    authenticator.erase();
  }
}
