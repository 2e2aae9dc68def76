package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Kind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Welcomes into groups that were migrated before, honest and not; the other members are played by
 * the test. Groups document 4.7, 11.4.
 */
@OnEachDatabase
class MigratedWelcomeTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = CommitLab.ofDictionaries(network);
  private TestClient us;
  private Inbox inbox;
  private Person host;
  private Person friend;
  private Device hosts;
  private Device friends;

  @BeforeEach
  void register() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    host = lab.person();
    friend = lab.person();
    hosts = host.device();
    friends = friend.device();
  }

  @AfterEach
  void close() {
    us.close();
  }

  private Map<InboxId, Long> everybody() {
    var members = new TreeMap<InboxId, Long>();
    members.put(host.inbox, host.sequence());
    members.put(friend.inbox, friend.sequence());
    members.put(inbox.id(), lab.sequence(inbox.id()));
    return members;
  }

  private Map<Integer, byte[]> migration() {
    var updates = DictionaryLab.migration(host, List.of(), Map.of(), "before");
    var members = new Delta();
    everybody().forEach((id, sequence) -> members.insert(id, DictionaryLab.member(sequence)));
    updates.put(Component.MEMBERSHIP, members.toOctets());
    return updates;
  }

  /** The host founds a group and brings the friend and us into it, by honest welcomes. */
  private GroupId found(Extensions context) throws Exception {
    lab.found(context, List.of(hosts, friends));
    var octets = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    friends.merge(commit);
    hosts.group.merge(commit.staged());
    lab.welcome(commit, inbox, octets, 0);
    return GroupId.of(hosts.group.groupId());
  }

  private GroupRow joined(Map<Integer, byte[]> components) throws Exception {
    var group = found(DictionaryLab.context(components));
    inbox.sync();
    return inbox.conversation(group).row();
  }

  private int joinedAny(Extensions context) throws Exception {
    found(context);
    inbox.sync();
    return inbox.groups().size();
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  private void publish(OwnCommit commit) throws Exception {
    publish(commit.octets());
    hosts.group.merge(commit.staged());
  }

  private void commit(Proposal... proposals) throws Exception {
    publish(hosts.group.commit(List.of(proposals)));
  }

  private void say(String text) throws Exception {
    publish(hosts.group.encrypt(TestClient.text(text).envelope().write()));
  }

  private List<String> heard(GroupId group) throws Exception {
    inbox.conversation(group).sync();
    return TestClient.texts(inbox.conversation(group).messages(100));
  }

  @Test
  void isJoined() throws Exception {
    var components = migration();
    components.put(Component.DISAPPEAR_FROM, new TlsWriter().uint64(1).toOctets());
    components.put(Component.DISAPPEAR_IN, new TlsWriter().uint64(5_000_000_000L).toOctets());

    var row = joined(components);

    assertThat(row.kind()).isEqualTo(Kind.GROUP);
    assertThat(row.addedBy()).isEqualTo(host.inbox);
    assertThat(row.pausedFor()).isEmpty();
    assertThat(row.expireInNs()).isEqualTo(5_000_000_000L);
    say("welcome");
    assertThat(heard(row.group())).containsExactly("welcome");
  }

  @Test
  void pausesWhereItDemandsALaterVersion() throws Exception {
    var components = migration();
    components.put(Component.MINIMUM_VERSION, DictionaryLab.text("99.0.0"));

    assertThat(joined(components).pausedFor()).contains("99.0.0");
  }

  @ParameterizedTest(name = "without component {0}")
  @ValueSource(
      ints = {
        Component.REGISTRY,
        Component.MEMBERSHIP,
        Component.CREATOR,
        Component.CONVERSATION_TYPE
      })
  void isRefusedWhereItsDictionaryLacksSomething(int component) throws Exception {
    var components = migration();
    components.remove(component);

    assertThat(joinedAny(DictionaryLab.context(components))).isZero();
  }

  @ParameterizedTest(name = "component {0}")
  @ValueSource(
      ints = {
        Component.REGISTRY,
        Component.MEMBERSHIP,
        Component.SUPER_ADMINS,
        Component.NAME,
        Component.CONVERSATION_TYPE
      })
  void isRefusedWhereItsDictionaryCannotBeRead(int component) throws Exception {
    var whole = DictionaryLab.context(migration());
    var octets = new TlsWriter();
    for (var each : new TreeMap<>(migration()).keySet()) {
      var value =
          Dictionary.read(whole.find(Extension.APP_DATA_DICTIONARY).orElseThrow())
              .find(each)
              .orElseThrow();
      octets.uint16(each).opaque(each == component ? new byte[] {(byte) 0xff} : value);
    }
    var broken = new TlsWriter().opaque(octets.toOctets()).toOctets();

    assertThat(joinedAny(whole.withLast(new Extension(Extension.APP_DATA_DICTIONARY, broken))))
        .isZero();
  }

  @Test
  void isRefusedWhereItsMembersAreNotThoseOfTheTree() throws Exception {
    var components = migration();
    var members = new Delta();
    everybody()
        .forEach(
            (id, sequence) -> {
              if (!id.equals(friend.inbox)) {
                members.insert(id, DictionaryLab.member(sequence));
              }
            });
    components.put(Component.MEMBERSHIP, members.toOctets());

    assertThat(joinedAny(DictionaryLab.context(components))).isZero();
  }

  @Test
  void isRefusedWhereItHidesADevice() throws Exception {
    var second = friend.device();
    var components = migration();
    assertThat(joinedAny(DictionaryLab.context(components))).isZero();

    var members = new Delta();
    everybody()
        .forEach(
            (id, sequence) ->
                members.insert(
                    id,
                    id.equals(host.inbox)
                        ? DictionaryLab.member(sequence, second)
                        : DictionaryLab.member(sequence)));
    components.put(Component.MEMBERSHIP, members.toOctets());
    assertThat(joinedAny(DictionaryLab.context(components)))
        .as("those that failed are known to be missing, beside whomever they stand")
        .isOne();
  }

  @Test
  void losesMembers() throws Exception {
    var row = joined(migration());
    commit(
        new Proposal.Remove(friends.place()),
        DictionaryLab.update(Component.MEMBERSHIP, new Delta().delete(friend.inbox).toOctets()));
    say("without them");

    assertThat(heard(row.group())).containsExactly("without them");
  }

  @Test
  void isLeftWhenWeAreRemoved() throws Exception {
    var row = joined(migration());
    commit(
        new Proposal.Remove(lab.placeOf(hosts, inbox)),
        DictionaryLab.update(Component.MEMBERSHIP, new Delta().delete(inbox.id()).toOctets()));

    inbox.conversation(row.group()).sync();

    assertThat(inbox.conversation(row.group()).row().active()).isFalse();
  }

  @Test
  void pausesWhenItDemandsALaterVersion() throws Exception {
    var row = joined(migration());
    long before = row.epoch();
    commit(DictionaryLab.update(Component.MINIMUM_VERSION, DictionaryLab.text("99.0.0")));

    inbox.conversation(row.group()).sync();

    assertThat(inbox.conversation(row.group()).row().pausedFor()).contains("99.0.0");
    assertThat(inbox.conversation(row.group()).row().epoch()).isEqualTo(before);
  }
}
