package io.postern.xmtp.appdata;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a member wants of one component: AppDataUpdate of draft-ietf-mls-extensions.
 *
 * @param componentId the number of the component
 * @param update the new value or, for sets and maps, what changes in it; empty removes the
 *     component
 */
public record ComponentUpdate(int componentId, Optional<byte[]> update) {
  /** Copies the octets. */
  public ComponentUpdate {
    update = update.map(byte[]::clone);
  }

  @Override
  public Optional<byte[]> update() {
    return update.map(byte[]::clone);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ComponentUpdate that
        && componentId == that.componentId
        && update.isPresent() == that.update.isPresent()
        && Arrays.equals(update.orElse(new byte[0]), that.update.orElse(new byte[0]));
  }

  @Override
  public int hashCode() {
    return 31 * componentId + update.map(Arrays::hashCode).orElse(0);
  }
}
