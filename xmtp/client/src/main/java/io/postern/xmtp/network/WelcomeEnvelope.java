package io.postern.xmtp.network;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor.Position;

/** A wrapped welcome, or a pointer to one, as the network holds it. */
public sealed interface WelcomeEnvelope {
  /** The installation, or the random destination of a pointee. */
  InstallationId recipient();

  /** Originator and sequence id. */
  Position position();

  /** When the network took it, Unix nanoseconds. */
  long createdNs();

  /** The public key that the wrapping was made for; names our key package. */
  byte[] hpkePublicKey();

  /**
   * The welcome itself.
   *
   * @param wrapperAlgorithm 1 Curve25519, 2 X-Wing, 3 symmetric key (only as a pointee)
   * @param data the wrapped MLSMessage
   * @param metadata the wrapped welcome metadata, may be empty
   */
  record Direct(
      InstallationId recipient,
      Position position,
      long createdNs,
      byte[] hpkePublicKey,
      int wrapperAlgorithm,
      byte[] data,
      byte[] metadata)
      implements WelcomeEnvelope {}

  /**
   * Names where the welcome lies and with which key to open it (XIP-74).
   *
   * @param wrapperAlgorithm 2 X-Wing
   * @param pointer the wrapped pointer
   */
  record Pointer(
      InstallationId recipient,
      Position position,
      long createdNs,
      byte[] hpkePublicKey,
      int wrapperAlgorithm,
      byte[] pointer)
      implements WelcomeEnvelope {}
}
