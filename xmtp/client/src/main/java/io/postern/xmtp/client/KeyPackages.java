package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.Lifetime;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.proto.mls.WelcomePointeeEncryptionAeadType;
import io.postern.xmtp.proto.mls.WelcomePointeeEncryptionAeadTypesExtension;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.WelcomeWrapperEncryption;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Key packages in the form that XMTP gives them: which capabilities and extensions ours have, and
 * what is asked of those of others. Identity document 7.3 to 7.5.
 */
final class KeyPackages {
  static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;

  /** Extension of a key package: the key that its welcome must be wrapped for. */
  static final int WRAPPER_KEY = 0xFF03;

  /** Extension of a key package: the ciphers under which its owner reads a pointed-to welcome. */
  static final int POINTEE_CIPHERS = 0xFF04;

  private static final Duration NOT_BEFORE = Duration.ofHours(1);
  private static final Duration NOT_AFTER = Duration.ofDays(84);
  private static final List<Integer> VERSIONS = List.of(1);
  private static final List<Integer> CREDENTIALS = List.of(1);
  private static final List<Integer> PROPOSALS = List.of(Proposal.GroupContextExtensions.TYPE);

  /** What a leaf of ours lists: more than a group of ours requires. */
  private static final List<Integer> LEAF_PROPOSALS =
      List.of(Proposal.GroupContextExtensions.TYPE, Proposal.AppDataUpdate.TYPE);

  /** What every member must support: the required capabilities of a group. */
  private static final List<Integer> GROUP_EXTENSIONS =
      List.of(0xFF01, 0xFF00, 0xFF02, 0xF000, 0x000A, 0x0001);

  private static final List<Integer> CREATOR_EXTENSIONS =
      Stream.concat(
              GROUP_EXTENSIONS.stream(),
              Stream.of(WRAPPER_KEY, POINTEE_CIPHERS, Extension.APP_DATA_DICTIONARY))
          .toList();

  private static final List<Integer> KEY_PACKAGE_EXTENSIONS =
      List.of(
          0x000A,
          0x0001,
          0xF000,
          Extension.APP_DATA_DICTIONARY,
          0xFF02,
          0xFF00,
          0xFF01,
          WRAPPER_KEY,
          POINTEE_CIPHERS);

  private final SecureRandom random;

  KeyPackages(SecureRandom random) {
    this.random = random;
  }

  /** A new key package with its keys and the public keys by which a welcome names it. */
  record Made(OwnKeys keys, byte[] initPublicKey, byte[] wrapperPublicKey) {}

  Made make(InboxId inbox, SignatureKeyPair installation, Instant now) {
    var wrapper = new XWing().generateKeyPair(random);
    var applicationId =
        new TlsWriter().opaque(inbox.toString().getBytes(StandardCharsets.US_ASCII)).toOctets();
    var pointeeCiphers =
        WelcomePointeeEncryptionAeadTypesExtension.newBuilder()
            .addSupportedAeadTypes(
                WelcomePointeeEncryptionAeadType
                    .WELCOME_POINTEE_ENCRYPTION_AEAD_TYPE_CHACHA20_POLY1305)
            .build();
    var wrapperKey =
        WelcomeWrapperEncryption.newBuilder()
            .setPubKey(ByteString.copyFrom(wrapper.publicKey()))
            .setAlgorithm(WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6)
            .build();
    var own =
        OwnKeyPackage.create(
            SUITE,
            installation,
            Leaves.credential(inbox),
            capabilities(KEY_PACKAGE_EXTENSIONS),
            lifetime(now),
            Extensions.of(new Extension(Extension.APPLICATION_ID, applicationId)),
            Extensions.of(
                new Extension(Extension.LAST_RESORT, new byte[0]),
                new Extension(POINTEE_CIPHERS, pointeeCiphers.toByteArray()),
                new Extension(WRAPPER_KEY, wrapperKey.toByteArray())),
            random);
    var keys =
        new OwnKeys(
            own.keyPackage().reference(SUITE).toOctets(),
            own.keyPackage().toOctets(),
            own.initPrivateKey(),
            own.encryptionPrivateKey(),
            wrapper.privateKey());
    return new Made(keys, own.keyPackage().initKey(), wrapper.publicKey());
  }

  /** The capabilities of our leaf in a group that we create. */
  static Capabilities creatorCapabilities() {
    return capabilities(CREATOR_EXTENSIONS);
  }

  static Lifetime lifetime(Instant now) {
    return new Lifetime(
        now.minus(NOT_BEFORE).getEpochSecond(), now.plus(NOT_AFTER).getEpochSecond());
  }

  private static Capabilities capabilities(List<Integer> extensions) {
    return new Capabilities(VERSIONS, List.of(SUITE.id()), extensions, LEAF_PROPOSALS, CREDENTIALS);
  }

  /** Whether a client can be in a group in the dictionary form (groups document 11.1). */
  static boolean knowDictionary(LeafNode leaf) {
    return leaf.capabilities().supportExtension(Extension.APP_DATA_DICTIONARY)
        && leaf.capabilities().supportProposal(Proposal.AppDataUpdate.TYPE);
  }

  /** The required_capabilities of a group, octet by octet as the reference writes them. */
  static Extension requiredCapabilities() {
    var out = new TlsWriter();
    out.opaque(uint16s(GROUP_EXTENSIONS));
    out.opaque(uint16s(PROPOSALS));
    out.opaque(uint16s(CREDENTIALS));
    return new Extension(Extension.REQUIRED_CAPABILITIES, out.toOctets());
  }

  private static byte[] uint16s(List<Integer> values) {
    var out = new TlsWriter();
    values.forEach(out::uint16);
    return out.toOctets();
  }

  /**
   * Another installation's key package, fit to be added to a group of ours.
   *
   * @param owner the inbox in whose name it comes in
   */
  record Usable(KeyPackage keyPackage, WelcomeWrapper.Recipient recipient, InboxId owner) {}

  /** The same for an installation that one inbox lists. */
  static Usable verify(byte[] octets, InstallationId installation, InboxId owner, Instant now)
      throws GroupException {
    return verify(octets, installation, Set.of(owner), now);
  }

  /**
   * @param owners the inboxes whose identity logs name the installation
   * @throws GroupException if the package may not be used: the installation counts as failed
   */
  static Usable verify(byte[] octets, InstallationId installation, Set<InboxId> owners, Instant now)
      throws GroupException {
    try {
      var keyPackage = KeyPackage.read(octets);
      keyPackage.verify(now);
      var leaf = keyPackage.leaf();
      var owner = Leaves.inbox(leaf);
      if (!Arrays.equals(leaf.signatureKey(), installation.octets()) || !owners.contains(owner)) {
        throw new GroupException("3.3: a key package is not of the installation asked for");
      }
      if (keyPackage.cipherSuite() != SUITE.id()) {
        throw new GroupException("3.3: a key package is for another cipher suite");
      }
      var can = leaf.capabilities();
      if (!can.versions().containsAll(VERSIONS)
          || !can.cipherSuites().contains(SUITE.id())
          || !can.credentials().containsAll(CREDENTIALS)
          || !GROUP_EXTENSIONS.stream().allMatch(can::supportExtension)
          || !leaf.extensions().list().stream().allMatch(e -> can.supportExtension(e.type()))) {
        throw new GroupException("3.3: an installation lacks capabilities that groups require");
      }
      requireSealable(keyPackage.initKey(), "init key");
      requireSealable(leaf.encryptionKey(), "encryption key");
      return new Usable(keyPackage, recipient(installation, keyPackage), owner);
    } catch (MlsException invalid) {
      throw new GroupException("3.3: a key package is not valid", invalid);
    }
  }

  /** One key that nothing can be sealed to would fail the commit, or the welcome, for everybody. */
  private static void requireSealable(byte[] key, String which) throws GroupException {
    if (!SUITE.kem().takes(key)) {
      throw new GroupException("3.3: nothing can be sealed to a key package's " + which);
    }
  }

  private static WelcomeWrapper.Recipient recipient(
      InstallationId installation, KeyPackage keyPackage) throws GroupException {
    var wrapper = keyPackage.extensions().find(WRAPPER_KEY);
    if (wrapper.isEmpty()) {
      return new WelcomeWrapper.Recipient(installation, keyPackage.initKey(), false, false);
    }
    try {
      var wanted = WelcomeWrapperEncryption.parseFrom(wrapper.get());
      var key = wanted.getPubKey().toByteArray();
      return switch (wanted.getAlgorithm()) {
        case WELCOME_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6 -> {
          if (key.length != XWing.PUBLIC_KEY_LENGTH) {
            throw new GroupException("1.5: a key package's X-Wing key is not of 1216 octets");
          }
          yield new WelcomeWrapper.Recipient(installation, key, true, readsPointers(keyPackage));
        }
        case WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY ->
            throw new GroupException("1.5: a key package wants its welcome under a symmetric key");
        default -> {
          requireSealable(key, "wrapper key");
          yield new WelcomeWrapper.Recipient(installation, key, false, false);
        }
      };
    } catch (InvalidProtocolBufferException malformed) {
      throw new GroupException("1.5: a key package's wrapper key cannot be read", malformed);
    }
  }

  private static boolean readsPointers(KeyPackage keyPackage) throws GroupException {
    var ciphers = keyPackage.extensions().find(POINTEE_CIPHERS);
    if (ciphers.isEmpty()) {
      return false;
    }
    try {
      return WelcomePointeeEncryptionAeadTypesExtension.parseFrom(ciphers.get())
          .getSupportedAeadTypesList()
          .contains(
              WelcomePointeeEncryptionAeadType
                  .WELCOME_POINTEE_ENCRYPTION_AEAD_TYPE_CHACHA20_POLY1305);
    } catch (InvalidProtocolBufferException malformed) {
      throw new GroupException("1.5: a key package's pointer ciphers cannot be read", malformed);
    }
  }
}
