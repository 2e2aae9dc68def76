package io.postern.xmtp.client;

/**
 * A welcome is about a group that we are in, and what is in there has to be read first, but waits
 * itself. That may begin long after the welcome was sent, so its grace begins when it is met.
 */
final class WaitingGroupException extends MissingUpdateException {
  private static final long serialVersionUID = 1L;

  WaitingGroupException(String message) {
    super(message);
  }
}
