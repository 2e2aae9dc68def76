package io.postern.xmtp.network;

import java.time.Duration;
import java.util.Optional;

/** The network did not do what it was asked. Whether trying again can help is data, not text. */
public final class NodeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it was. */
  public enum Kind {
    /** Not reached, or it broke on the way; whether it took effect is not known. */
    UNREACHABLE(true),
    /** Asked too often; wait at least {@link NodeException#retryAfter()}. */
    RATE_LIMITED(true),
    /** The service has an internal trouble. */
    TROUBLED(true),
    /** It understood and refused; the same request will be refused again. */
    REFUSED(false),
    /** The method is not served there. */
    UNSUPPORTED(false),
    /** It answered with something that the protocol does not allow. */
    MALFORMED(false);

    private final boolean retryable;

    Kind(boolean retryable) {
      this.retryable = retryable;
    }
  }

  private final Kind kind;
  private final transient Optional<Duration> retryAfter;

  public NodeException(Kind kind, String message) {
    this(kind, message, Optional.empty(), null);
  }

  public NodeException(Kind kind, String message, Optional<Duration> retryAfter, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same request may succeed later. */
  public boolean isRetryable() {
    return kind.retryable;
  }

  /** How long to wait at least, where the network's limits say so. */
  public Optional<Duration> retryAfter() {
    return retryAfter == null ? Optional.empty() : retryAfter;
  }
}
