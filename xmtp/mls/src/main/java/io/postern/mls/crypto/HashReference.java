package io.postern.mls.crypto;

import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** The name of a key package or a proposal: a labelled hash of its octets. RFC 9420 §5.2. */
public final class HashReference {
  private final byte[] octets;

  /** A reference that came off the wire. */
  public HashReference(byte[] octets) {
    this.octets = octets.clone();
  }

  /** {@code MakeKeyPackageRef} of the octets of a {@code KeyPackage}. */
  public static HashReference ofKeyPackage(Kdf kdf, byte[] keyPackage) {
    return refHash(kdf, "MLS 1.0 KeyPackage Reference", keyPackage);
  }

  /**
   * {@code MakeProposalRef} of the octets of the {@code AuthenticatedContent} that holds the
   * proposal.
   */
  public static HashReference ofProposal(Kdf kdf, byte[] authenticatedContent) {
    return refHash(kdf, "MLS 1.0 Proposal Reference", authenticatedContent);
  }

  /** {@code RefHash(label, value)}. */
  static HashReference refHash(Kdf kdf, String label, byte[] value) {
    byte[] input =
        new TlsWriter().opaque(label.getBytes(StandardCharsets.US_ASCII)).opaque(value).toOctets();
    return new HashReference(kdf.hash(input));
  }

  /** The hash. */
  public byte[] toOctets() {
    return octets.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HashReference that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets);
  }
}
