package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.wire.WireException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a leaf fits a group: its client supports the suite, what the group requires, its own
 * extensions, and the credentials in use. RFC 9420 §7.3. Lifetimes are not looked at: members
 * outlive them.
 */
public final class LeafCheck {
  private static final int MLS10 = 1;

  private final CipherSuite suite;

  /** What every leaf must list; what need not be listed is left out. */
  private final Set<Integer> requiredExtensions;

  private final Set<Integer> requiredProposals;
  private final Set<Integer> requiredCredentials;
  private final Set<Integer> contextExtensions;

  /**
   * @throws WireException if the context's required_capabilities cannot be read
   */
  public LeafCheck(CipherSuite suite, Extensions contextExtensions) throws WireException {
    this.suite = suite;
    RequiredCapabilities required = RequiredCapabilities.of(contextExtensions);
    this.requiredExtensions = unlisted(required.extensions());
    this.requiredProposals = new HashSet<>(required.proposals());
    this.requiredProposals.removeIf(Capabilities::isDefaultProposal);
    this.requiredCredentials = new HashSet<>(required.credentials());
    this.contextExtensions = unlisted(contextExtensions.types());
  }

  /**
   * Checks one leaf against the group's parameters.
   *
   * @throws MlsException {@code INVALID_LEAF}, naming what is missing
   */
  public void check(LeafNode leaf) throws MlsException {
    if (leaf.encryptionKeyUncopied().length != suite.kem().publicKeyLength()
        || leaf.signatureKeyUncopied().length != suite.signing().publicKeyLength()) {
      throw invalid("a public key is not of the suite's length");
    }
    Capabilities can = leaf.capabilities();
    if (!can.versions().contains(MLS10) || !can.cipherSuites().contains(suite.id())) {
      throw invalid("the client does not list protocol version and cipher suite of the group");
    }
    require(can.extensions(), requiredExtensions, "does not support the required extension");
    require(can.proposals(), requiredProposals, "does not support the required proposal");
    require(can.credentials(), requiredCredentials, "does not support the required credential");
    require(can.extensions(), contextExtensions, "does not support the group's extension");
    List<Integer> own = leaf.extensions().types();
    require(can.extensions(), unlisted(own), "does not list its own leaf's extension");
    Optional<Integer> misplaced =
        own.stream().filter(type -> !Extension.belongsInLeaf(type)).findFirst();
    if (misplaced.isPresent()) {
      throw invalid(String.format("extension %04x does not belong into a leaf", misplaced.get()));
    }
  }

  private static void require(List<Integer> listed, Set<Integer> needed, String how)
      throws MlsException {
    Optional<Integer> missing = Uint16s.missing(listed, needed);
    if (missing.isPresent()) {
      throw invalid(String.format("the client %s %04x", how, missing.get()));
    }
  }

  private static Set<Integer> unlisted(Collection<Integer> types) {
    Set<Integer> unlisted = new HashSet<>(types);
    unlisted.removeIf(Extension::isDefault);
    return unlisted;
  }

  /**
   * Checks that every leaf can read every credential that occurs.
   *
   * @throws MlsException {@code INVALID_LEAF}
   */
  public static void checkCredentials(Collection<LeafNode> leaves) throws MlsException {
    Set<Integer> used = new HashSet<>();
    for (LeafNode leaf : leaves) {
      used.add(leaf.credential().type());
    }
    for (LeafNode leaf : leaves) {
      require(leaf.capabilities().credentials(), used, "cannot read the credential in use");
    }
  }

  private static MlsException invalid(String what) {
    return new MlsException(Failure.INVALID_LEAF, what + "; RFC 9420 §7.3");
  }
}
