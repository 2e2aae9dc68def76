package io.postern.mls.schedule;

import io.postern.mls.crypto.Kdf;
import io.postern.mls.wire.TlsWriter;

/** The running hashes over all commits of a group. RFC 9420 §8.2. */
public final class TranscriptHash {
  private TranscriptHash() {}

  /**
   * {@code confirmed_transcript_hash[n]}.
   *
   * @param confirmedInput {@code ConfirmedTranscriptHashInput} of the commit
   */
  public static byte[] confirmed(Kdf kdf, byte[] interimBefore, byte[] confirmedInput) {
    return kdf.hash(interimBefore, confirmedInput);
  }

  /** {@code interim_transcript_hash[n]}. */
  public static byte[] interim(Kdf kdf, byte[] confirmed, byte[] confirmationTag) {
    return kdf.hash(confirmed, new TlsWriter().opaque(confirmationTag).toOctets());
  }
}
