package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.Lifetime;
import io.postern.mls.tree.RequiredCapabilities;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Somebody who can be in groups: a name, a signature key, and what the client supports. For tests.
 */
final class Client {
  static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;
  static final byte[] GROUP_ID = "sixteen octets!!".getBytes(StandardCharsets.US_ASCII);
  static final Lifetime LIFETIME = new Lifetime(1_700_000_000L, 1_800_000_000L);

  /** An extension type that every client here supports, and one that none does. */
  static final int KNOWN = 0xff00;

  static final int UNKNOWN = 0xff77;

  static final Capabilities CAPABILITIES =
      new Capabilities(
          List.of(1),
          List.of(3, 1),
          List.of(KNOWN, 0xff01, Extension.LAST_RESORT, 0x0a0a),
          List.of(0x1a1a),
          List.of(1));

  final String name;
  final SignatureKeyPair signer;
  final Capabilities capabilities;
  final GroupSettings settings;
  final SecureRandom random = new SecureRandom();

  Client(String name) {
    this(name, CAPABILITIES);
  }

  Client(String name, Capabilities capabilities) {
    this(name, capabilities, GroupSettings.XMTP);
  }

  Client(String name, Capabilities capabilities, GroupSettings settings) {
    this.name = name;
    this.capabilities = capabilities;
    this.settings = settings;
    this.signer = SignatureKeyPair.generate(random);
  }

  Credential credential() {
    return Credential.basic(name.getBytes(StandardCharsets.UTF_8));
  }

  OwnKeyPackage keyPackage() {
    return keyPackage(
        Extensions.NONE, Extensions.of(new Extension(Extension.LAST_RESORT, new byte[0])));
  }

  OwnKeyPackage keyPackage(Extensions leafExtensions, Extensions extensions) {
    return OwnKeyPackage.create(
        SUITE, signer, credential(), capabilities, LIFETIME, leafExtensions, extensions, random);
  }

  /** A context with one extension of ours, required as it should be. */
  static Extensions context(String content) {
    return Extensions.of(
        new RequiredCapabilities(List.of(KNOWN), List.of(), List.of(1)).toExtension(),
        new Extension(KNOWN, content.getBytes(StandardCharsets.UTF_8)));
  }

  MlsGroup create() throws MlsException {
    return MlsGroup.create(
        SUITE,
        GROUP_ID,
        signer,
        credential(),
        capabilities,
        LIFETIME,
        Extensions.NONE,
        context("first"),
        settings,
        random);
  }

  MlsGroup join(byte[] welcome, OwnKeyPackage own) throws MlsException {
    if (!(MlsMessage.read(welcome) instanceof MlsMessage.OfWelcome framed)) {
      throw new MlsException(MlsException.Failure.UNSUPPORTED, "no welcome");
    }
    return MlsGroup.join(
            framed.welcome(),
            own,
            signer,
            Optional.empty(),
            PskSecret.Lookup.NONE,
            settings,
            random)
        .group();
  }

  MlsGroup restored(MlsGroup group) throws MlsException {
    return MlsGroup.restore(group.epochState(), group.ratchetState(), signer, settings, random);
  }

  static Proposal.Add add(OwnKeyPackage own) {
    return new Proposal.Add(own.keyPackage());
  }

  static PrivateMessage message(byte[] octets) throws MlsException {
    return ((MlsMessage.OfPrivate) MlsMessage.read(octets)).message();
  }
}
