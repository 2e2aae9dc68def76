package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.framing.SenderData;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.HashRatchet;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.RatchetTree;

/**
 * What it takes to read the private messages of one epoch, current or past: its context, its
 * leaves, its ratchets.
 */
final class MessageEpoch {
  private final CipherSuite suite;
  private final long epoch;
  private final byte[] context;
  private final Secret senderDataSecret;
  private final LeafNode[] leaves;
  private final SecretTree ratchets;

  MessageEpoch(
      CipherSuite suite,
      byte[] context,
      long epoch,
      Secret senderData,
      LeafNode[] leaves,
      SecretTree ratchets) {
    this.suite = suite;
    this.epoch = epoch;
    this.context = context;
    this.senderDataSecret = senderData;
    this.leaves = leaves;
    this.ratchets = ratchets;
  }

  static MessageEpoch of(Epoch epoch, SecretTree ratchets) {
    GroupContext context = epoch.context();
    return new MessageEpoch(
        epoch.suite(),
        context.toOctets(),
        context.epoch(),
        epoch.secrets().senderData().copy(),
        leaves(epoch.tree()),
        ratchets);
  }

  private static LeafNode[] leaves(RatchetTree tree) {
    LeafNode[] leaves = new LeafNode[tree.leafCount()];
    for (LeafIndex index : tree.occupied()) {
      leaves[index.place()] = tree.leaf(index).orElseThrow();
    }
    return leaves;
  }

  long epoch() {
    return epoch;
  }

  byte[] context() {
    return context;
  }

  Secret senderDataSecret() {
    return senderDataSecret;
  }

  LeafNode[] leaves() {
    return leaves;
  }

  SecretTree ratchets() {
    return ratchets;
  }

  /** A message whose decryption and signature held; its key is spent only on demand. */
  record Opened(AuthenticatedContent content, Member sender, HashRatchet.Claim claim) {}

  SenderData senderData(PrivateMessage message) throws MlsException {
    SenderData data = message.openSenderData(suite, senderDataSecret);
    if (data.leaf().value() >= leaves.length || leaves[data.leaf().place()] == null) {
      throw new MlsException(
          Failure.UNKNOWN_SENDER, "leaf " + data.leaf().value() + " is blank in epoch " + epoch);
    }
    return data;
  }

  /** Decrypts and verifies without spending the key; the caller spends or drops the claim. */
  Opened open(PrivateMessage message) throws MlsException {
    SenderData data = senderData(message);
    LeafNode leaf = leaves[data.leaf().place()];
    HashRatchet ratchet =
        message.contentType() == ContentType.APPLICATION
            ? ratchets.application(data.leaf())
            : ratchets.handshake(data.leaf());
    HashRatchet.Claim claim = ratchet.claim(data.generation());
    try {
      AuthenticatedContent content = message.open(suite, claim.key(), data);
      if (!content.verifySignature(suite, leaf.signatureKey(), context)) {
        throw new MlsException(
            Failure.BAD_SIGNATURE, "the message's signature is not its sender's");
      }
      return new Opened(content, new Member(data.leaf(), leaf), claim);
    } catch (MlsException bad) {
      claim.drop();
      throw bad;
    }
  }

  void forgetHandshake() {
    ratchets.forgetHandshake();
  }

  void erase() {
    senderDataSecret.erase();
    ratchets.erase();
  }
}
