package io.postern.xmtp.client;

import io.postern.xmtp.store.GroupStore.Key;

/**
 * A welcome is about a group that we are in, and what is in there has to be read first, but waits
 * itself. That may begin long after the welcome was sent, so the grace begins when it is met; it is
 * one for all welcomes of that group.
 */
final class WaitingGroupException extends MissingUpdateException {
  private static final long serialVersionUID = 1L;

  private final transient Key group;

  WaitingGroupException(Key group, String message) {
    super(message);
    this.group = group;
  }

  Key group() {
    return group;
  }
}
