package io.postern.xmtp.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.group.Member;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.proto.identity.MlsCredential;

/**
 * How an XMTP inbox and installation stand in an MLS leaf: the basic credential and the signature
 * key.
 */
final class Leaves {
  private Leaves() {}

  /** The leaf of somebody who commits or proposes. */
  static LeafNode member(MlsGroup group, LeafIndex index) throws GroupException {
    return group
        .member(index)
        .map(Member::leaf)
        .orElseThrow(
            () -> new GroupException("7.3 step 5: the committer or proposer is no member"));
  }

  static Credential credential(InboxId inbox) {
    return Credential.basic(
        MlsCredential.newBuilder().setInboxId(inbox.toString()).build().toByteArray());
  }

  /** The inbox that a leaf claims; only the inbox's identity log proves it. */
  static InboxId inbox(LeafNode leaf) throws GroupException {
    return inbox(leaf.credential());
  }

  static InboxId inbox(Credential credential) throws GroupException {
    if (!credential.isBasic()) {
      throw new GroupException("a leaf has a credential that is not basic");
    }
    try {
      return new InboxId(MlsCredential.parseFrom(credential.identity()).getInboxId());
    } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
      throw new GroupException("a leaf's credential names no inbox", malformed);
    }
  }

  static InstallationId installation(LeafNode leaf) throws GroupException {
    try {
      return InstallationId.of(leaf.signatureKey());
    } catch (IllegalArgumentException malformed) {
      throw new GroupException("a leaf's signature key is no installation key", malformed);
    }
  }
}
