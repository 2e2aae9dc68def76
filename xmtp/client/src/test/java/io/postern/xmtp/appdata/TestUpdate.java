package io.postern.xmtp.appdata;

import java.util.Optional;

/** Updates as tests write them. */
public final class TestUpdate {
  private TestUpdate() {}

  /** An update that carries octets. */
  public static ComponentUpdate of(int componentId, byte[] update) {
    return new ComponentUpdate(componentId, Optional.of(update));
  }

  /** The end of a component. */
  public static ComponentUpdate remove(int componentId) {
    return new ComponentUpdate(componentId, Optional.empty());
  }
}
