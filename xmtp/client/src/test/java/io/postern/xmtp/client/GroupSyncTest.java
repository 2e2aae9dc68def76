package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.ForgedCommit;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.CommitLog;
import io.postern.xmtp.store.IntentStore;
import io.postern.xmtp.store.MessageStore.Kind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a group's messages do to a client; the other members are played by the test. */
@OnEachDatabase
class GroupSyncTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
  private TestClient us;
  private Inbox inbox;
  private Person peer;
  private Device peers;
  private GroupId group;

  @BeforeEach
  void joinAGroup() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    peer = lab.person();
    peers = peer.device();
    group = lab.invite(peers, inbox, peer, CommitLab.groupOf(peer));
    inbox.sync();
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

  private void commit(Proposal... proposals) throws Exception {
    var commit = peers.group.commit(List.of(proposals));
    publish(commit.octets());
    peers.group.merge(commit.staged());
  }

  private void say(String text) throws Exception {
    publish(peers.group.encrypt(TestClient.text(text).envelope().write()));
  }

  private Proposal context(Extension changed) {
    return new Proposal.GroupContextExtensions(peers.group.contextExtensions().withLast(changed));
  }

  private Conversation conversation() {
    return inbox.conversation(group);
  }

  private List<String> texts() {
    return TestClient.texts(conversation().messages(100));
  }

  @Test
  void followsWhatOthersCommitAndSay() throws Exception {
    say("one");
    commit();
    say("two");

    conversation().sync();

    assertThat(texts()).containsExactly("one", "two");
    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
    assertThat(us.arrivals).isPositive();
  }

  /** Everybody refuses it, so to stop for it would leave us behind for good. */
  @Test
  void goesOnWhenAMigrationIsForcedThatALeafOfFormerDaysBars() throws Exception {
    var former = CommitLab.ofFormerDays(network);
    peer = former.person();
    peers = peer.device();
    group = former.invite(peers, inbox, peer, CommitLab.groupOf(peer));
    inbox.sync();
    publish(
        ForgedCommit.of(
            peers.group,
            peers.signer(),
            List.of(new Proposal.AppDataUpdate(0x8000, Optional.of(new byte[] {0})))));
    commit();
    say("still here");

    conversation().sync();

    assertThat(conversation().row().pausedFor()).isEmpty();
    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
    assertThat(texts()).containsExactly("still here");
  }

  @Test
  void doesNotPauseAtWhatIsInvalidForEverybody() throws Exception {
    publish(
        ForgedCommit.of(
            peers.group,
            peers.signer(),
            List.of(
                new Proposal.ReInit(new byte[16], 1, KeyPackages.SUITE.id(), Extensions.NONE))));
    say("still here");

    conversation().sync();

    assertThat(conversation().row().pausedFor()).isEmpty();
    assertThat(texts()).containsExactly("still here");
  }

  @Test
  void pausesForAVersionThatItLacksAndGoesOnWhenThatIsNoLongerSo() throws Exception {
    var minimum = Map.of(GroupMetadata.MINIMUM_VERSION, "2.0.0");
    commit(context(CommitLab.mutable(minimum, List.of(), List.of(peer))));
    say("for newer ones");
    conversation().sync();
    assertThat(conversation().row().pausedFor()).contains("2.0.0");
    assertThat(texts()).isEmpty();
    long waits = conversation().row().epoch();
    conversation().sync();
    assertThat(conversation().row().epoch()).isEqualTo(waits);

    // What a later version of us finds when it starts.
    us.store.jdbi().useHandle(h -> h.execute("update mls_group set paused_for = '1.10.0'"));
    us.restart();

    assertThat(us.client.conversation(conversation().key()).row().pausedFor())
        .as("tries again, and learns again that it must wait")
        .contains("2.0.0");
  }

  @Test
  void writesNothingIntoAPausedGroup() throws Exception {
    var minimum = Map.of(GroupMetadata.MINIMUM_VERSION, "2.0.0");
    commit(context(CommitLab.mutable(minimum, List.of(), List.of(peer))));
    conversation().sync();
    int held = network.all(group).size();

    conversation().send(TestClient.text("not yet"));

    assertThat(network.all(group)).hasSize(held);
    assertThat(us.store.jdbi().withHandle(us.store.intents()::groupsWithWork)).hasSize(1);
  }

  @Test
  void recordsACommitThatXmtpForbidsAndGoesOn() throws Exception {
    var stranger = lab.person();
    var strangers = stranger.device();
    var forbidden = peers.group.commit(List.of(new Proposal.Add(strangers.keyPackage())));
    publish(forbidden.octets());
    say("after it");

    conversation().sync();

    assertThat(texts()).containsExactly("after it");
    assertThat(conversation().row().maybeForked()).isFalse();
    assertThat(results()).containsExactly(1, 4);
  }

  private List<Integer> results() {
    return us.store
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select result from commit_log order by sequence_id")
                    .mapTo(Integer.class)
                    .list());
  }

  @Test
  void waitsForAnIdentityUpdateThatIsOnlyLate() throws Exception {
    var late = peer.sequence() + 1;
    commit(context(lab.membership(Map.of(peer, late), inbox)));
    assertThatThrownBy(() -> conversation().sync())
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());
    assertThat(results()).containsExactly(1);

    peer.stir();
    assertThat(peer.sequence()).isEqualTo(late);
    conversation().sync();

    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
  }

  @Test
  void doesNotWaitForEverForAnIdentityUpdate() throws Exception {
    var bogus = peers.group.commit(List.of(context(lab.membership(Map.of(peer, 999L), inbox))));
    publish(bogus.octets());
    say("after it");
    assertThatThrownBy(() -> conversation().sync()).isInstanceOf(XmtpException.class);

    clock.advance(Grace.LENGTH.plusSeconds(1));
    conversation().sync();

    assertThat(texts()).containsExactly("after it");
    assertThat(results()).containsExactly(1, 4);
  }

  @Test
  void givesAnOldCommitNoGrace() throws Exception {
    var bogus = peers.group.commit(List.of(context(lab.membership(Map.of(peer, 999L), inbox))));
    publish(bogus.octets());
    clock.advance(Grace.LENGTH.plusSeconds(1));

    conversation().sync();

    assertThat(results()).containsExactly(1, 4);
  }

  /** Whoever can write to the topic makes as many of them as they like. */
  @Test
  void keepsOnlyTheNewestOfTheCommitsThatItRefused() throws Exception {
    for (int i = 0; i < 3; i++) {
      commit();
    }
    var forbidden = lab.person().device();
    var byAMember = peers.group.commit(List.of(new Proposal.Add(forbidden.keyPackage())));
    publish(byAMember.octets());
    for (int i = 0; i < CommitLog.KEPT + 10; i++) {
      publish(strayCommit(i));
    }

    conversation().sync();

    assertThat(results()).filteredOn(each -> each == 1).hasSize(4);
    assertThat(results()).filteredOn(each -> each == 4).hasSize(1);
    assertThat(results()).filteredOn(each -> each == 2).hasSize(CommitLog.KEPT);
    assertThat(results()).endsWith(2);
    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
  }

  /** What has the form of a commit of an epoch that never was; nobody need be a member for it. */
  private byte[] strayCommit(int number) {
    return new TlsWriter()
        .uint16(1)
        .uint16(2)
        .opaque(group.octets())
        .uint64(1_000)
        .uint8(3)
        .opaque(new byte[0])
        .opaque(new byte[28])
        .opaque(new TlsWriter().uint64(number).uint64(number).toOctets())
        .toOctets();
  }

  @Test
  void whatIsNoPrivateMessageIsPassedOver() throws Exception {
    var commit = peers.group.commit(List.of(new Proposal.Add(lab.person().device().keyPackage())));
    network.slip(group, commit.welcome().orElseThrow());
    network.slip(group, new MlsMessage.OfKeyPackage(peers.keyPackage()).toOctets());
    network.slip(group, peers.keys.octets());
    for (int format : new int[] {0, 1, 4, 6}) {
      network.slip(
          group, new TlsWriter().uint16(1).uint16(format).fixed(commit.octets()).toOctets());
    }
    network.slip(group, new byte[0]);
    say("after it");

    conversation().sync();

    assertThat(texts()).containsExactly("after it");
    assertThat(results()).as("none of it is a commit").containsExactly(1);
    us.link.calls.clear();
    conversation().sync();
    assertThat(texts()).containsExactly("after it");
  }

  @Test
  void aCommitOfOursThatXmtpForbidsIsGivenUp() throws Exception {
    var withoutThePeer = new MembershipChange(Map.of(peer.inbox, 0L));
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
                        withoutThePeer.toOctets(),
                        Optional.empty(),
                        false));
    long before = conversation().row().epoch();

    conversation().publishNow();

    assertThat(results()).as("only admins remove, and nobody a super admin").containsExactly(1, 4);
    assertThat(conversation().row().epoch()).isEqualTo(before);
    assertThat(us.store.jdbi().withHandle(us.store.intents()::groupsWithWork)).isEmpty();
    int sent = network.all(group).size();
    us.client.maintain();
    conversation().publishNow();
    assertThat(network.all(group)).as("it is not tried again").hasSize(sent);
    conversation().send(TestClient.text("still here"));
    assertThat(texts()).containsExactly("still here");
  }

  /**
   * Others decrypt and forget it: a commit that uses its key again is refused by them and by us.
   */
  @Test
  void proposalsTurnTheRatchetAndAreForgotten() throws Exception {
    var ratchet = peers.group.ratchetState();
    var epoch = peers.group.epochState();
    var proposal = peers.group.propose(new Proposal.Remove(lab.placeOf(peers, inbox)));
    publish(proposal.octets());
    peers.group = MlsGroup.restore(epoch, ratchet, peers.signer(), new SecureRandom());
    var withTheSameKey = peers.group.commit(List.of());
    publish(withTheSameKey.octets());
    long before = conversation().row().epoch();

    conversation().sync();

    assertThat(conversation().row().epoch()).isEqualTo(before);
    commit();
    conversation().sync();
    assertThat(conversation().row().epoch()).isEqualTo(before + 1);
  }

  /** Until they were merged the secrets of two commits lay here; one of them never will be. */
  @Test
  void whatWasMadeForACommitThatLostIsErased() throws Exception {
    us.link.plan(
        method -> method.startsWith("send") ? TestLink.Fate.REQUEST_LOST : TestLink.Fate.WELL);
    assertThatThrownBy(() -> conversation().send(TestClient.text("later")))
        .isInstanceOf(XmtpException.class);
    assertThat(staged()).isOne();
    commit();

    conversation().sync();

    assertThat(staged()).isZero();
    us.link.heal();
    conversation().publishNow();
    assertThat(texts()).containsExactly("later");
  }

  private int staged() {
    return us.store
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select count(*) from intent_payload where staged_sealed is not null")
                    .mapTo(Integer.class)
                    .one());
  }

  @Test
  void replacesItsLeafKeyByTheClockWhereWeHaveWritten() throws Exception {
    conversation().send(TestClient.text("hello"));
    follow();
    long written = conversation().row().epoch();
    clock.advance(Duration.ofDays(29));
    us.client.rotateLeaves();
    assertThat(conversation().row().epoch()).isEqualTo(written);

    clock.advance(Duration.ofDays(5));
    us.client.rotateLeaves();

    assertThat(conversation().row().epoch()).isEqualTo(written + 1);
    follow();
    assertThat(peers.group.epoch()).isEqualTo(written + 1);
    us.client.rotateLeaves();
    assertThat(conversation().row().epoch()).isEqualTo(written + 1);
  }

  @Test
  void givesNoSignOfLifeByTheClockWhereWeHaveNot() throws Exception {
    int held = network.all(group).size();

    clock.advance(Duration.ofDays(90));
    us.client.rotateLeaves();

    assertThat(network.all(group)).hasSize(held);
  }

  private void follow() throws Exception {
    for (var envelope : network.all(group)) {
      var header = MlsMessage.header(envelope.data());
      if (header.contentType() == ContentType.COMMIT && header.epoch() == peers.group.epoch()) {
        peers.group.merge(peers.group.stage(MlsMessage.read(envelope.data())));
      }
    }
  }

  @Test
  void becomesInactiveWhenWeAreRemoved() throws Exception {
    commit(
        context(CommitLab.membership(Map.of(peer, peer.sequence()))),
        new Proposal.Remove(lab.placeOf(peers, inbox)));

    conversation().sync();

    assertThat(conversation().row().active()).isFalse();
    assertThatThrownBy(() -> conversation().send(TestClient.text("anybody?")))
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isFalse());
  }

  /** As official clients do; else who was removed could go on to write to us alone. */
  @Test
  void passesOverWhatCameAfterItsAuthorWasRemoved() throws Exception {
    var guest = lab.person();
    var guests = guest.device();
    var both = Map.of(peer, peer.sequence(), guest, guest.sequence());
    var added =
        peers.group.commit(
            List.of(context(lab.membership(both, inbox)), new Proposal.Add(guests.keyPackage())));
    publish(added.octets());
    peers.group.merge(added.staged());
    guests.join(added);
    publish(guests.group.encrypt(TestClient.text("in time").envelope().write()));
    var late = guests.group.encrypt(TestClient.text("too late").envelope().write());

    commit(
        context(lab.membership(Map.of(peer, peer.sequence()), inbox)),
        new Proposal.Remove(guests.place()));
    publish(late);
    say("after it");
    conversation().sync();

    assertThat(texts()).containsExactly("in time", "after it");
    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
  }

  @Test
  void keepsNoMoreThanTheDatabaseHolds() throws Exception {
    var huge = new byte[2 * 1024 * 1024];
    var envelope =
        io.postern.xmtp.proto.mls.PlaintextEnvelope.newBuilder()
            .setV1(
                io.postern.xmtp.proto.mls.PlaintextEnvelope.V1
                    .newBuilder()
                    .setContent(ByteString.copyFrom(huge)))
            .build();
    publish(peers.group.encrypt(envelope.toByteArray()));
    say("small");

    conversation().sync();

    assertThat(texts()).containsExactly("small");
  }

  @Test
  void storesWhatItCannotUnderstandAndSkipsWhatItCannotRead() throws Exception {
    publish(peers.group.encrypt(new byte[] {1, 2, 3}));
    var stranger = lab.person().device();
    lab.found(CommitLab.groupOf(stranger.owner), List.of(stranger));
    say("readable");

    conversation().sync();

    assertThat(texts()).containsExactly("readable");
  }

  @Test
  void messagesDisappearAfterTheTimeThatTheGroupSets() throws Exception {
    commit(
        context(
            CommitLab.mutable(
                Map.of(
                    GroupMetadata.DISAPPEAR_FROM,
                    "1",
                    GroupMetadata.DISAPPEAR_IN,
                    Long.toString(Duration.ofHours(1).toNanos())),
                List.of(),
                List.of(peer))));
    say("for an hour");
    conversation().sync();
    conversation().send(TestClient.text("ours too"));
    assertThat(texts()).containsExactly("for an hour", "ours too");
    us.store
        .jdbi()
        .useTransaction(
            h ->
                us.store
                    .messages()
                    .pending(h, 0, 100)
                    .forEach(pending -> us.store.messages().handedOn(h, pending)));

    clock.advance(Duration.ofHours(2));
    us.client.maintain();

    assertThat(texts()).isEmpty();
    assertThat(conversation().messages(100))
        .isNotEmpty()
        .allMatch(message -> message.kind() == Kind.MEMBERSHIP_CHANGE);
  }
}
