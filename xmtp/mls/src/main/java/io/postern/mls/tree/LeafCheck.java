package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.wire.WireException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a leaf fits a group: its client supports the suite, what the group requires, its own
 * extensions, and the credentials in use. RFC 9420 §7.3. Lifetimes are not looked at: members
 * outlive them.
 */
public final class LeafCheck {
  private static final int MLS10 = 1;

  private final CipherSuite suite;
  private final Extensions contextExtensions;
  private final RequiredCapabilities required;

  /**
   * @throws WireException if the context's required_capabilities cannot be read
   */
  public LeafCheck(CipherSuite suite, Extensions contextExtensions) throws WireException {
    this.suite = suite;
    this.contextExtensions = contextExtensions;
    this.required = RequiredCapabilities.of(contextExtensions);
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
    if (!can.cover(required)) {
      throw invalid("the client does not support what the group requires");
    }
    for (Extension extension : contextExtensions.list()) {
      if (!can.supportExtension(extension.type())) {
        throw invalid(
            String.format(
                "the client does not support the group's extension %04x", extension.type()));
      }
    }
    for (Extension extension : leaf.extensions().list()) {
      if (!can.supportExtension(extension.type())) {
        throw invalid(
            String.format("the leaf's own extension %04x is not listed", extension.type()));
      }
    }
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
      for (int type : used) {
        if (!leaf.capabilities().supportCredential(type)) {
          throw invalid(
              "credential type " + type + " is in use, but not supported by every member");
        }
      }
    }
  }

  private static MlsException invalid(String what) {
    return new MlsException(Failure.INVALID_LEAF, what + "; RFC 9420 §7.3");
  }
}
