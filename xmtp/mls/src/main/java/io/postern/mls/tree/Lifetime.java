package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.time.Instant;

/**
 * {@code struct Lifetime}: unsigned Unix seconds between which a key package may be used. RFC 9420
 * §7.2.
 */
public record Lifetime(long notBefore, long notAfter) implements TlsStruct {
  /** Reads the struct. */
  public static Lifetime read(TlsReader in) throws WireException {
    return new Lifetime(in.uint64("not_before"), in.uint64("not_after"));
  }

  @Override
  public void write(TlsWriter out) {
    out.uint64(notBefore).uint64(notAfter);
  }

  /** Whether {@code notBefore ≤ now}. */
  public boolean hasBegun(Instant now) {
    return Long.compareUnsigned(notBefore, now.getEpochSecond()) <= 0;
  }

  /** Whether {@code notAfter ≤ now}: the end itself is no longer inside, as XMTP clients count. */
  public boolean hasEnded(Instant now) {
    return Long.compareUnsigned(notAfter, now.getEpochSecond()) <= 0;
  }
}
