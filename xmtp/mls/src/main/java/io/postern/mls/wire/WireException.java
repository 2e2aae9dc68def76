package io.postern.mls.wire;

import io.postern.mls.MlsException;

/**
 * Octets that this engine cannot read: {@code MALFORMED} where they do not follow RFC 9420 §2.1,
 * {@code UNSUPPORTED} where they hold a struct, such as an unknown proposal, whose end cannot be
 * known.
 */
public final class WireException extends MlsException {
  private static final long serialVersionUID = 1L;

  /**
   * @param failure {@code MALFORMED} or {@code UNSUPPORTED}
   * @param message which field, what was found
   */
  public WireException(Failure failure, String message) {
    super(failure, message);
  }
}
