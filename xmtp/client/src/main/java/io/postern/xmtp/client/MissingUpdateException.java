package io.postern.xmtp.client;

/**
 * A group names an identity update that the network does not show, or not to us. It may only be
 * late: see {@link Grace}.
 */
class MissingUpdateException extends GroupException {
  private static final long serialVersionUID = 1L;

  MissingUpdateException(String message) {
    super(message);
  }
}
