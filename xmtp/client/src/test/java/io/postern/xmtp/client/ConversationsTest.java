package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.tree.Extension;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.IdentityUpdateBuilder;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clients of ours and the DMs between them. */
@OnEachDatabase
class ConversationsTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final List<TestClient> clients = new ArrayList<>();
  private final WalletKey wallet = WalletKey.generate(new SecureRandom());
  private TestClient here;
  private TestClient there;
  private Inbox alice;
  private Inbox bob;

  @BeforeEach
  void register() throws Exception {
    here = client();
    there = client();
    alice = here.register(WalletKey.generate(new SecureRandom()));
    bob = there.register(wallet);
  }

  private TestClient client() {
    var client = new TestClient(network, clock, folder.resolve("client" + clients.size()));
    clients.add(client);
    return client;
  }

  @AfterEach
  void close() {
    clients.forEach(TestClient::close);
  }

  private MlsGroup stateOf(TestClient client, Inbox inbox, Conversation conversation)
      throws Exception {
    var self =
        client.store.jdbi().withHandle(h -> client.store.inboxes().find(h, inbox.id())).get();
    var state =
        client
            .store
            .jdbi()
            .withHandle(
                h -> client.store.groups().state(h, inbox.installation(), conversation.group()));
    return MlsGroup.restore(
        state.epoch(), state.ratchet(), SignatureKeyPair.of(self.installationSeed().copy()));
  }

  @Test
  void makesADmAsEveryClientDoes() throws Exception {
    var conversation = alice.dm(bob.id());

    var extensions = stateOf(here, alice, conversation).contextExtensions();
    assertThat(extensions.list())
        .extracting(Extension::type)
        .containsExactly(0xF000, 0xFF00, 0xFF01, 0xFF02, 0x0003);
    assertThat(hex(extensions.find(0x0003)))
        .as("appendix B 5")
        .isEqualTo("0cff01ff00ff02f000000a0001020007020001");
    var permissions = extensions.find(0xFF02).orElseThrow();
    assertThat(permissions).as("appendix B 6").hasSize(212);
    assertThat(hex(extensions.find(0xFF02))).startsWith("0ad1010a02080212020802");
    assertThat(hex(extensions.find(0xFF02))).endsWith("220208012a02080132020801");
    var names = (alice.id() + "" + bob.id()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    var immutable = hex(extensions.find(0xF000));
    assertThat(immutable).startsWith("40cf08021a40").hasSize(2 * (2 + 207));
    assertThat(immutable).contains(HexFormat.of().formatHex(names, 64, 128));
    var metadata =
        GroupMetadata.read(
            extensions.find(0xF000).orElseThrow(), extensions.find(0xFF00).orElseThrow());
    assertThat(metadata.attributes().keySet())
        .containsExactlyInAnyOrder(
            "group_name", "description", "group_image_url_square", "_commit_log_signer");
    assertThat(metadata.attributes().get("_commit_log_signer")).matches("[0-9a-f]{64}");
    assertThat(metadata.admins()).isEmpty();
    assertThat(metadata.superAdmins()).isEmpty();
    assertThat(metadata.dmMembers().orElseThrow())
        .isEqualTo(new GroupMetadata.Pair(alice.id(), bob.id()));
    assertThat(GroupMembership.read(extensions.find(0xFF01).orElseThrow()))
        .isEqualTo(GroupMembership.created(alice.id()));
    assertThat(alice.consent(conversation.group())).isEqualTo(ConsentStore.State.ALLOWED);
  }

  private static String hex(java.util.Optional<byte[]> octets) {
    return HexFormat.of().formatHex(octets.orElseThrow());
  }

  /** Else the peer is a member and will never know. */
  @Test
  void keepsAWelcomeThatTheNetworkRefusesForSomeTries() throws Exception {
    here.link.plan(
        method -> method.equals("sendWelcomes") ? TestLink.Fate.REFUSED : TestLink.Fate.WELL);
    var conversation = alice.dm(bob.id());
    assertThatThrownBy(() -> conversation.send(TestClient.text("hello")))
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());

    here.link.heal();
    conversation.publishNow();

    bob.sync();
    assertThat(bob.findDm(alice.id())).isPresent();
    assertThat(here.client.troubles()).isEmpty();
  }

  @Test
  void saysThatAWelcomeCouldNotBeSent() throws Exception {
    here.link.plan(
        method -> method.equals("sendWelcomes") ? TestLink.Fate.REFUSED : TestLink.Fate.WELL);
    var conversation = alice.dm(bob.id());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(conversation::publishNow).isInstanceOf(XmtpException.class);
    }

    conversation.publishNow();

    assertThat(here.client.troubles()).singleElement().asString().contains("cannot read");
  }

  @Test
  void usesTheDmThatIsThere() throws Exception {
    var first = alice.dm(bob.id());

    assertThat(alice.dm(bob.id()).group()).isEqualTo(first.group());
  }

  @Test
  void makesNoDmWithItselfOrWithNobody() throws Exception {
    var nobody = new CommitLab(network).person();

    assertThatThrownBy(() -> alice.dm(alice.id())).isInstanceOf(XmtpException.class);
    assertThatThrownBy(() -> alice.dm(nobody.inbox))
        .isInstanceOfSatisfying(
            XmtpException.class, refused -> assertThat(refused.isRetryable()).isFalse());
    assertThat(alice.groups()).isEmpty();
  }

  @Test
  void carriesMessagesBothWays() throws Exception {
    alice.dm(bob.id()).send(TestClient.text("one"));
    bob.sync();
    bob.dm(alice.id()).send(TestClient.text("two"));
    alice.sync();

    assertThat(TestClient.texts(alice.dm(bob.id()).messages(10))).containsExactly("one", "two");
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10))).containsExactly("one", "two");
    assertThat(alice.dm(bob.id()).row().epoch())
        .as("the founding commit, and the first answer's key update")
        .isEqualTo(2);
  }

  @Test
  void stitchesWhatBothSidesMadeAtOnce() throws Exception {
    var ours = alice.dm(bob.id());
    var theirs = bob.dm(alice.id());
    ours.send(TestClient.text("from alice"));
    clock.advance(Duration.ofSeconds(1));
    theirs.send(TestClient.text("from bob"));
    alice.sync();
    bob.sync();

    assertThat(ours.group()).isNotEqualTo(theirs.group());
    assertThat(TestClient.texts(alice.dm(bob.id()).messages(10)))
        .containsExactly("from alice", "from bob");
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("from alice", "from bob");
    assertThat(alice.dm(bob.id()).group()).as("the newest is written to").isEqualTo(theirs.group());
    assertThat(bob.dm(alice.id()).group()).isEqualTo(theirs.group());
    assertThat(alice.consent(theirs.group())).isEqualTo(ConsentStore.State.ALLOWED);
  }

  @Test
  void letsANewDeviceOfThePeerInBeforeTheNextMessage() throws Exception {
    alice.dm(bob.id()).send(TestClient.text("before"));
    var phone = client();
    var bobsPhone = phone.register(wallet);
    assertThat(bobsPhone.id()).isEqualTo(bob.id());

    clock.advance(Duration.ofSeconds(6));
    alice.dm(bob.id()).send(TestClient.text("after"));
    bobsPhone.sync();
    bob.sync();

    assertThat(TestClient.texts(bobsPhone.dm(alice.id()).messages(10))).containsExactly("after");
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("before", "after");
  }

  @Test
  void checksForNewDevicesNotMoreOftenThanEveryFiveSeconds() throws Exception {
    var conversation = alice.dm(bob.id());
    conversation.send(TestClient.text("one"));
    here.link.calls.clear();
    conversation.send(TestClient.text("two"));
    assertThat(here.link.calls).doesNotContain("identityUpdates");

    clock.advance(Duration.ofSeconds(6));
    conversation.send(TestClient.text("three"));

    assertThat(here.link.calls).contains("identityUpdates");
  }

  @Test
  void putsARevokedDeviceOutBeforeTheNextMessage() throws Exception {
    var phone = client();
    var bobsPhone = phone.register(wallet);
    alice.dm(bob.id()).send(TestClient.text("before"));
    bobsPhone.sync();
    var revocation = new IdentityUpdateBuilder(bob.id(), clock.instant());
    revocation.revoke(bobsPhone.installation().identifier(), wallet.identifier());
    network.publish(revocation.request().signedBy(wallet).build().update().toWire());

    clock.advance(Duration.ofSeconds(6));
    alice.dm(bob.id()).send(TestClient.text("after"));
    bobsPhone.sync();
    bob.sync();

    var atThePhone = bobsPhone.groups().get(0);
    assertThat(atThePhone.active()).isFalse();
    assertThat(TestClient.texts(bobsPhone.conversation(atThePhone.group()).messages(10)))
        .containsExactly("before");
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("before", "after");
  }

  @Test
  void goesOnWithoutADeviceWhoseKeyPackageIsMissing() throws Exception {
    var phone = client();
    var bobsPhone = phone.register(wallet);
    network.removeKeyPackage(bobsPhone.installation());

    alice.dm(bob.id()).send(TestClient.text("to the others"));
    bob.sync();

    var membership =
        GroupMembership.read(
            stateOf(there, bob, bob.dm(alice.id()))
                .contextExtensions()
                .find(GroupMembership.TYPE)
                .orElseThrow());
    assertThat(membership.failed()).containsExactly(bobsPhone.installation());
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10))).containsExactly("to the others");
  }

  @Test
  void takesAFailedDeviceFromTheListWhenItIsRevoked() throws Exception {
    goesOnWithoutADeviceWhoseKeyPackageIsMissing();
    var failed = clients.get(2).client.inboxes().get(0).installation();
    var revocation = new IdentityUpdateBuilder(bob.id(), clock.instant());
    revocation.revoke(failed.identifier(), wallet.identifier());
    network.publish(revocation.request().signedBy(wallet).build().update().toWire());

    clock.advance(Duration.ofSeconds(6));
    alice.dm(bob.id()).send(TestClient.text("still here"));
    bob.sync();

    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("to the others", "still here");
    assertThat(bob.dm(alice.id()).row().epoch()).isEqualTo(alice.dm(bob.id()).row().epoch());
  }

  @Test
  void saysSoWhenThePeerCannotBeAddedAfterAll() throws Exception {
    var conversation = alice.dm(bob.id());
    network.removeKeyPackage(bob.installation());

    assertThatThrownBy(() -> conversation.send(TestClient.text("into the void")))
        .isInstanceOfSatisfying(
            XmtpException.class, refused -> assertThat(refused.isRetryable()).isFalse());

    assertThat(conversation.messages(10))
        .singleElement()
        .satisfies(message -> assertThat(message.status()).isEqualTo(Status.FAILED));
  }

  @Test
  void givesUpAMessageThatTheNetworkRefusesThreeTimes() throws Exception {
    var conversation = alice.dm(bob.id());
    conversation.send(TestClient.text("fine"));
    here.link.calls.clear();
    here.link.plan(method -> method.equals("sendGroupMessages") ? Fate.REFUSED : Fate.WELL);

    assertThatThrownBy(() -> conversation.send(TestClient.text("not fine")))
        .isInstanceOf(XmtpException.class);

    assertThat(here.link.calls.stream().filter("sendGroupMessages"::equals)).hasSize(3);
    here.link.heal();
    conversation.send(TestClient.text("fine again"));
    bob.sync();
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("fine", "fine again");
  }

  @Test
  void sendsTheSameOctetsAgainAfterALostReply() throws Exception {
    var conversation = alice.dm(bob.id());
    conversation.send(TestClient.text("one"));
    here.link.plan(method -> method.equals("sendGroupMessages") ? Fate.REPLY_LOST : Fate.WELL);
    assertThatThrownBy(() -> conversation.send(TestClient.text("two")))
        .isInstanceOf(XmtpException.class);
    int held = network.all(conversation.group()).size();

    here.link.heal();
    conversation.publishNow();

    assertThat(network.all(conversation.group())).hasSize(held);
    assertThat(conversation.messages(10))
        .allSatisfy(message -> assertThat(message.status()).isEqualTo(Status.PUBLISHED));
  }

  @Test
  void sendsAgainInPartsWhatIsTooMuchToBeHeldAtOnce() throws Exception {
    var conversation = alice.dm(bob.id());
    conversation.send(TestClient.text("one"));
    here.link.plan(method -> method.equals("sendGroupMessages") ? Fate.REQUEST_LOST : Fate.WELL);
    var texts = new ArrayList<String>();
    for (char letter = 'a'; letter < 'f'; letter++) {
      texts.add(String.valueOf(letter).repeat(800_000));
    }
    here.client.inTransaction(
        h -> {
          texts.forEach(text -> conversation.enqueue(h, TestClient.text(text)));
          return 0;
        });
    assertThatThrownBy(conversation::publishNow).isInstanceOf(XmtpException.class);

    here.link.heal();
    conversation.publishNow();

    bob.sync();
    texts.add(0, "one");
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)).equals(texts)).isTrue();
  }

  @Test
  void putsNothingBehindACommitThatTheNetworkDoesNotShow() throws Exception {
    var conversation = alice.dm(bob.id());
    here.link.plan(method -> method.equals("groupMessages") ? Fate.ODD : Fate.WELL);

    assertThatThrownBy(() -> conversation.send(TestClient.text("later")))
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());
    assertThat(network.all(conversation.group())).as("the commit only").hasSize(1);

    here.link.heal();
    conversation.publishNow();
    bob.sync();
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10))).containsExactly("later");
  }

  @Test
  void plansOneRetryHoweverOftenItFails() throws Exception {
    var conversation = alice.dm(bob.id());
    here.link.plan(method -> Fate.REQUEST_LOST);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> conversation.send(TestClient.text("again and again")))
          .isInstanceOf(XmtpException.class);
    }
    assertThat(here.scheduler.waiting()).isLessThanOrEqualTo(2); // With the opening of the stream.

    here.link.heal();
    clock.advance(Duration.ofMinutes(5));
    here.scheduler.runDue();

    bob.sync();
    assertThat(TestClient.texts(bob.dm(alice.id()).messages(10)))
        .containsExactly("again and again");
  }

  @Test
  void aClosedClientFailsItsCallersAtOnce() throws Exception {
    var conversation = alice.dm(bob.id());
    here.client.close();

    var publication = conversation.publish();

    assertThat(publication).isCompletedExceptionally();
    assertThat(conversation.publish()).isCompletedExceptionally();
  }
}
