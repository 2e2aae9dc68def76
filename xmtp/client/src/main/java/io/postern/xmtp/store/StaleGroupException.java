package io.postern.xmtp.store;

import io.postern.xmtp.store.GroupStore.Key;

/**
 * Somebody else has changed a group's MLS state since it was read: what is in memory is of the past
 * and must never be used again, since its keys may have been used already.
 */
public final class StaleGroupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaleGroupException(Key key, long version) {
    super("the group " + key + " is no longer at version " + version);
  }
}
