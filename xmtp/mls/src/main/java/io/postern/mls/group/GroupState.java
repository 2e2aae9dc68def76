package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A member's view as octets, in two parts: one that changes with an epoch, and a small one that
 * changes with each message. Both hold secrets. A past epoch's leaves are written as differences
 * from the current tree. Of a group that this member was removed from no secret is left to write.
 */
record GroupState(Epoch epoch, PendingProposals pending, KeptEpochs kept) {
  private static final int OF_MEMBER = 1;
  private static final int LEFT = 2;
  private static final int BLANK = 0;
  private static final int AS_NOW = 1;
  private static final int OTHER = 2;

  byte[] epochOctets() {
    if (kept.isEmpty()) {
      TlsWriter left = new TlsWriter().uint16(LEFT);
      epoch.writeLeft(left);
      return left.toOctets();
    }
    TlsWriter out = new TlsWriter().uint16(OF_MEMBER).present(true).struct(epoch).struct(pending);
    out.vector(inner -> kept.past().forEach(each -> writePast(inner, each)));
    return out.toOctetsAndErase();
  }

  private void writePast(TlsWriter out, MessageEpoch past) {
    out.opaque(past.context());
    past.senderDataSecret().write(out);
    out.uint32(past.leaves().length);
    for (int i = 0; i < past.leaves().length; i++) {
      LeafNode leaf = past.leaves()[i];
      if (leaf == null) {
        out.uint8(BLANK);
      } else if (epoch.tree().leaf(new LeafIndex(i)).filter(leaf::equals).isPresent()) {
        out.uint8(AS_NOW);
      } else {
        out.uint8(OTHER).struct(leaf);
      }
    }
  }

  byte[] ratchetOctets() {
    if (kept.isEmpty()) {
      return new TlsWriter().uint16(LEFT).toOctets();
    }
    TlsWriter out = new TlsWriter().uint16(OF_MEMBER);
    writeRatchets(out, kept.current());
    out.vector(inner -> kept.past().forEach(each -> writeRatchets(inner, each)));
    return out.toOctetsAndErase();
  }

  private void writeRatchets(TlsWriter out, MessageEpoch of) {
    out.opaque(epoch.suite().kdf().hash(of.context()));
    of.ratchets().write(out);
  }

  static GroupState read(byte[] epochOctets, byte[] ratchetOctets, RatchetLimits limits)
      throws MlsException {
    try {
      return readBoth(new TlsReader(epochOctets), new TlsReader(ratchetOctets), limits);
    } catch (MlsException bad) {
      throw new MlsException(Failure.BAD_STATE, "saved group: " + bad.getMessage(), bad);
    }
  }

  private static GroupState readBoth(TlsReader in, TlsReader ratchets, RatchetLimits limits)
      throws MlsException {
    int format = in.uint16("format");
    if (ratchets.uint16("format") != format) {
      throw ratchets.malformed("the two parts are not of one format");
    }
    GroupState state;
    if (format == OF_MEMBER) {
      state = readOfMember(in, ratchets, limits);
    } else if (format == LEFT) {
      state = new GroupState(Epoch.readLeft(in), new PendingProposals(), KeptEpochs.none());
    } else {
      throw in.unsupported("format " + format);
    }
    in.end("epoch state");
    ratchets.end("ratchet state");
    return state;
  }

  private static GroupState readOfMember(TlsReader in, TlsReader ratchets, RatchetLimits limits)
      throws MlsException {
    boolean active = in.present("active");
    Epoch epoch = Epoch.read(in);
    if (active != epoch.secrets().isMember()) {
      throw in.malformed("an active group has all secrets, an inactive one has not");
    }
    PendingProposals pending = PendingProposals.read(in);
    SecretTree currentRatchets =
        readRatchets(
            ratchets, epoch.suite(), epoch.context().toOctets(), epoch.tree().leafCount(), limits);
    List<MessageEpoch> past = new ArrayList<>();
    TlsReader pastStates = in.vector("past_epochs");
    TlsReader pastRatchets = ratchets.vector("past_ratchets");
    while (pastStates.hasMore()) {
      past.add(readPast(pastStates, pastRatchets, epoch, limits));
    }
    pastRatchets.end("past_ratchets");
    KeptEpochs kept = KeptEpochs.of(MessageEpoch.of(epoch, currentRatchets), past);
    if (!active) {
      // Saved before a removal erased everything: it does so now.
      pending.clear();
      epoch.leave();
      kept.erase();
    }
    return new GroupState(epoch, pending, kept);
  }

  private static MessageEpoch readPast(
      TlsReader in, TlsReader ratchets, Epoch now, RatchetLimits limits) throws MlsException {
    byte[] contextOctets = in.opaque("context");
    TlsReader contextReader = new TlsReader(contextOctets);
    GroupContext context = GroupContext.read(contextReader);
    contextReader.end("context");
    Secret senderData = Secret.read(in, "sender_data_secret");
    LeafNode[] leaves = readLeaves(in, now.tree());
    SecretTree tree = readRatchets(ratchets, now.suite(), contextOctets, leaves.length, limits);
    return new MessageEpoch(now.suite(), contextOctets, context.epoch(), senderData, leaves, tree);
  }

  private static LeafNode[] readLeaves(TlsReader in, RatchetTree now) throws WireException {
    long count = in.uint32("leaf_count");
    if (count < 1 || count > in.remaining() || Long.bitCount(count) != 1) {
      throw in.malformed("leaf_count " + count);
    }
    LeafNode[] leaves = new LeafNode[(int) count];
    for (int i = 0; i < leaves.length; i++) {
      int kind = in.uint8("leaf");
      switch (kind) {
        case BLANK -> leaves[i] = null;
        case AS_NOW -> leaves[i] = asNow(in, now, i);
        case OTHER -> leaves[i] = LeafNode.read(in);
        default -> throw in.malformed("leaf: expected 0 to 2, got " + kind);
      }
    }
    return leaves;
  }

  private static LeafNode asNow(TlsReader in, RatchetTree now, int index) throws WireException {
    return now.leaf(new LeafIndex(index))
        .orElseThrow(() -> in.malformed("leaf " + index + " is said to be as now, but is blank"));
  }

  private static SecretTree readRatchets(
      TlsReader in, CipherSuite suite, byte[] context, int leafCount, RatchetLimits limits)
      throws MlsException {
    if (!Arrays.equals(in.opaque("context_hash"), suite.kdf().hash(context))) {
      throw in.malformed("ratchets are of another epoch");
    }
    return SecretTree.read(in, suite, limits, leafCount);
  }
}
