package io.postern.mls.group;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.mls.TreeKEM.LeafIndex;
import org.bouncycastle.mls.TreeKEM.LeafNode;
import org.bouncycastle.mls.TreeKEM.LifeTime;
import org.bouncycastle.mls.codec.Capabilities;
import org.bouncycastle.mls.codec.Credential;
import org.bouncycastle.mls.codec.Extension;
import org.bouncycastle.mls.codec.KeyPackage;
import org.bouncycastle.mls.codec.MLSInputStream;
import org.bouncycastle.mls.codec.MLSMessage;
import org.bouncycastle.mls.codec.MLSOutputStream;
import org.bouncycastle.mls.codec.Proposal;
import org.bouncycastle.mls.codec.WireFormat;
import org.bouncycastle.mls.crypto.MlsCipherSuite;
import org.bouncycastle.mls.crypto.Secret;
import org.bouncycastle.mls.protocol.Group;

/** A member whose engine is BouncyCastle's bcmls. */
final class BouncyCastleMember implements PlainMember {
  private final MlsCipherSuite suite;
  private final AsymmetricCipherKeyPair initKeys;
  private final AsymmetricCipherKeyPair leafKeys;
  private final AsymmetricCipherKeyPair signatureKeys;
  private final KeyPackage keyPackage;
  private final SecureRandom random = new SecureRandom();
  private Group group;

  BouncyCastleMember(String name) throws Exception {
    suite = MlsCipherSuite.getSuite((short) Client.SUITE.id());
    initKeys = suite.getHPKE().generatePrivateKey();
    leafKeys = suite.getHPKE().generatePrivateKey();
    signatureKeys = suite.generateSignatureKeyPair();
    LeafNode leaf =
        new LeafNode(
            suite,
            suite.getHPKE().serializePublicKey(leafKeys.getPublic()),
            suite.serializeSignaturePublicKey(signatureKeys.getPublic()),
            Credential.forBasic(name.getBytes(StandardCharsets.UTF_8)),
            new Capabilities(),
            new LifeTime(),
            new ArrayList<Extension>(),
            signer());
    keyPackage =
        new KeyPackage(
            suite,
            suite.getHPKE().serializePublicKey(initKeys.getPublic()),
            leaf,
            new ArrayList<Extension>(),
            signer());
  }

  private byte[] signer() {
    return suite.serializeSignaturePrivateKey(signatureKeys.getPrivate());
  }

  private static MLSMessage read(byte[] octets) throws Exception {
    return (MLSMessage) MLSInputStream.decode(octets, MLSMessage.class);
  }

  @Override
  public void create() throws Exception {
    group =
        new Group(
            Client.GROUP_ID,
            suite,
            leafKeys,
            signer(),
            keyPackage.getLeafNode().copy(keyPackage.getLeafNode().getEncryptionKey()),
            new ArrayList<Extension>());
  }

  @Override
  public byte[] keyPackage() throws Exception {
    return MLSOutputStream.encode(MLSMessage.keyPackage(keyPackage));
  }

  @Override
  public void join(byte[] welcome) throws Exception {
    group =
        new Group(
            suite.getHPKE().serializePrivateKey(initKeys.getPrivate()),
            leafKeys,
            signer(),
            keyPackage,
            read(welcome).welcome,
            null,
            new HashMap<Secret, byte[]>(),
            new HashMap<Group.EpochRef, byte[]>());
  }

  @Override
  public Made commit(List<byte[]> added, List<Integer> removed, boolean withPath) throws Exception {
    List<Proposal> proposals = new ArrayList<>();
    for (int place : removed) {
      proposals.add(Proposal.remove(new LeafIndex(place)));
    }
    for (byte[] each : added) {
      proposals.add(Proposal.add(read(each).keyPackage));
    }
    byte[] leafSecret = new byte[suite.getKDF().getHashLength()];
    random.nextBytes(leafSecret);
    Group.GroupWithMessage made =
        group.commit(
            new Secret(leafSecret),
            new Group.CommitOptions(proposals, true, withPath, null),
            new Group.MessageOptions(true, new byte[0], 0),
            new Group.CommitParameters(Group.NORMAL_COMMIT_PARAMS));
    byte[] commit = MLSOutputStream.encode(made.message);
    made.message.wireFormat = WireFormat.mls_welcome;
    byte[] welcome = MLSOutputStream.encode(made.message);
    group = made.group;
    return new Made(commit, welcome);
  }

  @Override
  public void receive(byte[] commit) throws Exception {
    group = group.handle(commit, null);
  }

  @Override
  public byte[] say(byte[] text) throws Exception {
    return MLSOutputStream.encode(group.protect(new byte[0], text, text.length % 8));
  }

  @Override
  public byte[] hear(byte[] message) throws Exception {
    return group.unprotect(read(message))[1];
  }

  @Override
  public byte[] authenticator() {
    return group.getEpochAuthenticator().clone();
  }

  @Override
  public int place() {
    return group.getIndex().value();
  }
}
