package io.postern.mls.schedule;

import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsWriter;
import java.util.List;
import java.util.Optional;

/** The contribution of pre-shared keys to an epoch. RFC 9420 §8.4. */
public final class PskSecret {
  private PskSecret() {}

  /** Where pre-shared keys come from. */
  @FunctionalInterface
  public interface Lookup {
    /** Knows no key at all. */
    Lookup NONE = id -> Optional.empty();

    /** The key of that id, which the caller erases. */
    Optional<Secret> find(PreSharedKeyId id);
  }

  /** {@code psk_secret} of the keys in that order; zeros if there are none. */
  public static Secret of(Kdf kdf, List<PreSharedKeyId> ids, List<Secret> keys) {
    Secret pskSecret = Secret.zero(kdf.hashLength());
    for (int i = 0; i < ids.size(); i++) {
      Secret zero = Secret.zero(kdf.hashLength());
      Secret extracted = kdf.extract(zero, keys.get(i));
      byte[] label = new TlsWriter().struct(ids.get(i)).uint16(i).uint16(ids.size()).toOctets();
      Secret input = kdf.expandWithLabel(extracted, "derived psk", label, kdf.hashLength());
      Secret next = kdf.extract(input, pskSecret);
      extracted.erase();
      input.erase();
      pskSecret.erase();
      pskSecret = next;
    }
    return pskSecret;
  }
}
