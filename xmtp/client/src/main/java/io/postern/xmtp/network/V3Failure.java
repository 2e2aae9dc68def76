package io.postern.xmtp.network;

import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what a failed call of the centralised service says. */
final class V3Failure {
  /**
   * What gRPC's own size limits say, here and in the service's runtime: only their text tells them
   * from a rate limit, and to fall silent for a minute would not make a message smaller.
   */
  private static final Pattern TOO_LARGE =
      Pattern.compile("(?i)larger than max|exceeds maximum|message too large");

  private V3Failure() {}

  /**
   * What a gRPC status says about trying again.
   *
   * @param throttle falls silent if the call was one too many
   */
  static NodeException of(Status status, Throttle throttle) {
    Optional<Duration> retryAfter =
        status.getCode() == Status.Code.RESOURCE_EXHAUSTED && !isTooLarge(status)
            ? Optional.of(throttle.exhausted())
            : Optional.empty();
    var kind =
        switch (status.getCode()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED -> NodeException.Kind.UNREACHABLE;
          case RESOURCE_EXHAUSTED ->
              retryAfter.isPresent() ? NodeException.Kind.RATE_LIMITED : NodeException.Kind.REFUSED;
          // Nothing is wrong with what was sent; who may send is decided anew each time.
          case INTERNAL, UNKNOWN, DATA_LOSS, UNAUTHENTICATED, PERMISSION_DENIED ->
              NodeException.Kind.TROUBLED;
          case UNIMPLEMENTED -> NodeException.Kind.UNSUPPORTED;
          default -> NodeException.Kind.REFUSED;
        };
    return new NodeException(kind, words(status), retryAfter, status.getCause());
  }

  /** One line: gRPC's words end with a dump of its pipeline, and leave out why TLS failed. */
  private static String words(Status status) {
    var words = status.getCode().toString();
    if (status.getDescription() != null) {
      words += ": " + status.getDescription().lines().findFirst().orElse("");
    }
    var cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == null || cause.getMessage() == null
        ? words
        : words + ": " + cause.getMessage().lines().findFirst().orElse("");
  }

  /** A message beyond a size limit, ours or the service's, has the status of a rate limit. */
  private static boolean isTooLarge(Status status) {
    return status.getDescription() != null && TOO_LARGE.matcher(status.getDescription()).find();
  }

  static NodeException heldBack(Duration silence) {
    return new NodeException(
        NodeException.Kind.RATE_LIMITED,
        "held back after a rate limit",
        Optional.of(silence),
        null);
  }
}
