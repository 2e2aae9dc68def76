package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.OwnProposal;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.ProposalOrReference;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extension;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.IntentStore;
import io.postern.xmtp.store.MessageStore.Kind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in a group that is migrated; the other members are played by the test. */
@OnEachDatabase
class DictionaryGroupTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = CommitLab.ofDictionaries(network);
  private TestClient us;
  private Inbox inbox;
  private Person founder;
  private Device founders;
  private Person plain;
  private Device plains;
  private GroupId group;

  @BeforeEach
  void joinAGroupThatMigrates() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    founder = lab.person();
    founders = founder.device();
    group = lab.invite(founders, inbox, founder, CommitLab.groupOf(founder));
    inbox.sync();
    migrate();
    plain = lab.person();
    plains = plain.device();
    bring(plain, plains);
    conversation().sync();
  }

  @AfterEach
  void close() {
    us.close();
  }

  private void migrate() throws Exception {
    var members =
        new TreeMap<>(
            Map.of(founder.inbox, founder.sequence(), inbox.id(), lab.sequence(inbox.id())));
    var delta = new Delta();
    members.forEach((id, sequence) -> delta.insert(id, DictionaryLab.member(sequence)));
    var updates =
        new TreeMap<>(
            DictionaryLab.migration(founder, List.of(), Map.of(founder, founder.sequence()), ""));
    updates.remove(Component.NAME);
    updates.put(Component.MEMBERSHIP, delta.toOctets());
    var proposals = new ArrayList<Proposal>();
    proposals.add(
        new Proposal.GroupContextExtensions(
            DictionaryLab.bare(founders.group.contextExtensions())));
    proposals.addAll(DictionaryLab.proposals(updates));
    commit(proposals);
  }

  private void bring(Person person, Device device) throws Exception {
    var delta = new Delta().insert(person.inbox, DictionaryLab.member(person.sequence()));
    var commit =
        founders.group.commit(
            List.of(
                new Proposal.Add(device.keyPackage()),
                DictionaryLab.update(Component.MEMBERSHIP, delta.toOctets())));
    publish(commit.octets());
    founders.group.merge(commit.staged());
    device.join(commit);
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  private void commit(List<Proposal> proposals) throws Exception {
    var commit = founders.group.commit(proposals);
    publish(commit.octets());
    founders.group.merge(commit.staged());
  }

  private void name(OwnProposal... proposals) throws Exception {
    var named = new ArrayList<ProposalOrReference>();
    for (var proposal : proposals) {
      named.add(new ProposalOrReference.ByReference(proposal.reference()));
    }
    var commit = founders.group.commitMixed(named);
    publish(commit.octets());
    founders.group.merge(commit.staged());
  }

  private void say(String text) throws Exception {
    publish(founders.group.encrypt(TestClient.text(text).envelope().write()));
  }

  private static Proposal name(String name) {
    return DictionaryLab.update(Component.NAME, DictionaryLab.text(name));
  }

  /** What a member proposes, and all others receive. */
  private OwnProposal propose(Device device, Proposal proposal) throws Exception {
    var made = device.group.propose(proposal);
    publish(made.octets());
    var other = device == founders ? plains : founders;
    other.group.receiveProposal(MlsMessage.read(made.octets()));
    return made;
  }

  /** The founder follows what we have committed; answers what that was. */
  private List<StagedCommit> follow() throws Exception {
    var followed = new ArrayList<StagedCommit>();
    for (var envelope : network.all(group)) {
      var header = MlsMessage.header(envelope.data());
      if (header.contentType() == ContentType.COMMIT && header.epoch() == founders.group.epoch()) {
        var staged = founders.group.stage(MlsMessage.read(envelope.data()));
        founders.group.merge(staged);
        followed.add(staged);
      }
    }
    assertThat(founders.group.epoch()).isEqualTo(conversation().row().epoch());
    return followed;
  }

  private Conversation conversation() {
    return inbox.conversation(group);
  }

  private String nameInTheGroup() throws Exception {
    return XmtpContext.of(founders.group.contextExtensions()).metadata().name();
  }

  private List<GroupUpdated> changes() {
    return conversation().messages(100).stream()
        .filter(message -> message.kind() == Kind.MEMBERSHIP_CHANGE)
        .map(message -> (GroupUpdated) ContentCodec.decode(message.content()))
        .toList();
  }

  private void assertWeAgree() throws Exception {
    conversation().sync();
    var row = conversation().row();
    assertThat(row.pausedFor()).isEmpty();
    assertThat(row.epoch()).isEqualTo(founders.group.epoch());
    say("still here");
    conversation().sync();
    assertThat(TestClient.texts(conversation().messages(100))).contains("still here");
  }

  @Test
  void followsTheMigrationAndWhoComesAfterIt() throws Exception {
    assertWeAgree();

    assertThat(changes()).anyMatch(each -> each.added().contains(plain.inbox.toString()));
  }

  @Test
  void keepsAProposalOverARestartUntilACommitNamesIt() throws Exception {
    var proposal = propose(plains, name("by a plain member"));
    conversation().sync();
    assertThat(us.kept(inbox, group)).hasSize(1);

    us.restart();
    inbox = us.client.inbox(inbox.id()).orElseThrow();
    name(proposal);
    conversation().sync();

    assertWeAgree();
    assertThat(changes())
        .anyMatch(
            each ->
                each.fieldChanges().stream()
                    .anyMatch(
                        field -> field.newValue().filter("by a plain member"::equals).isPresent()));
  }

  /** The lab's founder keeps no rule of XMTP, and so goes on alone. */
  @Test
  void doesNotKeepWhatItsProposerMayNotDo() throws Exception {
    long before = conversation().row().epoch();
    var forbidden = propose(plains, DictionaryLab.remove(Component.NAME));
    conversation().sync();
    assertThat(us.kept(inbox, group)).isEmpty();
    name(forbidden);

    conversation().sync();

    assertThat(conversation().row().epoch()).isEqualTo(before);
    assertThat(conversation().row().pausedFor()).isEmpty();
  }

  @Test
  void isNotDisturbedByProposalsThatBreakRules() throws Exception {
    publish(
        founders
            .group
            .propose(new Proposal.ReInit(new byte[16], 1, 3, founders.group.contextExtensions()))
            .octets());
    publish(plains.group.propose(DictionaryLab.update(0xFF77, new byte[] {1})).octets());
    publish(
        plains
            .group
            .propose(DictionaryLab.update(Component.NAME, new byte[] {(byte) 0xff}))
            .octets());
    conversation().sync();

    assertThat(us.kept(inbox, group)).isEmpty();
    assertWeAgree();
  }

  @Test
  void namesInItsOwnCommitWhatOthersHaveProposed() throws Exception {
    propose(plains, name("proposed"));
    conversation().sync();

    conversation().send(TestClient.text("our first message renews our leaf key"));

    var commits = follow();
    assertThat(commits).hasSize(1);
    assertThat(commits.get(0).proposals()).hasSize(1);
    assertThat(commits.get(0).proposals().get(0).byReference()).isTrue();
    assertThat(nameInTheGroup()).isEqualTo("proposed");
    assertWeAgree();
  }

  @Test
  void leavesOutProposalsThatDoNotGoTogether() throws Exception {
    var one = new Delta().insert(plain.inbox).toOctets();
    var both = new Delta().insert(plain.inbox).insert(founder.inbox).toOctets();
    propose(founders, DictionaryLab.update(Component.ADMINS, one));
    propose(founders, DictionaryLab.update(Component.ADMINS, both));
    conversation().sync();
    assertThat(us.kept(inbox, group)).hasSize(2);

    conversation().send(TestClient.text("all the same"));

    var commits = follow();
    assertThat(commits).hasSize(1);
    assertThat(commits.get(0).proposals()).isEmpty();
    assertWeAgree();
  }

  /** Whoever is added by proposals of others could not read a word without our welcome. */
  @Test
  void welcomesWhomOthersHaveProposedToAdd() throws Exception {
    var guest = lab.person();
    var guests = guest.device();
    var entry = new Delta().insert(guest.inbox, DictionaryLab.member(guest.sequence()));
    propose(founders, new Proposal.Add(guests.keyPackage()));
    propose(founders, DictionaryLab.update(Component.MEMBERSHIP, entry.toOctets()));
    conversation().sync();

    conversation().send(TestClient.text("hello"));

    assertThat(follow().get(0).addedLeaves()).hasSize(1);
    assertThat(network.welcomesFor(guests.id())).hasSize(1);
    assertThat(changes()).anyMatch(each -> each.added().contains(guest.inbox.toString()));
    assertWeAgree();
  }

  @Test
  void doesNotHelpToRemoveItself() throws Exception {
    propose(founders, new Proposal.Remove(lab.placeOf(founders, inbox)));
    propose(plains, name("proposed"));
    conversation().sync();

    conversation().send(TestClient.text("still in"));

    assertThat(follow().get(0).proposals()).hasSize(1);
    assertThat(nameInTheGroup()).isEqualTo("proposed");
  }

  @Test
  void bringsANewDeviceOfAMemberIn() throws Exception {
    var tablet = plain.device();
    clock.advance(Duration.ofSeconds(10));

    conversation().send(TestClient.text("to all devices"));

    var commits = follow();
    assertThat(commits.get(0).addedLeaves()).hasSize(1);
    assertThat(Leaves.installation(commits.get(0).addedLeaves().get(0).leaf()))
        .isEqualTo(tablet.id());
    var membership = XmtpContext.of(founders.group.contextExtensions()).membership();
    assertThat(membership.members()).containsEntry(plain.inbox, plain.sequence());
    assertWeAgree();
  }

  /** Nobody takes a commit in which no proposal removes who goes. */
  @Test
  void leavesInWhomNoProposalCanRemove() throws Exception {
    var ghost = lab.person();
    ghost.device();
    var entry = new Delta().insert(ghost.inbox, DictionaryLab.member(ghost.sequence()));
    var admin = new Delta().insert(inbox.id());
    commit(
        List.of(
            new Proposal.GroupContextExtensions(founders.group.contextExtensions()),
            DictionaryLab.update(Component.MEMBERSHIP, entry.toOctets()),
            DictionaryLab.update(Component.ADMINS, admin.toOctets())));
    conversation().sync();
    conversation().send(TestClient.text("renews our leaf key"));
    follow();
    int before = network.all(group).size();

    takeOut(ghost);

    assertThat(network.all(group)).hasSize(before);
    assertWeAgree();
    assertThat(XmtpContext.of(founders.group.contextExtensions()).membership().members())
        .containsKey(ghost.inbox);
  }

  private void takeOut(Person ghost) throws Exception {
    var out = new MembershipChange(Map.of(ghost.inbox, 0L)).toOctets();
    us.store
        .jdbi()
        .useTransaction(
            h ->
                us.store
                    .intents()
                    .insert(
                        h,
                        conversation().key(),
                        IntentStore.Kind.UPDATE_MEMBERSHIP,
                        out,
                        Optional.empty(),
                        false));
    conversation().publishNow();
  }

  /** A dictionary alone makes no group of the other form: there a list of extensions is enough. */
  @Test
  void takesThemOutOfAGroupThatOnlyHasADictionary() throws Exception {
    var ghost = lab.person();
    var ghosts = ghost.device();
    group =
        lab.invite(
            founders,
            inbox,
            founder,
            CommitLab.groupOf(founder)
                .withLast(CommitLab.permissions(1, 1, 1, 3, 3, 3))
                .withLast(new Extension(Extension.APP_DATA_DICTIONARY, Dictionary.EMPTY.toOctets()))
                .withLast(
                    DictionaryLab.requiring(
                        0xFF01,
                        0xFF00,
                        0xFF02,
                        0xF000,
                        0x000A,
                        0x0001,
                        Extension.APP_DATA_DICTIONARY)));
    inbox.sync();
    var everybody = Map.of(founder, founder.sequence(), ghost, ghost.sequence());
    commit(
        List.of(
            new Proposal.GroupContextExtensions(
                founders
                    .group
                    .contextExtensions()
                    .withLast(lab.membership(everybody, inbox, ghosts)))));
    conversation().sync();
    conversation().send(TestClient.text("renews our leaf key"));
    follow();

    takeOut(ghost);

    assertThat(follow()).hasSize(1);
    assertThat(XmtpContext.of(founders.group.contextExtensions()).membership().members())
        .containsOnlyKeys(founder.inbox, inbox.id());
    assertWeAgree();
  }

  @Test
  void tellsWhichDeviceOfAMemberKnowsNoDictionary() throws Exception {
    var former = plain.device();
    network.replaceKeyPackage(former.id(), octets -> former.keyPackageOfFormerDays());
    clock.advance(Duration.ofSeconds(10));

    conversation().send(TestClient.text("to those who can read it"));

    follow();
    var membership = XmtpContext.of(founders.group.contextExtensions()).membership();
    assertThat(membership.members()).containsEntry(plain.inbox, plain.sequence());
    assertThat(membership.failed()).containsExactly(former.id());
    assertThat(founders.group.members()).hasSize(3);
    assertWeAgree();
  }
}
