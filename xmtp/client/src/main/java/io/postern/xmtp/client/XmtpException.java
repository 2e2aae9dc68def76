package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Something on XMTP could not be done. Whether trying again can help is data. */
public final class XmtpException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  XmtpException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  static XmtpException of(NodeException failed) {
    return new XmtpException(failed.getMessage(), failed.isRetryable(), failed);
  }

  static XmtpException of(GroupException refused) {
    return new XmtpException(refused.getMessage(), false, refused);
  }

  /** Whether the same may succeed later: the network was not reached, or had a trouble. */
  public boolean isRetryable() {
    return retryable;
  }

  /** Waits for a lane. */
  static <T> T await(CompletableFuture<T> future) throws XmtpException {
    try {
      return future.get();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new XmtpException("interrupted", true, stopped);
    } catch (ExecutionException failed) {
      var cause = failed.getCause();
      if (cause instanceof NodeException node) {
        throw of(node);
      }
      if (cause instanceof GroupException group) {
        throw of(group);
      }
      if (cause instanceof RuntimeException bug) {
        throw bug;
      }
      throw new IllegalStateException(cause);
    }
  }
}
