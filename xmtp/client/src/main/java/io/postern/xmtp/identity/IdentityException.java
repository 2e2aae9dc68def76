package io.postern.xmtp.identity;

/**
 * An identity update, a log of them, a signature or an identifier is not acceptable. Trying again
 * with the same octets never helps; what may pass is {@link ContractWalletUnavailableException}.
 */
public final class IdentityException extends Exception {
  private static final long serialVersionUID = 1;

  private final IdentityError error;

  IdentityException(IdentityError error, String message) {
    super(message);
    this.error = error;
  }

  /** The rule that was broken. */
  public IdentityError error() {
    return error;
  }
}
