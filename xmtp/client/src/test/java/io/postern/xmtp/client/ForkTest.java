package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.CommitLog;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.IntentStore.State;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A DM whose other side takes commits that we refuse, so that the two are in different groups, or
 * demands a version that we lack.
 */
class ForkTest {
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
  void talk() throws Exception {
    us = new TestClient(network, clock, folder);
    us.client.start();
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    peer = lab.person();
    peers = peer.device();
    var dm =
        Extensions.of(
            CommitLab.immutable(
                ConversationType.CONVERSATION_TYPE_DM, peer.inbox, peer.inbox, inbox.id()),
            CommitLab.mutable(Map.of(), List.of(), List.of()),
            new Extension(GroupPermissions.TYPE, GroupPermissions.dm()),
            KeyPackages.requiredCapabilities());
    group = lab.invite(peers, inbox, peer, dm);
    inbox.sync();
    consent(ConsentStore.State.ALLOWED);
  }

  private void consent(ConsentStore.State state) {
    us.store
        .jdbi()
        .useTransaction(h -> us.store.consents().set(h, inbox.installation(), group, state, 1));
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

  private void say(Device device, String text) throws Exception {
    publish(device.group.encrypt(TestClient.text(text).envelope().write()));
    inbox.sync();
  }

  private Conversation conversation() {
    return inbox.conversation(group);
  }

  /** The peer's client has other rules: it lets a third into the DM. */
  private void comeApart() throws Exception {
    var third = lab.person();
    var thirds = third.device();
    var members = Map.of(peer, peer.sequence(), third, third.sequence());
    var forbidden =
        peers.group.commit(
            List.of(
                new Proposal.Add(thirds.keyPackage()),
                new Proposal.GroupContextExtensions(
                    peers.group.contextExtensions().withLast(lab.membership(members, inbox)))));
    publish(forbidden.octets());
    peers.group.merge(forbidden.staged());
    inbox.sync();
  }

  @Test
  void isSaidAndLeft() throws Exception {
    comeApart();
    assertThat(us.client.troubles()).as("a refused commit alone is none").isEmpty();

    say(peers, "do you read me?");

    assertThat(conversation().row().maybeForked()).isTrue();
    assertThat(us.client.troubles()).singleElement().asString().contains(peer.inbox.toString());

    var another = inbox.dm(peer.inbox);
    another.send(TestClient.text("here I am"));

    assertThat(another.group()).isNotEqualTo(group);
    assertThat(network.welcomesFor(peers.id())).isNotEmpty();
    assertThat(us.client.troubles()).isEmpty();
  }

  @Test
  void isNoNewsWhereWeHaveNeverWritten() throws Exception {
    consent(ConsentStore.State.UNKNOWN);
    comeApart();

    say(peers, "do you read me?");

    assertThat(conversation().row().maybeForked()).isTrue();
    assertThat(us.client.troubles()).as("anybody can do this to anybody").isEmpty();

    consent(ConsentStore.State.ALLOWED);
    say(peers, "and now?");
    assertThat(us.client.troubles()).as("since we have written").hasSize(1);
  }

  @Test
  void isRememberedInTheNextLife() throws Exception {
    comeApart();
    say(peers, "do you read me?");

    us.restart();

    assertThat(us.client.troubles()).hasSize(1);
  }

  @Test
  void nothingIsSaidIntoIt() throws Exception {
    us.link.plan(method -> method.startsWith("send") ? Fate.REQUEST_LOST : Fate.WELL);
    var said =
        us.client.inTransaction(h -> conversation().enqueue(h, TestClient.text("for both of us")));
    assertThatThrownBy(conversation()::publishNow).isInstanceOf(XmtpException.class);
    comeApart();
    say(peers, "do you read me?");
    us.link.heal();
    int held = network.all(group).size();

    assertThatThrownBy(conversation()::publishNow)
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isFalse());

    assertThat(network.all(group)).hasSize(held);
    assertThat(conversation().message(said).orElseThrow().status()).isEqualTo(Status.FAILED);
  }

  /** The header of a message is nobody's word: only its octets have to have the right form. */
  @Test
  void isNotBelievedOfWhoeverWritesALaterEpoch() throws Exception {
    var stranger = lab.person().device();
    lab.foundAs(group, CommitLab.groupOf(stranger.owner), stranger);
    for (int i = 0; i < 9; i++) {
      var commit = stranger.group.commit(List.of());
      publish(commit.octets());
      stranger.group.merge(commit.staged());
      say(stranger, "later " + i);
    }

    assertThat(conversation().row().maybeForked()).isFalse();
    assertThat(us.client.troubles()).isEmpty();
  }

  @Test
  void isOverWhenTheOtherSideFollowsUsAgain() throws Exception {
    var honest = peers.group.commit(List.of());
    var epoch = peers.group.epochState();
    var ratchet = peers.group.ratchetState();
    comeApart();
    say(peers, "do you read me?");
    assertThat(us.client.troubles()).hasSize(1);

    peers.group =
        io.postern.mls.group.MlsGroup.restore(epoch, ratchet, peers.signer(), new SecureRandom());
    publish(honest.octets());
    inbox.sync();

    assertThat(conversation().row().maybeForked()).isFalse();
    assertThat(us.client.troubles()).isEmpty();
  }

  /** Here it is we who took what the others did not: our epochs are more than theirs. */
  @Test
  void theWayBackMayLeadToALowerEpoch() throws Exception {
    conversation().send(TestClient.text("into our own fork"));
    clock.advance(Duration.ofDays(31));
    conversation().send(TestClient.text("and on"));
    long ours = conversation().row().epoch();
    assertThat(ours).isGreaterThan(peers.group.epoch());
    var octets = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var back = bringBack(octets);
    var log = network.all(group);
    lab.welcome(back, inbox, octets, log.get(log.size() - 1).position().sequence());
    var next = peers.group.commit(List.of());
    publish(next.octets());
    conversation().sync(); // Reads what it cannot know yet to be the way back.
    peers.group.merge(next.staged());
    say(peers, "there you are");

    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch()).isEqualTo(ours);
    assertThat(TestClient.texts(conversation().messages(10))).contains("there you are");

    lab.welcome(back, inbox, octets, Long.MAX_VALUE);
    say(peers, "still there");
    assertThat(TestClient.texts(conversation().messages(10)))
        .as("a copy of the welcome takes nothing back")
        .contains("still there");
  }

  /** More of them than are remembered, of whoever can write to the group's topic. */
  @Test
  void theWayBackIsNotHiddenBehindStrayCommits() throws Exception {
    conversation().send(TestClient.text("into our own fork"));
    clock.advance(Duration.ofDays(31));
    conversation().send(TestClient.text("and on"));
    var octets = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var back = bringBack(octets);
    var log = network.all(group);
    conversation().sync(); // Reads what it cannot know yet to be the way back.
    var stranger = lab.person().device();
    lab.foundAs(group, CommitLab.groupOf(stranger.owner), stranger);
    for (int i = 0; i <= CommitLog.KEPT; i++) {
      publish(stranger.group.commit(List.of()).octets());
    }
    conversation().sync();

    lab.welcome(back, inbox, octets, log.get(log.size() - 1).position().sequence());
    say(peers, "there you are");

    assertThat(conversation().row().epoch()).isEqualTo(peers.group.epoch());
    assertThat(TestClient.texts(conversation().messages(10))).contains("there you are");
  }

  private void demand(String version) throws Exception {
    var demanding =
        peers.group.commit(
            List.of(
                new Proposal.GroupContextExtensions(
                    peers
                        .group
                        .contextExtensions()
                        .withLast(
                            CommitLab.mutable(
                                Map.of(GroupMetadata.MINIMUM_VERSION, version),
                                List.of(),
                                List.of())))));
    publish(demanding.octets());
    peers.group.merge(demanding.staged());
    inbox.sync();
  }

  @Test
  void aDemandOfAVersionIsSaidAndTheNextMailBeginsANewDm() throws Exception {
    demand("2.0.0");
    assertThat(us.client.troubles())
        .singleElement()
        .asString()
        .contains(peer.inbox.toString(), "2.0.0");
    us.restart();
    assertThat(us.client.troubles()).as("in the next life, too").hasSize(1);

    var another = us.client.inbox(inbox.id()).orElseThrow().dm(peer.inbox);
    another.send(TestClient.text("here I am"));

    assertThat(another.group()).isNotEqualTo(group);
    assertThat(network.welcomesFor(peers.id())).isNotEmpty();
    assertThat(us.client.troubles()).isEmpty();
  }

  @Test
  void aDemandOfAVersionIsNoNewsWhereWeHaveNeverWritten() throws Exception {
    consent(ConsentStore.State.UNKNOWN);

    demand("2.0.0");

    assertThat(conversation().row().pausedFor()).contains("2.0.0");
    assertThat(us.client.troubles()).as("anybody can do this to anybody").isEmpty();
  }

  @Test
  void whatWasToBeSaidBeforeTheDemandIsGivenUp() throws Exception {
    us.link.plan(method -> method.startsWith("send") ? Fate.REQUEST_LOST : Fate.WELL);
    var under = us.client.inTransaction(h -> conversation().enqueue(h, TestClient.text("one")));
    assertThatThrownBy(conversation()::publishNow).isInstanceOf(XmtpException.class);
    demand("2.0.0");
    us.link.heal();
    var later = us.client.inTransaction(h -> conversation().enqueue(h, TestClient.text("two")));
    int held = network.all(group).size();

    assertThatThrownBy(conversation()::publishNow)
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isFalse());

    assertThat(network.all(group)).hasSize(held);
    assertThat(conversation().message(later).orElseThrow().status()).isEqualTo(Status.FAILED);
    assertThat(conversation().message(under).orElseThrow().status()).isEqualTo(Status.FAILED);
  }

  /** We say something before we have read that the peer demands a version which we lack. */
  private MessageId overtaken(Fate fate, int commits) throws Exception {
    conversation().send(TestClient.text("first"));
    for (var each : network.all(group)) {
      if (MlsMessage.header(each.data()).contentType() == ContentType.COMMIT
          && MlsMessage.header(each.data()).epoch() == peers.group.epoch()) {
        peers.group.merge(peers.group.stage(MlsMessage.read(each.data())));
      }
    }
    us.link.plan(
        method ->
            switch (method) {
              case "groupMessages" -> Fate.ODD;
              case "sendGroupMessages" -> fate;
              default -> Fate.WELL;
            });
    demand("2.0.0");
    for (int i = 1; i < commits; i++) {
      var more = peers.group.commit(List.of());
      publish(more.octets());
      peers.group.merge(more.staged());
    }
    var said = us.client.inTransaction(h -> conversation().enqueue(h, TestClient.text("second")));
    assertThatThrownBy(conversation()::publishNow).isInstanceOf(XmtpException.class);
    us.link.heal();
    return said;
  }

  private Status status(MessageId said) {
    return conversation().message(said).orElseThrow().status();
  }

  private void assertThatItIsNotYetKnown() {
    assertThatThrownBy(conversation()::publishNow)
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());
  }

  private void assertThatItIsGivenUp() {
    assertThatThrownBy(conversation()::publishNow)
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isFalse());
  }

  @Test
  void whatTheDemandHasOvertakenIsFoundAndCountsAsSaid() throws Exception {
    var said = overtaken(Fate.WELL, 1);
    int held = network.all(group).size();

    conversation().publishNow();

    assertThat(conversation().row().pausedFor()).contains("2.0.0");
    assertThat(status(said)).isEqualTo(Status.PUBLISHED);
    us.restart();
    us.client.conversation(conversation().key()).publishNow();
    assertThat(network.all(group)).as("it is not said twice").hasSize(held);
    assertThat(status(said)).isEqualTo(Status.PUBLISHED);
  }

  @Test
  void whatTheDemandHasOvertakenAndNobodyFindsIsGivenUp() throws Exception {
    var said = overtaken(Fate.REQUEST_LOST, 1);
    int held = network.all(group).size();
    assertThatItIsNotYetKnown();
    assertThat(status(said)).isEqualTo(Status.UNPUBLISHED);

    clock.advance(Grace.LENGTH.plusSeconds(1));

    assertThatItIsGivenUp();
    assertThat(status(said)).isEqualTo(Status.FAILED);
    assertThat(network.all(group)).hasSize(held);
  }

  @Test
  void whatTheDemandHasOvertakenMayBeShownLate() throws Exception {
    var said = overtaken(Fate.REQUEST_LOST, 1);
    assertThatItIsNotYetKnown();

    publish(
        us.store
            .jdbi()
            .withHandle(
                h -> us.store.intents().list(h, conversation().key(), State.PUBLISHED, 1, 1))
            .get(0)
            .payload()
            .orElseThrow());
    conversation().publishNow();

    assertThat(status(said)).isEqualTo(Status.PUBLISHED);
  }

  @Test
  void whatComesTooLateToBeReadByAnybodyIsGivenUp() throws Exception {
    var said = overtaken(Fate.WELL, 3);
    assertThatItIsNotYetKnown();

    clock.advance(Grace.LENGTH.plusSeconds(1));

    assertThatItIsGivenUp();
    assertThat(status(said)).isEqualTo(Status.FAILED);
  }

  private OwnCommit bringBack(byte[] keyPackage) throws Exception {
    var back =
        peers.group.commit(
            List.of(
                new Proposal.Remove(lab.placeOf(peers, inbox)),
                new Proposal.Add(KeyPackage.read(keyPackage))));
    publish(back.octets());
    peers.group.merge(back.staged());
    return back;
  }
}
