package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A commit that MLS finds good, with the epoch it leads to, before the application has agreed. The
 * group it was staged from is untouched: {@link MlsGroup#merge} makes it the group's state, {@link
 * #drop} forgets it without trace. Holds secrets.
 */
public final class StagedCommit {
  private static final int FORMAT = 1;

  private final byte[] groupId;
  private final long baseEpoch;
  private final byte[] baseContextHash;
  private final LeafIndex sender;
  private final byte[] authenticatedData;
  private final List<CommittedProposal> proposals;
  private final List<Member> added;
  private final List<Member> removed;
  private final List<Member> updated;
  private final Optional<LeafNode> pathLeaf;
  private final Extensions contextExtensions;
  private final Optional<EpochStart> next;
  private boolean spent;

  StagedCommit(
      byte[] groupId,
      long baseEpoch,
      byte[] baseContextHash,
      LeafIndex sender,
      byte[] authenticatedData,
      List<CommittedProposal> proposals,
      List<Member> added,
      List<Member> removed,
      List<Member> updated,
      Optional<LeafNode> pathLeaf,
      Extensions contextExtensions,
      Optional<EpochStart> next) {
    this.groupId = groupId;
    this.baseEpoch = baseEpoch;
    this.baseContextHash = baseContextHash;
    this.sender = sender;
    this.authenticatedData = authenticatedData;
    this.proposals = List.copyOf(proposals);
    this.added = List.copyOf(added);
    this.removed = List.copyOf(removed);
    this.updated = List.copyOf(updated);
    this.pathLeaf = pathLeaf;
    this.contextExtensions = contextExtensions;
    this.next = next;
  }

  /** The group's id. */
  public byte[] groupId() {
    return groupId.clone();
  }

  /** The epoch that the commit leads to. */
  public long epoch() {
    return baseEpoch + 1;
  }

  /** The committer. */
  public LeafIndex sender() {
    return sender;
  }

  /** What travelled in the clear with the commit. */
  public byte[] authenticatedData() {
    return authenticatedData.clone();
  }

  /** All proposals in the order of the commit, each with its author. */
  public List<CommittedProposal> proposals() {
    return proposals;
  }

  /** The newcomers, in the order of their proposals, at their new places. */
  public List<Member> addedLeaves() {
    return added;
  }

  /** Who is removed, as they were. */
  public List<Member> removedLeaves() {
    return removed;
  }

  /** The new leaves of Update proposals; the committer's is {@link #pathLeaf}. */
  public List<Member> updatedLeaves() {
    return updated;
  }

  /** The committer's new leaf, if the commit has a path. */
  public Optional<LeafNode> pathLeaf() {
    return pathLeaf;
  }

  /** The context extensions of the new epoch, whether changed or not. */
  public Extensions contextExtensions() {
    return contextExtensions;
  }

  /** Whether this member is removed; the group then becomes inactive by the merge. */
  public boolean removesUs() {
    return next.isEmpty();
  }

  /** Members of the new epoch; empty if this member is removed. */
  public List<Member> members() {
    return next.map(each -> MlsGroup.members(each.epoch().tree())).orElse(List.of());
  }

  /** The epoch authenticator after a merge; empty if this member is removed. */
  public Optional<byte[]> epochAuthenticator() {
    requireUnspent();
    return next.map(each -> each.epoch().secrets().authenticator());
  }

  /** Erases the secrets of a commit that will not be merged. */
  public void drop() {
    if (!spent) {
      next.ifPresent(
          each -> {
            each.epoch().erase();
            each.ratchets().erase();
          });
      spent = true;
    }
  }

  /** Gives the next epoch to the group; only once. */
  Optional<EpochStart> spend() {
    requireUnspent();
    spent = true;
    return next;
  }

  boolean isBasedOn(Epoch epoch) {
    return epoch.context().isOf(groupId)
        && epoch.context().epoch() == baseEpoch
        && Arrays.equals(epoch.contextHash(), baseContextHash);
  }

  private void requireUnspent() {
    if (spent) {
      throw new IllegalStateException("the staged commit was merged or dropped");
    }
  }

  /**
   * The whole as octets, to be merged after a restart. They hold secrets: seal them, and wipe the
   * array.
   */
  public byte[] toOctets() {
    requireUnspent();
    TlsWriter out =
        new TlsWriter()
            .uint16(FORMAT)
            .opaque(groupId)
            .uint64(baseEpoch)
            .opaque(baseContextHash)
            .struct(sender)
            .opaque(authenticatedData)
            .vector(proposals)
            .vector(added)
            .vector(removed)
            .vector(updated)
            .present(pathLeaf.isPresent());
    pathLeaf.ifPresent(out::struct);
    out.struct(contextExtensions).present(next.isPresent());
    next.ifPresent(
        each -> {
          out.struct(each.epoch());
          each.ratchets().write(out);
        });
    return out.toOctetsAndErase();
  }

  /**
   * Reads what {@link #toOctets} wrote, with the limits of XMTP.
   *
   * @throws MlsException {@code BAD_STATE}
   */
  public static StagedCommit fromOctets(byte[] octets) throws MlsException {
    return fromOctets(octets, RatchetLimits.XMTP);
  }

  /**
   * Reads what {@link #toOctets} wrote.
   *
   * @throws MlsException {@code BAD_STATE}
   */
  public static StagedCommit fromOctets(byte[] octets, RatchetLimits limits) throws MlsException {
    try {
      TlsReader in = new TlsReader(octets);
      int format = in.uint16("format");
      if (format != FORMAT) {
        throw in.unsupported("format " + format + ", expected " + FORMAT);
      }
      StagedCommit staged =
          new StagedCommit(
              in.opaque("group_id"),
              in.uint64("base_epoch"),
              in.opaque("base_context_hash"),
              LeafIndex.read(in, "sender"),
              in.opaque("authenticated_data"),
              readProposals(in.vector("proposals")),
              Member.readAll(in.vector("added")),
              Member.readAll(in.vector("removed")),
              Member.readAll(in.vector("updated")),
              in.present("path_leaf") ? Optional.of(LeafNode.read(in)) : Optional.empty(),
              Extensions.read(in),
              in.present("next") ? Optional.of(readNext(in, limits)) : Optional.empty());
      in.end("staged commit");
      return staged;
    } catch (MlsException bad) {
      throw new MlsException(Failure.BAD_STATE, "staged commit: " + bad.getMessage(), bad);
    }
  }

  private static List<CommittedProposal> readProposals(TlsReader in) throws WireException {
    List<CommittedProposal> proposals = new ArrayList<>();
    while (in.hasMore()) {
      proposals.add(CommittedProposal.read(in));
    }
    return proposals;
  }

  private static EpochStart readNext(TlsReader in, RatchetLimits limits) throws MlsException {
    Epoch epoch = Epoch.read(in);
    if (!epoch.secrets().isMember()) {
      throw in.malformed("the next epoch lacks secrets");
    }
    return new EpochStart(
        epoch, SecretTree.read(in, epoch.suite(), limits, epoch.tree().leafCount()));
  }
}
