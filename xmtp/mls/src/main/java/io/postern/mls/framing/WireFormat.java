package io.postern.mls.framing;

/** What an {@link MlsMessage} holds. RFC 9420 §17.2. */
public enum WireFormat {
  /** mls_public_message. */
  PUBLIC_MESSAGE(1),
  /** mls_private_message. */
  PRIVATE_MESSAGE(2),
  /** mls_welcome. */
  WELCOME(3),
  /** mls_group_info. */
  GROUP_INFO(4),
  /** mls_key_package. */
  KEY_PACKAGE(5);

  private final int id;

  WireFormat(int id) {
    this.id = id;
  }

  /** The number on the wire. */
  public int id() {
    return id;
  }
}
