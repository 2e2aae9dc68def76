package io.postern.xmtp.appdata;

import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.InboxId;

/** Deltas that clients of ours read and never send: of the registry, and of who leaves a set. */
public final class TestDelta {
  private final TlsWriter mutations = new TlsWriter();

  /** A component comes into the registry. */
  public TestDelta insert(int componentId, byte[] value) {
    mutations.uint8(0).length(componentId).opaque(value);
    return this;
  }

  /** A component of the registry has another type or other policies. */
  public TestDelta update(int componentId, byte[] value) {
    mutations.uint8(1).length(componentId).opaque(value);
    return this;
  }

  /** A component leaves the registry. */
  public TestDelta delete(int componentId) {
    mutations.uint8(2).length(componentId);
    return this;
  }

  /** An inbox leaves a set. */
  public TestDelta remove(InboxId inbox) {
    mutations.uint8(1).uint8(0).fixed(inbox.octets());
    return this;
  }

  /** The payload of an update. */
  public byte[] toOctets() {
    return new TlsWriter().opaque(mutations.toOctets()).toOctets();
  }
}
