package io.postern.mls.group;

import io.postern.mls.framing.MlsMessage;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.Lifetime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A member whose engine is ours, without any extension of XMTP. */
final class OwnMember implements PlainMember {
  private static final Capabilities PLAIN =
      new Capabilities(List.of(1), List.of(3), List.of(), List.of(), List.of(1));

  private final Client client;
  private final Lifetime lifetime;
  private final OwnKeyPackage keys;
  private MlsGroup group;

  OwnMember(String name) {
    client = new Client(name, PLAIN);
    Instant now = Instant.now();
    lifetime =
        new Lifetime(
            now.minus(Duration.ofDays(1)).getEpochSecond(),
            now.plus(Duration.ofDays(80)).getEpochSecond());
    keys =
        OwnKeyPackage.create(
            Client.SUITE,
            client.signer,
            client.credential(),
            PLAIN,
            lifetime,
            Extensions.NONE,
            Extensions.NONE,
            client.random);
  }

  @Override
  public void create() throws Exception {
    group =
        MlsGroup.create(
            Client.SUITE,
            Client.GROUP_ID,
            client.signer,
            client.credential(),
            PLAIN,
            lifetime,
            Extensions.NONE,
            Extensions.NONE,
            client.random);
  }

  @Override
  public byte[] keyPackage() {
    return new MlsMessage.OfKeyPackage(keys.keyPackage()).toOctets();
  }

  @Override
  public void join(byte[] welcome) throws Exception {
    group = client.join(welcome, keys);
  }

  /** Ours always have a path. */
  @Override
  public Made commit(List<byte[]> added, List<Integer> removed, boolean withPath) throws Exception {
    List<Proposal> proposals = new ArrayList<>();
    removed.forEach(place -> proposals.add(new Proposal.Remove(new LeafIndex(place))));
    for (byte[] each : added) {
      var read = (MlsMessage.OfKeyPackage) MlsMessage.read(each);
      proposals.add(
          new Proposal.Add(
              VerifiedKeyPackage.verify(read.keyPackage(), Instant.now()).keyPackage()));
    }
    OwnCommit commit = group.commit(proposals);
    group.merge(commit.staged());
    return new Made(commit.octets(), commit.welcome().orElse(new byte[0]));
  }

  @Override
  public void receive(byte[] commit) throws Exception {
    group.merge(group.stage(MlsMessage.read(commit)));
  }

  @Override
  public byte[] say(byte[] text) throws Exception {
    return group.encrypt(text);
  }

  @Override
  public byte[] hear(byte[] message) throws Exception {
    return group.decrypt(Client.message(message)).content();
  }

  @Override
  public byte[] authenticator() {
    return group.epochAuthenticator();
  }

  @Override
  public int place() {
    return group.ownIndex().place();
  }
}
