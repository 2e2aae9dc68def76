package io.postern.bench;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.Lifetime;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Somebody who can be in MLS groups, below all that XMTP adds. */
public final class MlsPerson {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;
  private static final int GROUP_ID_OCTETS = 16;
  private static final int BASIC_CREDENTIAL = 1;
  private static final int MLS_1_0 = 1;

  private final String name;
  private final SecureRandom random = new SecureRandom();
  private final SignatureKeyPair signer = SignatureKeyPair.generate(random);

  public MlsPerson(String name) {
    this.name = name;
  }

  public OwnKeyPackage keyPackage() {
    return OwnKeyPackage.create(
        SUITE,
        signer,
        credential(),
        capabilities(),
        lifetime(),
        Extensions.NONE,
        Extensions.NONE,
        random);
  }

  public MlsGroup createGroup() throws MlsException {
    var id = new byte[GROUP_ID_OCTETS];
    random.nextBytes(id);
    return MlsGroup.create(
        SUITE,
        id,
        signer,
        credential(),
        capabilities(),
        lifetime(),
        Extensions.NONE,
        Extensions.NONE,
        random);
  }

  /**
   * @param own the key package that the welcome is for
   */
  public MlsGroup join(byte[] welcome, OwnKeyPackage own) throws MlsException {
    var framed = (MlsMessage.OfWelcome) MlsMessage.read(welcome);
    return MlsGroup.join(
            framed.welcome(),
            own.keyPackage(),
            own.initPrivateKey(),
            own.encryptionPrivateKey(),
            signer,
            random)
        .group();
  }

  /** Octets that were encrypted, read as such. */
  public static PrivateMessage message(byte[] octets) throws MlsException {
    return ((MlsMessage.OfPrivate) MlsMessage.read(octets)).message();
  }

  private Credential credential() {
    return Credential.basic(name.getBytes(StandardCharsets.UTF_8));
  }

  private static Capabilities capabilities() {
    return new Capabilities(
        List.of(MLS_1_0), List.of(SUITE.id()), List.of(), List.of(), List.of(BASIC_CREDENTIAL));
  }

  private static Lifetime lifetime() {
    var now = Instant.now();
    return new Lifetime(
        now.minus(Duration.ofHours(1)).getEpochSecond(),
        now.plus(Duration.ofDays(80)).getEpochSecond());
  }
}
