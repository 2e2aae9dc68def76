package io.postern.mls.crypto;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;

/**
 * Public keys that lie in the large subgroup, the last ones that were asked for. To find that out
 * costs as much as to verify a signature, and it is asked with each message of their owners. May be
 * used by several threads.
 */
final class KnownKeys {
  /** A megabyte of them. */
  static final int MOST = 4096;

  private final Map<ByteBuffer, PublicPoint> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, PublicPoint> eldest) {
          return size() > MOST;
        }
      };

  /**
   * Its point; empty if it is none, or not in the large subgroup.
   *
   * @param key 32 octets
   */
  Optional<PublicPoint> find(byte[] key) {
    var name = ByteBuffer.wrap(key.clone());
    synchronized (known) {
      var point = known.get(name);
      if (point != null) {
        return Optional.of(point);
      }
    }
    var point = Optional.ofNullable(Ed25519.validatePublicKeyFullExport(key, 0));
    synchronized (known) {
      point.ifPresent(valid -> known.put(name, valid));
    }
    return point;
  }

  /** How many are kept. */
  int size() {
    synchronized (known) {
      return known.size();
    }
  }
}
