package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others propose never keeps us from what we want ourselves. Groups document 11.6. */
class OwnCommitsTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = CommitLab.ofDictionaries(network);
  private TestClient us;
  private Inbox inbox;
  private Person host;
  private Device hosts;
  private Device friends;
  private Conversation conversation;

  @BeforeEach
  void joinAMigratedGroup() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    host = lab.person();
    hosts = host.device();
    var friend = lab.person();
    friends = friend.device();
    var members = new Delta();
    Map.of(
            host.inbox,
            host.sequence(),
            friend.inbox,
            friend.sequence(),
            inbox.id(),
            lab.sequence(inbox.id()))
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> members.insert(each.getKey(), DictionaryLab.member(each.getValue())));
    var components = DictionaryLab.migration(host, List.of(), Map.of(), "");
    components.put(Component.MEMBERSHIP, members.toOctets());
    lab.found(DictionaryLab.context(components), List.of(hosts, friends));
    var octets = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    friends.merge(commit);
    hosts.group.merge(commit.staged());
    lab.welcome(commit, inbox, octets, 0);
    inbox.sync();
    conversation = inbox.conversation(GroupId.of(hosts.group.groupId()));
  }

  @AfterEach
  void close() {
    us.close();
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  private void friendProposes(Proposal proposal) throws Exception {
    var octets = friends.group.propose(proposal).octets();
    publish(octets);
    hosts.group.receiveProposal(MlsMessage.read(octets));
  }

  /** The one commit that we have made, as the host takes it. */
  private StagedCommit ours() throws Exception {
    for (var envelope : network.all(GroupId.of(hosts.group.groupId()))) {
      var header = MlsMessage.header(envelope.data());
      if (header.contentType() == ContentType.COMMIT && header.epoch() == hosts.group.epoch()) {
        var staged = hosts.group.stage(MlsMessage.read(envelope.data()));
        hosts.group.merge(staged);
        conversation.sync();
        assertThat(conversation.row().epoch()).isEqualTo(hosts.group.epoch());
        return staged;
      }
    }
    throw new AssertionError("no commit in epoch " + hosts.group.epoch());
  }

  /** Beside such a list nobody would see whom we add, and everybody refuse it. */
  @Test
  void changeTheMembershipWithoutAListOfExtensions() throws Exception {
    friendProposes(new Proposal.GroupContextExtensions(friends.group.contextExtensions()));
    conversation.sync();
    assertThat(us.kept(inbox, conversation.key().group())).hasSize(1);
    var tablet = host.device();
    clock.advance(Duration.ofSeconds(10));

    conversation.send(TestClient.text("to all devices"));

    var commit = ours();
    assertThat(commit.proposals()).noneMatch(each -> each.byReference());
    assertThat(commit.addedLeaves()).hasSize(1);
    assertThat(Leaves.installation(commit.addedLeaves().get(0).leaf())).isEqualTo(tablet.id());
  }

  @Test
  void doNotWaitForAContractWalletThatAnotherWantsToAdd() throws Exception {
    var guest = lab.person();
    var guests = guest.device();
    var entry = new Delta().insert(guest.inbox, DictionaryLab.member(guest.sequence()));
    friendProposes(new Proposal.Add(guests.keyPackage()));
    friendProposes(DictionaryLab.update(Component.MEMBERSHIP, entry.toOctets()));
    conversation.sync();
    assertThat(us.kept(inbox, conversation.key().group())).hasSize(2);
    var asked = new AtomicInteger();
    us.link.plan(
        method -> {
          if (!method.equals("identityUpdates")) {
            return Fate.WELL;
          }
          asked.incrementAndGet();
          return Fate.NO_CHAIN;
        });

    conversation.send(TestClient.text("at once"));

    assertThat(asked).hasValue(1);
    assertThat(ours().proposals()).isEmpty();
    assertThat(network.welcomesFor(guests.id())).isEmpty();
  }
}
