package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.TreeKeys;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;

/**
 * What a member holds of one epoch besides the ratchets: fixed from the commit that begins it to
 * the one that ends it.
 */
record Epoch(
    CipherSuite suite,
    GroupContext context,
    RatchetTree tree,
    TreeKeys keys,
    EpochSecrets secrets,
    byte[] interimTranscriptHash)
    implements TlsStruct {
  static Epoch read(TlsReader in) throws MlsException {
    GroupContext context = GroupContext.read(in);
    CipherSuite suite = CipherSuite.of(context.cipherSuite());
    RatchetTree tree = RatchetTree.read(in, suite.kdf());
    TreeKeys keys = TreeKeys.read(in);
    if (tree.leaf(keys.own()).isEmpty()) {
      throw in.malformed("own leaf is blank");
    }
    EpochSecrets secrets = EpochSecrets.read(in, suite);
    if (secrets.isMember() != keys.find(keys.own().node()).isPresent()) {
      throw in.malformed("own leaf's key and the epoch's secrets do not go together");
    }
    return new Epoch(suite, context, tree, keys, secrets, in.opaque("interim_transcript_hash"));
  }

  @Override
  public void write(TlsWriter out) {
    out.struct(context).struct(tree).struct(keys).struct(secrets).opaque(interimTranscriptHash);
  }

  byte[] contextHash() {
    return suite.kdf().hash(context.toOctets());
  }

  /** What is left of an epoch that was {@link #leave left}, with public values only. */
  void writeLeft(TlsWriter out) {
    out.struct(context)
        .struct(tree)
        .struct(keys.own())
        .opaque(secrets.authenticator())
        .opaque(interimTranscriptHash);
  }

  static Epoch readLeft(TlsReader in) throws MlsException {
    GroupContext context = GroupContext.read(in);
    CipherSuite suite = CipherSuite.of(context.cipherSuite());
    RatchetTree tree = RatchetTree.read(in, suite.kdf());
    TreeKeys keys = TreeKeys.none(LeafIndex.read(in, "own"));
    EpochSecrets secrets =
        EpochSecrets.left(Secret.read(in, "epoch_authenticator", suite.kdf().hashLength()));
    if (tree.leaf(keys.own()).isEmpty()) {
      throw in.malformed("own leaf is blank");
    }
    return new Epoch(suite, context, tree, keys, secrets, in.opaque("interim_transcript_hash"));
  }

  /** Erases all but the authenticator, which others may want to compare. */
  void leave() {
    keys.erase();
    secrets.leave();
  }

  void erase() {
    keys.erase();
    secrets.erase();
  }
}
