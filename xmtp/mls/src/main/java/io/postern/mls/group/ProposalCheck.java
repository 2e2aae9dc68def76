package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.mls.wire.WireException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rules for the proposals of one commit, as far as they can be told before the tree changes.
 * RFC 9420 §12.1, §12.2.
 */
final class ProposalCheck {
  private final CipherSuite suite;
  private final byte[] groupId;
  private final RatchetTree tree;
  private final LeafIndex committer;
  private final List<CommittedProposal> proposals;

  ProposalCheck(
      CipherSuite suite,
      byte[] groupId,
      RatchetTree tree,
      LeafIndex committer,
      List<CommittedProposal> proposals) {
    this.suite = suite;
    this.groupId = groupId;
    this.tree = tree;
    this.committer = committer;
    this.proposals = proposals;
  }

  /**
   * @throws MlsException an {@link InvalidCommitException} naming the rule, or what a key package's
   *     check throws
   */
  void check() throws MlsException {
    checkTypes();
    checkOneChangePerLeaf();
    checkAdds();
    checkPreSharedKeys();
    checkContextExtensions();
    for (CommittedProposal each : proposals) {
      checkAlone(suite, groupId, tree, each.proposal(), each.proposer());
    }
  }

  /** The rules for one proposal by itself, which also hold for a standalone one. RFC 9420 §12.1. */
  static void checkAlone(
      CipherSuite suite, byte[] groupId, RatchetTree tree, Proposal proposal, LeafIndex proposer)
      throws MlsException {
    if (proposal instanceof Proposal.Add add) {
      checkAdd(suite, add);
    } else if (proposal instanceof Proposal.Update update) {
      checkUpdate(suite, groupId, tree, update, proposer);
    } else if (proposal instanceof Proposal.Remove remove) {
      checkRemove(tree, remove);
    } else if (proposal instanceof Proposal.PreSharedKey psk) {
      checkPreSharedKey(suite, psk.id());
    } else if (proposal instanceof Proposal.GroupContextExtensions change) {
      checkRequiredNames(change.extensions());
    }
  }

  private void checkTypes() throws MlsException {
    Set<Integer> supported = new HashSet<>();
    for (CommittedProposal each : proposals) {
      Proposal proposal = each.proposal();
      if (proposal instanceof Proposal.ExternalInit) {
        throw broken(
            CommitRule.EXTERNAL_INIT_BY_MEMBER,
            "an ExternalInit by leaf " + each.proposer().value());
      }
      if (proposal instanceof Proposal.ReInit && proposals.size() > 1) {
        throw broken(
            CommitRule.REINIT_NOT_ALONE, "a ReInit among " + proposals.size() + " proposals");
      }
      if (supported.add(proposal.type())) {
        checkSupported(proposal.type());
      }
      if (proposal instanceof Proposal.ReInit) {
        throw new MlsException(
            MlsException.Failure.UNSUPPORTED,
            "proposal type " + proposal.type() + " is not served");
      }
    }
  }

  /** Whoever goes with this commit need not understand it. */
  private void checkSupported(int type) throws InvalidCommitException {
    Set<LeafIndex> removed = removed();
    for (LeafIndex member : tree.occupied()) {
      if (!removed.contains(member)
          && !tree.leaf(member).orElseThrow().capabilities().supportProposal(type)) {
        throw broken(
            CommitRule.PROPOSAL_TYPE,
            "proposal type " + type + " is not supported by leaf " + member.value());
      }
    }
  }

  /** Also that a leaf to be removed exists, so that no more are looked at than the tree has. */
  private void checkOneChangePerLeaf() throws InvalidCommitException {
    Set<LeafIndex> changed = new HashSet<>();
    for (CommittedProposal each : proposals) {
      LeafIndex target;
      if (each.proposal() instanceof Proposal.Update) {
        target = each.proposer();
        if (target.equals(committer)) {
          throw broken(CommitRule.COMMITTER_UPDATES_ITSELF, "an Update of leaf " + target.value());
        }
      } else if (each.proposal() instanceof Proposal.Remove remove) {
        target = remove.removed();
        if (target.equals(committer)) {
          throw broken(CommitRule.COMMITTER_REMOVES_ITSELF, "a Remove of leaf " + target.value());
        }
        checkRemove(tree, remove);
      } else {
        continue;
      }
      if (!changed.add(target)) {
        throw broken(
            CommitRule.LEAF_CHANGED_TWICE,
            "leaf " + target.value() + " is updated or removed twice");
      }
    }
  }

  private Set<LeafIndex> removed() {
    Set<LeafIndex> removed = new HashSet<>();
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Remove remove) {
        removed.add(remove.removed());
      }
    }
    return removed;
  }

  private void checkAdds() throws InvalidCommitException {
    Set<LeafIndex> removed = removed();
    Set<ByteBuffer> staying = new HashSet<>();
    for (LeafIndex member : tree.occupied()) {
      if (!removed.contains(member)) {
        staying.add(ByteBuffer.wrap(tree.leaf(member).orElseThrow().signatureKey()));
      }
    }
    long adds = proposals.stream().filter(each -> each.proposal() instanceof Proposal.Add).count();
    if (staying.size() + adds > RatchetTree.MAX_LEAVES) {
      throw broken(CommitRule.TOO_MANY_MEMBERS, adds + " Adds to " + staying.size() + " members");
    }
    Set<ByteBuffer> added = new HashSet<>();
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Add add) {
        ByteBuffer client = ByteBuffer.wrap(add.keyPackage().leaf().signatureKey());
        if (!added.add(client)) {
          throw broken(CommitRule.CLIENT_ADDED_TWICE, "two Adds with one signature key");
        }
        if (staying.contains(client)) {
          throw broken(CommitRule.MEMBER_ADDED_AGAIN, "an Add with a member's signature key");
        }
      }
    }
  }

  private void checkPreSharedKeys() throws InvalidCommitException {
    Set<PreSharedKeyId> ids = new HashSet<>();
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.PreSharedKey psk && !ids.add(psk.id())) {
        throw broken(CommitRule.PSK_TWICE, "one pre-shared key twice");
      }
    }
  }

  private void checkContextExtensions() throws InvalidCommitException {
    if (proposals.stream()
            .filter(each -> each.proposal() instanceof Proposal.GroupContextExtensions)
            .count()
        > 1) {
      throw broken(CommitRule.CONTEXT_EXTENSIONS_TWICE, "two lists of context extensions");
    }
  }

  private static void checkRemove(RatchetTree tree, Proposal.Remove remove)
      throws InvalidCommitException {
    if (tree.leaf(remove.removed()).isEmpty()) {
      throw broken(CommitRule.REMOVE_OF_NOBODY, "leaf " + remove.removed().value() + " is blank");
    }
  }

  private static void checkAdd(CipherSuite suite, Proposal.Add add) throws MlsException {
    KeyPackage keyPackage = add.keyPackage();
    if (keyPackage.cipherSuite() != suite.id()) {
      throw broken(
          CommitRule.ADD_KEY_PACKAGE, "a key package of suite " + keyPackage.cipherSuite());
    }
    try {
      VerifiedKeyPackage.checkStructure(keyPackage);
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.ADD_KEY_PACKAGE, "an Add", bad);
    }
  }

  private static void checkUpdate(
      CipherSuite suite,
      byte[] groupId,
      RatchetTree tree,
      Proposal.Update update,
      LeafIndex proposer)
      throws MlsException {
    LeafNode leaf = update.leaf();
    if (!(leaf.source() instanceof LeafNodeSource.InUpdate)
        || !leaf.verifySignature(suite.signing(), groupId, proposer)) {
      throw broken(
          CommitRule.UPDATE_LEAF,
          "the leaf of " + proposer.value() + " is not signed as an update");
    }
    LeafNode before =
        tree.leaf(proposer)
            .orElseThrow(
                () -> broken(CommitRule.UPDATE_LEAF, "leaf " + proposer.value() + " is blank"));
    if (Arrays.equals(before.encryptionKey(), leaf.encryptionKey())) {
      throw broken(CommitRule.UPDATE_KEEPS_KEY, "the encryption key of leaf " + proposer.value());
    }
  }

  private static void checkPreSharedKey(CipherSuite suite, PreSharedKeyId id)
      throws InvalidCommitException {
    if (!id.isExternal() && !id.isForApplication()) {
      throw broken(CommitRule.PSK_FORM, "a resumption key for re-initialisation or branching");
    }
    if (id.nonce().length != suite.kdf().hashLength()) {
      throw broken(CommitRule.PSK_FORM, "a nonce of " + id.nonce().length + " octets");
    }
  }

  /**
   * Every extension beyond RFC 9420's own must be required by the same list, as XMTP clients
   * demand.
   */
  private static void checkRequiredNames(Extensions extensions) throws MlsException {
    RequiredCapabilities required;
    try {
      required = RequiredCapabilities.of(extensions);
    } catch (WireException bad) {
      throw new InvalidCommitException(CommitRule.CONTEXT_EXTENSIONS, "required_capabilities", bad);
    }
    for (Extension extension : extensions.list()) {
      if (!Extension.isDefault(extension.type())
          && !required.extensions().contains(extension.type())) {
        throw broken(
            CommitRule.CONTEXT_EXTENSIONS,
            String.format(
                "extension %04x is not named by required_capabilities", extension.type()));
      }
    }
  }

  static InvalidCommitException broken(CommitRule rule, String what) {
    return new InvalidCommitException(rule, what);
  }
}
