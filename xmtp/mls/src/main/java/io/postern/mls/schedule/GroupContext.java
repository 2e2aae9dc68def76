package io.postern.mls.schedule;

import io.postern.mls.tree.Extensions;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * {@code struct GroupContext}: what all members agree on in one epoch. Immutable; keeps its octets.
 * RFC 9420 §8.1.
 */
public final class GroupContext implements TlsStruct {
  /** Protocol version mls10. */
  public static final int MLS10 = 1;

  private final int cipherSuite;
  private final byte[] groupId;
  private final long epoch;
  private final byte[] treeHash;
  private final byte[] confirmedTranscriptHash;
  private final Extensions extensions;
  private final byte[] octets;

  /** A context of protocol version mls10. */
  public GroupContext(
      int cipherSuite,
      byte[] groupId,
      long epoch,
      byte[] treeHash,
      byte[] confirmedTranscriptHash,
      Extensions extensions) {
    this.cipherSuite = cipherSuite;
    this.groupId = groupId.clone();
    this.epoch = epoch;
    this.treeHash = treeHash.clone();
    this.confirmedTranscriptHash = confirmedTranscriptHash.clone();
    this.extensions = extensions;
    this.octets =
        new TlsWriter()
            .uint16(MLS10)
            .uint16(cipherSuite)
            .opaque(groupId)
            .uint64(epoch)
            .opaque(treeHash)
            .opaque(confirmedTranscriptHash)
            .struct(extensions)
            .toOctets();
  }

  /** Reads the struct. */
  public static GroupContext read(TlsReader in) throws WireException {
    int version = in.uint16("version");
    if (version != MLS10) {
      throw in.unsupported("version: expected mls10, got " + version);
    }
    return new GroupContext(
        in.uint16("cipher_suite"),
        in.opaque("group_id"),
        in.uint64("epoch"),
        in.opaque("tree_hash"),
        in.opaque("confirmed_transcript_hash"),
        Extensions.read(in));
  }

  @Override
  public void write(TlsWriter out) {
    out.fixed(octets);
  }

  @Override
  public byte[] toOctets() {
    return octets.clone();
  }

  /** The number of the cipher suite. */
  public int cipherSuite() {
    return cipherSuite;
  }

  /** The group's id. */
  public byte[] groupId() {
    return groupId.clone();
  }

  /** Whether {@code id} is this group's id. */
  public boolean isOf(byte[] id) {
    return Arrays.equals(groupId, id);
  }

  /** The epoch's number. */
  public long epoch() {
    return epoch;
  }

  /** The hash of the ratchet tree. */
  public byte[] treeHash() {
    return treeHash.clone();
  }

  /** The running hash of all commits. */
  public byte[] confirmedTranscriptHash() {
    return confirmedTranscriptHash.clone();
  }

  /** The group's extensions. */
  public Extensions extensions() {
    return extensions;
  }

  /**
   * The context of the next epoch while its commit is being processed: new tree and extensions, old
   * transcript.
   */
  public GroupContext provisional(byte[] newTreeHash, Extensions newExtensions) {
    return new GroupContext(
        cipherSuite, groupId, epoch + 1, newTreeHash, confirmedTranscriptHash, newExtensions);
  }

  /** This context with the transcript brought up to date. */
  public GroupContext confirmed(byte[] newConfirmedTranscriptHash) {
    return new GroupContext(
        cipherSuite, groupId, epoch, treeHash, newConfirmedTranscriptHash, extensions);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupContext that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }
}
