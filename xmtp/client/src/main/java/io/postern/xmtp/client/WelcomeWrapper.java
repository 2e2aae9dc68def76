package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.MlsException;
import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.DhKemX25519;
import io.postern.mls.crypto.Hpke;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.mls.WelcomePointeeEncryptionAeadType;
import io.postern.xmtp.proto.mls.WelcomePointer;
import io.postern.xmtp.proto.mls.WelcomePointerWrapperAlgorithm;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMetadata;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wraps a Welcome once more for each installation, so that the network does not see which key
 * packages it names, and unwraps what was wrapped for us. Groups document 4.3 to 4.7, XIP-74.
 */
final class WelcomeWrapper {
  /** More capable recipients than this share one welcome through pointers. */
  static final int POINTER_THRESHOLD = 2;

  private static final byte[] INFO = Hpke.encryptContext("MLS_WELCOME", new byte[0]);
  private static final byte[] NO_AAD = {};
  private static final int NONCE_LENGTH = 12;
  private static final int KEY_LENGTH = 32;
  private static final Hpke CURVE =
      new Hpke(DhKemX25519.INSTANCE, Kdf.HKDF_SHA256, Aead.CHACHA20_POLY1305);
  private static final Hpke XWING = new Hpke(new XWing(), Kdf.HKDF_SHA256, Aead.CHACHA20_POLY1305);

  private static final Logger log = LoggerFactory.getLogger(WelcomeWrapper.class);

  private final SecureRandom random;

  WelcomeWrapper(SecureRandom random) {
    this.random = random;
  }

  /**
   * For whom a welcome is to be wrapped.
   *
   * @param publicKey the X-Wing key, or the init key where there is none
   * @param xwing whether it is an X-Wing key
   * @param readsPointers whether the installation understands welcome pointers
   */
  record Recipient(
      InstallationId installation, byte[] publicKey, boolean xwing, boolean readsPointers) {
    boolean takesPointer() {
      return xwing && readsPointers;
    }
  }

  /**
   * The messages to send, in the order to send them: a shared welcome comes before its pointers.
   *
   * @param welcome the MLSMessage(Welcome) octets
   * @param messageCursor the number of the commit that made the welcome
   */
  List<WelcomeMessageInput> wrap(byte[] welcome, List<Recipient> recipients, long messageCursor) {
    var metadata =
        WelcomeMetadata.newBuilder().setMessageCursor(messageCursor).build().toByteArray();
    var messages = new ArrayList<WelcomeMessageInput>();
    var capable = recipients.stream().filter(Recipient::takesPointer).toList();
    if (capable.size() > POINTER_THRESHOLD) {
      var pointee = Pointee.random(random);
      messages.add(pointee.message(welcome, metadata));
      for (var recipient : capable) {
        wrap(recipient, messages, () -> pointer(recipient, pointee.pointer()));
      }
    }
    for (var recipient : recipients) {
      if (capable.size() <= POINTER_THRESHOLD || !recipient.takesPointer()) {
        wrap(recipient, messages, () -> direct(recipient, welcome, metadata));
      }
    }
    return messages;
  }

  private interface Wrapping {
    WelcomeMessageInput make() throws MlsException;
  }

  /** A key that cannot be encrypted to costs its owner the welcome, nobody else. */
  private static void wrap(
      Recipient recipient, List<WelcomeMessageInput> messages, Wrapping wrapping) {
    try {
      messages.add(wrapping.make());
    } catch (MlsException unusable) {
      log.warn(
          "welcome not wrapped installation={} reason={}",
          recipient.installation(),
          unusable.getMessage());
    }
  }

  private WelcomeMessageInput direct(Recipient recipient, byte[] welcome, byte[] metadata)
      throws MlsException {
    var hpke = recipient.xwing() ? XWING : CURVE;
    try (var sender = hpke.sender(recipient.publicKey(), INFO, random)) {
      var data = new HpkeCiphertext(sender.encapsulated(), sender.seal(NO_AAD, welcome));
      var sealedMetadata = sender.seal(NO_AAD, metadata);
      return WelcomeMessageInput.newBuilder()
          .setV1(
              WelcomeMessageInput.V1
                  .newBuilder()
                  .setInstallationKey(ByteString.copyFrom(recipient.installation().octets()))
                  .setData(ByteString.copyFrom(data.toOctets()))
                  .setHpkePublicKey(ByteString.copyFrom(recipient.publicKey()))
                  .setWrapperAlgorithm(
                      recipient.xwing()
                          ? WelcomeWrapperAlgorithm
                              .WELCOME_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6
                          : WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_CURVE25519)
                  .setWelcomeMetadata(ByteString.copyFrom(sealedMetadata)))
          .build();
    }
  }

  /** A pointer for one recipient, whatever stands in it. */
  WelcomeMessageInput pointer(Recipient recipient, WelcomePointer pointer) throws MlsException {
    var sealed = XWING.seal(recipient.publicKey(), INFO, NO_AAD, pointer.toByteArray(), random);
    return WelcomeMessageInput.newBuilder()
        .setWelcomePointer(
            WelcomeMessageInput.WelcomePointer.newBuilder()
                .setInstallationKey(ByteString.copyFrom(recipient.installation().octets()))
                .setWelcomePointer(ByteString.copyFrom(sealed.toOctets()))
                .setHpkePublicKey(ByteString.copyFrom(recipient.publicKey()))
                .setWrapperAlgorithm(
                    WelcomePointerWrapperAlgorithm
                        .WELCOME_POINTER_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6))
        .build();
  }

  /**
   * An unwrapped welcome.
   *
   * @param welcome the MLSMessage(Welcome) octets
   * @param messageCursor the number of the commit that made it, 0 if not told
   */
  record Unwrapped(byte[] welcome, long messageCursor) {}

  /** Opens a welcome that was wrapped for a key package of ours. */
  static Unwrapped unwrap(WelcomeEnvelope.Direct envelope, OwnKeys keys)
      throws GroupException, MlsException {
    boolean xwing = isXWing(envelope.wrapperAlgorithm());
    var sealed = ciphertext(envelope.data());
    var privateKey = xwing ? keys.wrapperSeed() : keys.initKey();
    try (var recipient = (xwing ? XWING : CURVE).recipient(sealed.kemOutput(), privateKey, INFO)) {
      var welcome = recipient.open(NO_AAD, sealed.ciphertext());
      var metadata =
          envelope.metadata().length == 0
              ? new byte[0]
              : recipient.open(NO_AAD, envelope.metadata());
      return new Unwrapped(welcome, cursor(metadata));
    }
  }

  /** Opens a pointer that was wrapped for a key package of ours. */
  static Target open(WelcomeEnvelope.Pointer envelope, OwnKeys keys)
      throws GroupException, MlsException {
    if (!isXWing(envelope.wrapperAlgorithm())) {
      throw new GroupException(
          "a welcome pointer is wrapped by algorithm " + envelope.wrapperAlgorithm() + ", not 2");
    }
    var opened = XWING.open(ciphertext(envelope.pointer()), keys.wrapperSeed(), INFO, NO_AAD);
    try {
      var pointer = WelcomePointer.parseFrom(opened).getWelcomeV1Pointer();
      if (pointer.getAeadType()
              != WelcomePointeeEncryptionAeadType
                  .WELCOME_POINTEE_ENCRYPTION_AEAD_TYPE_CHACHA20_POLY1305
          || pointer.getEncryptionKey().size() != KEY_LENGTH
          || pointer.getDataNonce().size() != NONCE_LENGTH
          || pointer.getWelcomeMetadataNonce().size() != NONCE_LENGTH) {
        throw new GroupException("a welcome pointer names a cipher or lengths that we do not know");
      }
      return new Target(
          InstallationId.of(pointer.getDestination().toByteArray()),
          Secret.take(pointer.getEncryptionKey().toByteArray()),
          pointer.getDataNonce().toByteArray(),
          pointer.getWelcomeMetadataNonce().toByteArray());
    } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
      throw new GroupException("a welcome pointer cannot be read", malformed);
    }
  }

  /** Where a pointed-to welcome lies, and how to open it. */
  record Target(InstallationId destination, Secret key, byte[] dataNonce, byte[] metadataNonce) {
    Unwrapped open(WelcomeEnvelope.Direct pointee) throws MlsException {
      var welcome = Aead.CHACHA20_POLY1305.open(key, dataNonce, NO_AAD, pointee.data());
      var metadata =
          pointee.metadata().length == 0
              ? new byte[0]
              : Aead.CHACHA20_POLY1305.open(key, metadataNonce, NO_AAD, pointee.metadata());
      return new Unwrapped(welcome, cursor(metadata));
    }
  }

  private record Pointee(
      InstallationId destination, Secret key, byte[] dataNonce, byte[] metadataNonce) {
    static Pointee random(SecureRandom random) {
      var destination = new byte[InstallationId.LENGTH];
      var dataNonce = new byte[NONCE_LENGTH];
      var metadataNonce = new byte[NONCE_LENGTH];
      random.nextBytes(destination);
      random.nextBytes(dataNonce);
      do {
        random.nextBytes(metadataNonce);
      } while (Arrays.equals(dataNonce, metadataNonce));
      return new Pointee(
          InstallationId.of(destination),
          Secret.random(KEY_LENGTH, random),
          dataNonce,
          metadataNonce);
    }

    WelcomeMessageInput message(byte[] welcome, byte[] metadata) {
      return WelcomeMessageInput.newBuilder()
          .setV1(
              WelcomeMessageInput.V1
                  .newBuilder()
                  .setInstallationKey(ByteString.copyFrom(destination.octets()))
                  .setData(ByteString.copyFrom(seal(dataNonce, welcome)))
                  .setWrapperAlgorithm(
                      WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY)
                  .setWelcomeMetadata(ByteString.copyFrom(seal(metadataNonce, metadata))))
          .build();
    }

    WelcomePointer pointer() {
      return WelcomePointer.newBuilder()
          .setWelcomeV1Pointer(
              WelcomePointer.WelcomeV1Pointer.newBuilder()
                  .setDestination(ByteString.copyFrom(destination.octets()))
                  .setAeadType(
                      WelcomePointeeEncryptionAeadType
                          .WELCOME_POINTEE_ENCRYPTION_AEAD_TYPE_CHACHA20_POLY1305)
                  .setEncryptionKey(ByteString.copyFrom(key.toOctets()))
                  .setDataNonce(ByteString.copyFrom(dataNonce))
                  .setWelcomeMetadataNonce(ByteString.copyFrom(metadataNonce)))
          .build();
    }

    private byte[] seal(byte[] nonce, byte[] plain) {
      return Aead.CHACHA20_POLY1305.seal(key, nonce, NO_AAD, plain);
    }
  }

  private static boolean isXWing(int algorithm) throws GroupException {
    if (algorithm == WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY_VALUE) {
      throw new GroupException("a welcome under a symmetric key can only be reached by a pointer");
    }
    return algorithm
        == WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6_VALUE;
  }

  private static HpkeCiphertext ciphertext(byte[] octets) throws GroupException {
    try {
      var reader = new TlsReader(octets);
      var sealed = HpkeCiphertext.read(reader);
      reader.end("HPKECiphertext");
      return sealed;
    } catch (WireException malformed) {
      throw new GroupException("a wrapped welcome cannot be read", malformed);
    }
  }

  private static long cursor(byte[] metadata) {
    try {
      return WelcomeMetadata.parseFrom(metadata).getMessageCursor();
    } catch (InvalidProtocolBufferException unreadable) {
      return 0; // Treated as absent, as the reference does (groups document 4.3).
    }
  }
}
