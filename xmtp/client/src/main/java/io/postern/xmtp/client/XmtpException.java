package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Something on XMTP could not be done. Whether trying again can help is data. */
public final class XmtpException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;
  private final boolean networkAway;
  private final transient Optional<Duration> retryAfter;

  private XmtpException(
      String message,
      boolean retryable,
      boolean networkAway,
      Optional<Duration> retryAfter,
      Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
    this.networkAway = networkAway;
    this.retryAfter = retryAfter;
  }

  static XmtpException of(NodeException failed) {
    boolean away =
        failed.kind() == NodeException.Kind.UNREACHABLE
            || failed.kind() == NodeException.Kind.RATE_LIMITED;
    return new XmtpException(
        failed.getMessage(), failed.isRetryable(), away, failed.retryAfter(), failed);
  }

  static XmtpException of(GroupException refused) {
    return new XmtpException(refused.getMessage(), false, false, Optional.empty(), refused);
  }

  /** It will be possible later, and not because of the network. */
  static XmtpException waiting(String message) {
    return new XmtpException(message, true, false, Optional.empty(), null);
  }

  /**
   * Whether a key of the seed was to make an inbox and has one already, of which nothing is known
   * here: the next key is to be taken.
   */
  public boolean isWalletTaken() {
    return getCause() instanceof TakenWalletException;
  }

  /** Whether the same may succeed later: the network was not reached, or had a trouble. */
  public boolean isRetryable() {
    return retryable;
  }

  /** Whether the network as a whole does not answer, so that nothing else would succeed either. */
  public boolean isNetworkAway() {
    return networkAway;
  }

  /** How long to wait at least, where the network's limits say so. */
  public Optional<Duration> retryAfter() {
    return retryAfter == null ? Optional.empty() : retryAfter;
  }

  /** Waits for a lane. */
  static <T> T await(CompletableFuture<T> future) throws XmtpException {
    try {
      return future.get();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new XmtpException("interrupted", true, false, Optional.empty(), stopped);
    } catch (CancellationException closed) {
      throw new XmtpException("the client is closed", true, true, Optional.empty(), closed);
    } catch (ExecutionException failed) {
      var cause = failed.getCause();
      if (cause instanceof NodeException node) {
        throw of(node);
      }
      if (cause instanceof GroupException group) {
        throw of(group);
      }
      if (cause instanceof CancellationException closed) {
        throw new XmtpException("the client is closed", true, true, Optional.empty(), closed);
      }
      if (cause instanceof RuntimeException bug) {
        throw bug;
      }
      if (cause instanceof Error broken) {
        throw broken;
      }
      throw new IllegalStateException(cause);
    }
  }
}
