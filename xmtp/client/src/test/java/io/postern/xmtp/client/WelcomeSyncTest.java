package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.client.WelcomeWrapper.Recipient;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.WelcomePointeeEncryptionAeadType;
import io.postern.xmtp.proto.mls.WelcomePointer;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore.Kind;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps of groups document 4.7; whoever invites us is played by the test. */
@OnEachDatabase
class WelcomeSyncTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
  private final SecureRandom random = new SecureRandom();
  private final WelcomeWrapper wrapper = new WelcomeWrapper(random);
  private final WalletKey wallet = WalletKey.generate(random);
  private TestClient us;
  private Inbox inbox;
  private Person host;
  private Device hosts;

  @BeforeEach
  void register() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(wallet);
    host = lab.person();
    hosts = host.device();
  }

  @AfterEach
  void close() {
    us.close();
  }

  private Extensions dm(InboxId one, InboxId two) {
    return dm(one, two, List.of());
  }

  private Extensions dm(InboxId one, InboxId two, List<Person> supers) {
    return dmBy(host.inbox, one, two, supers);
  }

  private Extensions dmBy(InboxId creator, InboxId one, InboxId two, List<Person> supers) {
    return Extensions.of(
        CommitLab.immutable(ConversationType.CONVERSATION_TYPE_DM, creator, one, two),
        CommitLab.mutable(Map.of(), List.of(), supers),
        CommitLab.permissions(2, 2, 1, 1, 1, 1),
        KeyPackages.requiredCapabilities());
  }

  private Extensions ofKind(ConversationType kind) {
    return Extensions.of(
        CommitLab.immutable(kind, host.inbox),
        CommitLab.mutable(Map.of(), List.of(), List.of(host)),
        CommitLab.permissions(1, 3, 1, 3, 3, 3),
        KeyPackages.requiredCapabilities());
  }

  private byte[] ourKeyPackage() {
    return network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
  }

  /** A commit that adds us; the welcome is not sent. */
  private OwnCommit added() throws Exception {
    lab.found(
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, host.sequence()), inbox)),
        List.of(hosts));
    return hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(ourKeyPackage()))));
  }

  private Recipient asRecipient() throws Exception {
    return KeyPackages.verify(ourKeyPackage(), inbox.installation(), inbox.id(), CommitLab.NOW)
        .recipient();
  }

  private List<WelcomeMessageInput> wrapped(OwnCommit commit, Recipient recipient) {
    return wrapper.wrap(commit.welcome().orElseThrow(), List.of(recipient), 7);
  }

  private void stillTakesWelcomes() throws Exception {
    var group = invitedByAFriend();
    inbox.sync();
    assertThat(inbox.groups()).extracting(row -> row.group()).contains(group);
  }

  private GroupId invitedByAFriend() throws Exception {
    var friend = lab.person();
    return lab.invite(friend.device(), inbox, friend, CommitLab.groupOf(friend));
  }

  @Test
  void joinsAGroup() throws Exception {
    network.sendWelcomes(wrapped(added(), asRecipient()));

    inbox.sync();

    assertThat(inbox.groups())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.kind()).isEqualTo(Kind.GROUP);
              assertThat(row.addedBy()).isEqualTo(host.inbox);
              assertThat(row.rotatedAtNs()).isZero();
              assertThat(inbox.consent(row.group())).isEqualTo(ConsentStore.State.UNKNOWN);
              assertThat(inbox.conversation(row.group()).messages(10)).hasSize(1);
            });
  }

  @Test
  void readsAWelcomeThatIsWrappedForTheInitKey() throws Exception {
    var commit = added();
    var init = KeyPackage.read(ourKeyPackage()).initKey();

    network.sendWelcomes(wrapped(commit, new Recipient(inbox.installation(), init, false, false)));
    inbox.sync();

    assertThat(inbox.groups()).hasSize(1);
  }

  @Test
  void refusesAKeyThatIsNotOurs() throws Exception {
    var other = host.device();
    var recipient =
        KeyPackages.verify(other.keys.octets(), other.id(), host.inbox, CommitLab.NOW).recipient();
    network.sendWelcomes(
        wrapped(added(), new Recipient(inbox.installation(), recipient.publicKey(), true, true)));

    inbox.sync();

    assertThat(inbox.groups()).isEmpty();
    stillTakesWelcomes();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_CURVE25519_VALUE,
        WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY_VALUE
      })
  void refusesAnAlgorithmThatIsNotThatOfTheKey(int algorithm) throws Exception {
    var message = wrapped(added(), asRecipient()).get(0);
    network.sendWelcomes(
        List.of(
            message.toBuilder()
                .setV1(message.getV1().toBuilder().setWrapperAlgorithmValue(algorithm))
                .build()));

    inbox.sync();

    assertThat(inbox.groups()).isEmpty();
    stillTakesWelcomes();
  }

  @Test
  void refusesEveryTruncationAndEveryChange() throws Exception {
    var message = wrapped(added(), asRecipient()).get(0);
    var data = message.getV1().getData();
    for (int i = 0; i < 40; i++) {
      var broken = data.toByteArray();
      broken[random.nextInt(broken.length)] ^= 1;
      var bad =
          i % 2 == 0 ? ByteString.copyFrom(broken) : data.substring(0, random.nextInt(data.size()));
      network.sendWelcomes(
          List.of(message.toBuilder().setV1(message.getV1().toBuilder().setData(bad)).build()));
    }

    inbox.sync();

    assertThat(inbox.groups()).isEmpty();
    stillTakesWelcomes();
  }

  @Test
  void takesTheSameWelcomeOnce() throws Exception {
    var commit = added();
    network.sendWelcomes(wrapped(commit, asRecipient()));
    inbox.sync();
    network.sendWelcomes(wrapped(commit, asRecipient()));

    inbox.sync();

    assertThat(inbox.groups()).hasSize(1);
    assertThat(inbox.conversation(inbox.groups().get(0).group()).messages(10)).hasSize(1);
  }

  @Test
  void replacesAGroupWhenWeAreBroughtBack() throws Exception {
    var group = lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    long first = inbox.conversation(group).row().epoch();
    var octets = ourKeyPackage();
    var commit =
        hosts.group.commit(
            List.of(
                new Proposal.Remove(lab.placeOf(hosts, inbox)),
                new Proposal.Add(KeyPackage.read(octets))));
    hosts.group.merge(commit.staged());
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(inbox.conversation(group).row().epoch()).isEqualTo(first + 1);
    assertThat(inbox.groups()).hasSize(1);
  }

  private OwnCommit removal() throws Exception {
    return hosts.group.commit(
        List.of(
            new Proposal.GroupContextExtensions(
                hosts
                    .group
                    .contextExtensions()
                    .withLast(CommitLab.membership(Map.of(host, host.sequence())))),
            new Proposal.Remove(lab.placeOf(hosts, inbox))));
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  /** Whoever keeps our welcome, the node above all, could make us speak to a past membership. */
  @Test
  void anOldWelcomeDoesNotBringUsBackAfterARemoval() throws Exception {
    var octets = ourKeyPackage();
    var addition = added();
    hosts.group.merge(addition.staged());
    lab.welcome(addition, inbox, octets, 0);
    inbox.sync();
    var group = inbox.groups().get(0).group();
    publish(removal().octets());
    inbox.conversation(group).sync();
    assertThat(inbox.conversation(group).row().active()).isFalse();

    lab.welcome(addition, inbox, octets, 0);
    inbox.sync();

    assertThat(inbox.conversation(group).row().active()).isFalse();
  }

  @Test
  void doesNotLetAStrangerTakeOverAGroupsId() throws Exception {
    var group = lab.invite(hosts, inbox, host, dm(host.inbox, inbox.id()));
    inbox.sync();
    var stranger = lab.person();
    var strangers = stranger.device();
    lab.foundAs(
        group,
        CommitLab.groupOf(stranger)
            .withLast(lab.membership(Map.of(stranger, stranger.sequence()), inbox)),
        strangers);
    strangers.group.merge(strangers.group.commit(List.of()).staged());
    strangers.group.merge(strangers.group.commit(List.of()).staged());
    var octets = ourKeyPackage();
    var commit = strangers.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(inbox.conversation(group).row().addedBy()).isEqualTo(host.inbox);
    assertThat(inbox.findDm(host.inbox)).isPresent();
  }

  /** A group of a stranger's under the id and in the words of one that we are in. */
  private void takeOver(GroupId group, CommitLab.Device thief) throws Exception {
    lab.foundAs(
        group,
        CommitLab.groupOf(host)
            .withLast(lab.membership(Map.of(thief.owner, thief.owner.sequence()), inbox)),
        thief);
    for (int i = 0; i < 5; i++) {
      thief.group.merge(thief.group.commit(List.of()).staged());
    }
    var octets = ourKeyPackage();
    var commit = thief.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);
  }

  @Test
  void doesNotLetAStrangerTakeOverAGroup() throws Exception {
    var group = lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    takeOver(group, lab.person().device());

    inbox.sync();

    assertThat(inbox.conversation(group).row().addedBy()).isEqualTo(host.inbox);
    assertThat(inbox.conversation(group).row().epoch()).isEqualTo(hosts.group.epoch());
  }

  /** Whoever is in it, or was, knows the id, the words and us. */
  @Test
  void doesNotLetAPlainMemberTakeOverAGroup() throws Exception {
    var past = lab.person();
    var pasts = past.device();
    lab.found(
        CommitLab.groupOf(host)
            .withLast(lab.membership(Map.of(host, host.sequence(), past, past.sequence()), inbox)),
        List.of(hosts, pasts));
    var octets = ourKeyPackage();
    var addition = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    hosts.group.merge(addition.staged());
    lab.welcome(addition, inbox, octets, 0);
    inbox.sync();
    var group = inbox.groups().get(0).group();

    takeOver(group, pasts);
    inbox.sync();

    assertThat(inbox.conversation(group).row().addedBy()).isEqualTo(host.inbox);
  }

  /**
   * The words of a group say nothing about who made it: where we are out, anybody may copy them.
   */
  @Test
  void whatWaitedToBeSaidInAGroupIsNotSaidToStrangersWhoBringUsBack() throws Exception {
    var octets = ourKeyPackage();
    var addition = added();
    hosts.group.merge(addition.staged());
    lab.welcome(addition, inbox, octets, 0);
    inbox.sync();
    var group = inbox.groups().get(0).group();
    var conversation = inbox.conversation(group);
    us.link.plan(method -> method.startsWith("send") ? Fate.REQUEST_LOST : Fate.WELL);
    var said =
        us.client.inTransaction(h -> conversation.enqueue(h, TestClient.text("for friends")));
    assertThatThrownBy(conversation::publishNow).isInstanceOf(XmtpException.class);
    us.link.heal();
    var removal = removal();
    hosts.group.merge(removal.staged());
    publish(removal.octets());

    takeOver(group, lab.person().device());
    inbox.sync();
    us.scheduler.runDue();

    assertThat(conversation.row().active()).isTrue();
    assertThat(inbox.consent(group)).isEqualTo(ConsentStore.State.UNKNOWN);
    assertThat(conversation.message(said).orElseThrow().status()).isEqualTo(Status.FAILED);
  }

  @Test
  void comesBackWhenWhoRemovedUsAddsUsAgain() throws Exception {
    var octets = ourKeyPackage();
    var addition = added();
    hosts.group.merge(addition.staged());
    lab.welcome(addition, inbox, octets, 0);
    inbox.sync();
    var group = inbox.groups().get(0).group();
    var removal = removal();
    hosts.group.merge(removal.staged());
    publish(removal.octets());
    var again =
        hosts.group.commit(
            List.of(
                new Proposal.Add(KeyPackage.read(octets)),
                new Proposal.GroupContextExtensions(
                    hosts
                        .group
                        .contextExtensions()
                        .withLast(lab.membership(Map.of(host, host.sequence()), inbox)))));
    publish(again.octets());
    hosts.group.merge(again.staged());
    lab.welcome(again, inbox, octets, Long.MAX_VALUE);
    publish(hosts.group.encrypt(TestClient.text("welcome back").envelope().write()));

    inbox.sync();

    assertThat(inbox.conversation(group).row().active()).isTrue();
    assertThat(TestClient.texts(inbox.conversation(group).messages(10)))
        .as("a cursor beyond the topic skips nothing that comes later")
        .isEmpty();
    publish(hosts.group.encrypt(TestClient.text("heard").envelope().write()));
    inbox.sync();
    assertThat(TestClient.texts(inbox.conversation(group).messages(10))).containsExactly("heard");
  }

  /** A shared welcome, then three pointers to it, one of which is ours. */
  private List<WelcomeMessageInput> pointersToAWelcome() throws Exception {
    var others = lab.person();
    var recipients = new ArrayList<Recipient>();
    recipients.add(asRecipient());
    for (var device : List.of(others.device(), others.device())) {
      recipients.add(
          KeyPackages.verify(device.keys.octets(), device.id(), others.inbox, CommitLab.NOW)
              .recipient());
    }
    return wrapper.wrap(added().welcome().orElseThrow(), recipients, 7);
  }

  @Test
  void followsAPointerOnceItsWelcomeIsThere() throws Exception {
    var messages = pointersToAWelcome();
    assertThat(messages).hasSize(4);
    network.sendWelcomes(messages.subList(1, 4));
    inbox.sync();
    assertThat(inbox.groups()).isEmpty();

    us.client.maintain();
    assertThat(inbox.groups()).as("not before five minutes").isEmpty();
    clock.advance(Duration.ofMinutes(5));
    us.client.maintain();
    assertThat(inbox.groups()).as("still not there").isEmpty();
    network.sendWelcomes(messages.subList(0, 1));
    clock.advance(Duration.ofMinutes(7));
    us.client.maintain();
    assertThat(inbox.groups()).as("the second pause is half as long again").isEmpty();
    clock.advance(Duration.ofMinutes(1));
    us.client.maintain();

    assertThat(inbox.groups()).hasSize(1);
  }

  @Test
  void keepsAPointerWhenTheNetworkFailsInTheMiddle() throws Exception {
    var messages = pointersToAWelcome();
    network.sendWelcomes(messages.subList(1, 4));
    inbox.sync();
    network.sendWelcomes(messages.subList(0, 1));
    clock.advance(Duration.ofMinutes(6));
    us.link.plan(
        method ->
            method.equals("identityUpdates") ? TestLink.Fate.REQUEST_LOST : TestLink.Fate.WELL);
    assertThatThrownBy(() -> us.client.maintain()).isInstanceOf(XmtpException.class);

    us.link.heal();
    us.client.maintain();

    assertThat(inbox.groups()).hasSize(1);
  }

  @Test
  void forgetsAOneshotGroup() throws Exception {
    lab.invite(hosts, inbox, host, ofKind(ConversationType.CONVERSATION_TYPE_ONESHOT));

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  /** Such a group is hidden and never asked about: it is for the devices of one person. */
  @Test
  void refusesASyncGroupOfSomebodyElse() throws Exception {
    lab.invite(hosts, inbox, host, ofKind(ConversationType.CONVERSATION_TYPE_SYNC));

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  private int rows() {
    return us.store
        .jdbi()
        .withHandle(
            h -> h.createQuery("select count(*) from mls_group").mapTo(Integer.class).one());
  }

  @Test
  void knowsThePeerOfADm() throws Exception {
    lab.invite(hosts, inbox, host, dm(host.inbox, inbox.id()));

    inbox.sync();

    assertThat(inbox.findDm(host.inbox)).isPresent();
  }

  @Test
  void refusesADmOfOthers() throws Exception {
    lab.invite(hosts, inbox, host, dm(host.inbox, lab.person().inbox));
    lab.invite(hosts, inbox, host, dm(lab.person().inbox, inbox.id()));
    lab.invite(hosts, inbox, host, ofKind(ConversationType.CONVERSATION_TYPE_DM));

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  @Test
  void refusesADmWithAdmins() throws Exception {
    lab.invite(hosts, inbox, host, dm(host.inbox, inbox.id(), List.of(host)));

    inbox.sync();

    assertThat(rows()).isZero();
  }

  @ParameterizedTest(name = "without extension {0}")
  @ValueSource(ints = {0xF000, 0xFF00, 0xFF01, 0xFF02})
  void refusesAGroupThatIsNotOfOurForm(int type) throws Exception {
    var context =
        CommitLab.groupOf(host)
            .withLast(lab.membership(Map.of(host, host.sequence()), inbox))
            .without(type);
    lab.found(context, List.of(hosts));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  @Test
  void refusesALeafThatNoMemberLists() throws Exception {
    var stranger = lab.person().device();
    lab.found(
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, host.sequence()), inbox)),
        List.of(hosts, stranger));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isZero();
  }

  @Test
  void refusesAGroupThatHidesADevice() throws Exception {
    var second = host.device();
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    assertThat(rows()).isZero();

    var third = host.device();
    lab.found(
        CommitLab.groupOf(host)
            .withLast(lab.membership(Map.of(host, host.sequence()), inbox, hosts, second)),
        List.of(third));
    var octets = ourKeyPackage();
    var commit = third.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);
    inbox.sync();

    assertThat(rows()).as("those that failed are known to be missing").isOne();
  }

  /** Nothing keeps two inboxes from listing one device; its leaf is in the name of either. */
  @ParameterizedTest(name = "under its {0} inbox")
  @ValueSource(ints = {1, 2})
  void aDeviceOfTwoInboxesIsTakenUnderEither(int which) throws Exception {
    var second = lab.person();
    var shared = second.list(hosts);
    var founder = which == 1 ? hosts : shared;
    lab.found(
        CommitLab.groupOf(host)
            .withLast(
                lab.membership(Map.of(host, host.sequence(), second, second.sequence()), inbox)),
        List.of(founder));
    var octets = ourKeyPackage();
    var commit = founder.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isOne();
  }

  /** Else anybody could fill the disk with logs of inboxes that nobody here has to do with. */
  @Test
  void keepsNoLogOfThoseWhoseWelcomeIsRefused() throws Exception {
    lab.invite(hosts, inbox, host, dm(host.inbox, lab.person().inbox));
    lab.invite(hosts, inbox, host, ofKind(ConversationType.CONVERSATION_TYPE_ONESHOT));

    inbox.sync();

    assertThat(rows()).isZero();
    assertThat(logsOf(host)).isZero();
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    assertThat(rows()).isOne();
    assertThat(logsOf(host)).isPositive();
    lab.invite(hosts, inbox, host, dm(host.inbox, lab.person().inbox));
    inbox.sync();
    assertThat(logsOf(host)).as("what we need anyhow stays").isPositive();
  }

  private int logsOf(Person person) {
    return us.store
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select count(*) from identity_update where inbox_id = ?")
                    .bind(0, person.inbox.toString())
                    .mapTo(Integer.class)
                    .one());
  }

  /** Each is state, a topic that is followed, and keys that are renewed. */
  @Test
  void aStrangerBringsUsIntoSoManyGroupsADay() throws Exception {
    for (int i = 0; i <= WelcomePolicy.FROM_STRANGER_A_DAY; i++) {
      lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    }

    inbox.sync();

    assertThat(rows()).isEqualTo(WelcomePolicy.FROM_STRANGER_A_DAY);
    stillTakesWelcomes();
    clock.advance(Duration.ofDays(1));
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    assertThat(rows()).isEqualTo(WelcomePolicy.FROM_STRANGER_A_DAY + 2);
  }

  @ParameterizedTest(name = "{0} octets")
  @ValueSource(ints = {0, 15, 17})
  void refusesAGroupWhoseIdIsOfAnotherLength(int length) throws Exception {
    lab.foundAs(
        new byte[length],
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, host.sequence()), inbox)),
        hosts);
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  /** 0 stands for "not resolved yet" until the founder's first commit, which comes before us. */
  @Test
  void refusesAMemberAtNumberZero() throws Exception {
    lab.found(
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, 0L), inbox)), List.of(hosts));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  @ParameterizedTest(name = "\"{0}\"")
  @ValueSource(strings = {"", "soon", "1.11", "9.9.9.9"})
  void takesADemandThatIsNoVersionForNone(String version) throws Exception {
    var context =
        CommitLab.groupOf(host)
            .withLast(
                CommitLab.mutable(
                    Map.of(GroupMetadata.MINIMUM_VERSION, version), List.of(), List.of(host)));
    var group = lab.invite(hosts, inbox, host, context);

    inbox.sync();

    assertThat(inbox.conversation(group).row().pausedFor()).isEmpty();
  }

  /** The pointer that an honest client would make, for the test to spoil. */
  private WelcomePointer.WelcomeV1Pointer.Builder honestPointer(InstallationId destination) {
    return WelcomePointer.WelcomeV1Pointer.newBuilder()
        .setDestination(ByteString.copyFrom(destination.octets()))
        .setAeadType(
            WelcomePointeeEncryptionAeadType.WELCOME_POINTEE_ENCRYPTION_AEAD_TYPE_CHACHA20_POLY1305)
        .setEncryptionKey(ByteString.copyFrom(new byte[32]))
        .setDataNonce(ByteString.copyFrom(new byte[12]))
        .setWelcomeMetadataNonce(ByteString.copyFrom(new byte[12]));
  }

  private WelcomeMessageInput sealed(
      WelcomePointer.WelcomeV1Pointer.Builder pointer, InstallationId recipient) throws Exception {
    return wrapper.pointer(
        new Recipient(recipient, asRecipient().publicKey(), true, true),
        WelcomePointer.newBuilder().setWelcomeV1Pointer(pointer).build());
  }

  @Test
  void refusesAPointerOfAnotherForm() throws Exception {
    var destination = host.device().id();
    var spoilt =
        List.of(
            honestPointer(destination).setAeadTypeValue(0),
            honestPointer(destination).setAeadTypeValue(9),
            honestPointer(destination).setEncryptionKey(ByteString.copyFrom(new byte[31])),
            honestPointer(destination).setDataNonce(ByteString.copyFrom(new byte[11])),
            honestPointer(destination).setWelcomeMetadataNonce(ByteString.EMPTY),
            honestPointer(destination).setDestination(ByteString.copyFrom(new byte[31])));
    for (var pointer : spoilt) {
      network.sendWelcomes(List.of(sealed(pointer, inbox.installation())));
    }

    inbox.sync();

    assertThat(waitingPointers()).isZero();
    network.sendWelcomes(List.of(sealed(honestPointer(destination), inbox.installation())));
    inbox.sync();
    assertThat(waitingPointers()).as("an honest one waits for its welcome").isOne();
    stillTakesWelcomes();
  }

  @Test
  void doesNotFollowAPointerToAPointer() throws Exception {
    var destination = host.device().id();
    network.sendWelcomes(List.of(sealed(honestPointer(destination), destination)));
    network.sendWelcomes(List.of(sealed(honestPointer(destination), inbox.installation())));

    inbox.sync();

    assertThat(waitingPointers()).isZero();
    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  private int waitingPointers() {
    return us.store.jdbi().withHandle(h -> us.store.pointers().due(h, Long.MAX_VALUE, 100)).size();
  }

  @Test
  void waitsForAnIdentityUpdateThatIsOnlyLateAndNotForEver() throws Exception {
    lab.found(
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, 999L), inbox)),
        List.of(hosts));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);
    assertThatThrownBy(() -> inbox.sync()).isInstanceOf(XmtpException.class);

    clock.advance(Grace.LENGTH.plusSeconds(1));

    stillTakesWelcomes();
    assertThat(rows()).isOne();
  }

  /** A commit that names an update which does not exist, so that the group waits for it. */
  private void letItWait() throws Exception {
    var extensions =
        hosts.group.contextExtensions().withLast(lab.membership(Map.of(host, 999L), inbox));
    publish(hosts.group.commit(List.of(new Proposal.GroupContextExtensions(extensions))).octets());
  }

  /** Whoever is in a group can let it wait again and again, and send a welcome of its name. */
  @Test
  void aGroupThatWaitsHoldsUpOtherWelcomesForAWhileOnly() throws Exception {
    var group = lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    letItWait();
    clock.advance(Grace.LENGTH.dividedBy(2));
    takeOver(group, lab.person().device());
    assertThatThrownBy(() -> inbox.sync()).isInstanceOf(XmtpException.class);
    clock.advance(Grace.LENGTH.dividedBy(2).plusSeconds(1));
    letItWait();
    assertThatThrownBy(() -> inbox.sync())
        .as("since it was met, not since it was sent")
        .isInstanceOf(XmtpException.class);

    clock.advance(Grace.LENGTH.dividedBy(2));
    letItWait();
    takeOver(group, lab.person().device());
    var other = invitedByAFriend();

    assertThatThrownBy(() -> inbox.sync())
        .as("the group itself waits on")
        .isInstanceOf(XmtpException.class);

    assertThat(inbox.groups()).extracting(row -> row.group()).contains(other);
    assertThat(inbox.conversation(group).row().addedBy()).isEqualTo(host.inbox);
  }

  /** Anybody can make a log that no answer holds, and name it in a welcome. */
  @Test
  void aLogThatTheNetworkNeverHandsOutHoldsUpNobodyForEver() throws Exception {
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    us.link.plan(method -> method.equals("identityUpdates") ? Fate.REFUSED : Fate.WELL);
    assertThatThrownBy(() -> inbox.sync()).isInstanceOf(XmtpException.class);

    clock.advance(Grace.LENGTH.plusSeconds(1));
    inbox.sync();

    assertThat(rows()).isZero();
    us.link.heal();
    stillTakesWelcomes();
    assertThat(rows()).isOne();
  }

  @Test
  void aPointerWhoseTargetIsRefusedHoldsUpNobody() throws Exception {
    var messages = pointersToAWelcome();
    network.sendWelcomes(messages.subList(1, messages.size()));
    var own = new AtomicInteger();
    us.link.plan(
        method ->
            method.equals("welcomes") && own.incrementAndGet() > 1 ? Fate.REFUSED : Fate.WELL);
    inbox.sync();

    us.link.heal();
    stillTakesWelcomes();
    network.sendWelcomes(messages.subList(0, 1));
    clock.advance(Duration.ofMinutes(8));
    us.client.maintain();

    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void refusesADmWithAThird() throws Exception {
    var third = lab.person();
    var thirds = third.device();
    lab.found(
        dm(host.inbox, inbox.id())
            .withLast(
                lab.membership(Map.of(host, host.sequence(), third, third.sequence()), inbox)),
        List.of(hosts, thirds));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);

    inbox.sync();

    assertThat(rows()).isZero();
    stillTakesWelcomes();
  }

  @Test
  void followsAGroupAtOnceThoughALaterWelcomeMustWait() throws Exception {
    var friend = lab.person();
    lab.invite(friend.device(), inbox, friend, CommitLab.groupOf(friend));
    lab.found(
        CommitLab.groupOf(host).withLast(lab.membership(Map.of(host, 999L), inbox)),
        List.of(hosts));
    var octets = ourKeyPackage();
    var commit = hosts.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    lab.welcome(commit, inbox, octets, 0);
    us.link.calls.clear();

    assertThatThrownBy(() -> inbox.sync()).isInstanceOf(XmtpException.class);

    assertThat(inbox.groups()).hasSize(1);
    assertThat(us.link.calls).as("the group that was joined is read").contains("groupMessages");
  }

  @Test
  void pausesAGroupThatDemandsALaterVersion() throws Exception {
    var context =
        CommitLab.groupOf(host)
            .withLast(
                CommitLab.mutable(
                    Map.of(GroupMetadata.MINIMUM_VERSION, "3.0.0"), List.of(), List.of(host)));
    var group = lab.invite(hosts, inbox, host, context);

    inbox.sync();

    assertThat(inbox.conversation(group).row().pausedFor()).contains("3.0.0");
  }

  @Test
  void allowsWhatOurOtherDeviceHasFounded() throws Exception {
    var ours = new TestClient(network, clock, folder.resolve("other"));
    var other = ours.register(wallet);
    other.dm(host.inbox).send(TestClient.text("hello"));

    inbox.sync();

    assertThat(inbox.consent(inbox.groups().get(0).group())).isEqualTo(ConsentStore.State.ALLOWED);
    ours.close();
  }

  /** Else whoever wants to be heard would only have to say that we had begun. */
  @Test
  void doesNotAllowWhoeverWritesThatWeHaveFounded() throws Exception {
    lab.invite(hosts, inbox, host, dmBy(inbox.id(), host.inbox, inbox.id(), List.of()));

    inbox.sync();

    assertThat(inbox.consent(inbox.groups().get(0).group())).isEqualTo(ConsentStore.State.UNKNOWN);
  }

  @Test
  void copiesTheDecisionAboutADmToItsSibling() throws Exception {
    GroupId first = lab.invite(hosts, inbox, host, dm(host.inbox, inbox.id()));
    inbox.sync();
    us.store
        .jdbi()
        .useTransaction(
            h ->
                us.store
                    .consents()
                    .set(h, inbox.installation(), first, ConsentStore.State.DENIED, 5));
    var sibling = lab.invite(hosts, inbox, host, dm(host.inbox, inbox.id()));

    inbox.sync();

    assertThat(inbox.consent(sibling)).isEqualTo(ConsentStore.State.DENIED);
    assertThat(inbox.findDm(host.inbox).orElseThrow().group()).isEqualTo(sibling);
  }

  /** Anybody can send us what is no welcome of ours, as often as they like. */
  @Test
  void whatOpensWithNoKeyOfOursCostsOnePackageAnHour() throws Exception {
    var before = ourKeyPackage();
    var other = host.device();
    var recipient =
        KeyPackages.verify(other.keys.octets(), other.id(), host.inbox, CommitLab.NOW).recipient();
    network.sendWelcomes(
        wrapped(added(), new Recipient(inbox.installation(), recipient.publicKey(), true, true)));
    inbox.sync();

    clock.advance(Duration.ofMinutes(59));
    us.client.maintain();
    assertThat(ourKeyPackage()).isEqualTo(before);
    clock.advance(Duration.ofMinutes(1));
    us.client.maintain();

    assertThat(ourKeyPackage()).isNotEqualTo(before);
  }

  @Test
  void replacesTheKeyPackageSoonAfterAWelcome() throws Exception {
    var before = ourKeyPackage();
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();
    us.client.maintain();
    assertThat(ourKeyPackage()).isEqualTo(before);
    clock.advance(Duration.ofSeconds(4));
    lab.invite(hosts, inbox, host, CommitLab.groupOf(host));
    inbox.sync();

    clock.advance(Duration.ofSeconds(1));
    us.client.maintain();

    assertThat(ourKeyPackage()).as("five seconds after the first").isNotEqualTo(before);
  }
}
