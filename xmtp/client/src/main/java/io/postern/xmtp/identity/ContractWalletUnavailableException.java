package io.postern.xmtp.identity;

/**
 * Whether a contract wallet signed cannot be told now: the chain or the service that reads it did
 * not answer. It says nothing about the signature; ask again later and meanwhile treat the log as
 * unread, not as invalid.
 */
public final class ContractWalletUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param message which chain or service did not answer, and how
   */
  public ContractWalletUnavailableException(String message) {
    super(message);
  }

  /**
   * @param message which chain or service did not answer, and how
   */
  public ContractWalletUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
