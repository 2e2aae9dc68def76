package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.node.interop.Peer;
import io.postern.node.interop.PeerClient;
import io.postern.node.interop.PeerException;
import io.postern.node.interop.Sdk;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.MessageStore;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Groups that the official client of libxmtp 1.11 takes out of their legacy form (XIP-81), with us
 * in them: both follow what the other does there.
 */
class MigratedGroupInteropIT {
  @TempDir Path folder;
  private LocalNode node;
  private Peer peer;
  private TestPeer us;
  private String url;
  private PeerClient alice;
  private PeerClient bob;

  @BeforeEach
  void open() throws Exception {
    peer = Peer.start(Sdk.V6_1);
    node = LocalNode.open(NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder));
    url = "http://127.0.0.1:" + node.port();
    us = new TestPeer(folder, url);
    alice = PeerClient.create(peer, PeerClient.Options.at(url));
    bob = PeerClient.create(peer, PeerClient.Options.at(url));
  }

  @AfterEach
  void close() {
    if (us != null) {
      us.close();
    }
    if (node != null) {
      node.close();
    }
    if (peer != null) {
      peer.close();
    }
  }

  private String ourId() {
    return us.inbox().id().toString();
  }

  private void migrate(String group) throws PeerException {
    alice.call("enableProposals", Map.of("conversation", group, "force", false));
    assertThat(isMigrated(group)).isTrue();
  }

  private boolean isMigrated(String group) throws PeerException {
    return alice
        .call("proposalsEnabled", Map.of("conversation", group))
        .path("enabled")
        .asBoolean();
  }

  private GroupRow ourGroup() throws Exception {
    us.inbox().sync();
    assertThat(us.inbox().groups()).hasSize(1);
    return us.inbox().groups().get(0);
  }

  /** Epoch and state as the official client has them are those that we have. */
  private void assertAgreement(String group, PeerClient member) throws Exception {
    member.sync(group);
    var ours = ourGroup();
    assertThat(ours.pausedFor()).isEmpty();
    assertThat(ours.maybeForked()).isFalse();
    assertThat(ours.epoch()).isEqualTo(epochOf(group, member));
  }

  private static long epochOf(String group, PeerClient member) throws PeerException {
    JsonNode info = member.call("debugInfo", Map.of("conversation", group));
    return info.path("epoch").asLong();
  }

  private List<GroupUpdated> changesThatWeSaw() throws Exception {
    var conversation = us.inbox().conversation(ourGroup().group());
    return conversation.messages(100).stream()
        .filter(message -> message.kind() == MessageStore.Kind.MEMBERSHIP_CHANGE)
        .map(message -> (GroupUpdated) ContentCodec.decode(message.content()))
        .toList();
  }

  @Test
  void aGroupWithUsInItMigratesAndGoesOn() throws Exception {
    var group = alice.group("Old", List.of(bob.inboxId(), ourId()));
    bob.syncAll();
    alice.text(group, "before");
    us.inbox().sync();

    migrate(group);
    alice.text(group, "after");
    assertAgreement(group, alice);
    us.answer("we are here"); // Our leaf key is new before the first message of ours.

    bob.sync(group);
    assertThat(us.heardTexts()).containsExactly("before", "after");
    assertThat(bob.texts(group)).containsExactly("before", "after", "we are here");
    assertAgreement(group, alice);
    assertAgreement(group, bob);
  }

  @Test
  void weFollowWhatIsChangedByProposals() throws Exception {
    var carol = PeerClient.create(peer, PeerClient.Options.at(url));
    var group = alice.group("Old", List.of(bob.inboxId(), ourId()));
    bob.syncAll();
    us.inbox().sync();
    migrate(group);

    alice.call("updateName", Map.of("conversation", group, "name", "New"));
    alice.addMembers(group, List.of(carol.inboxId()));
    carol.syncAll();
    alice.removeMembers(group, List.of(bob.inboxId()));
    alice.call("addAdmin", Map.of("conversation", group, "inboxId", carol.inboxId()));
    carol.text(group, "from carol");

    assertAgreement(group, alice);
    assertAgreement(group, carol);
    assertThat(us.heardTexts()).containsExactly("from carol");
    assertThat(changesThatWeSaw())
        .as("the name, carol in, bob out")
        .anyMatch(each -> each.toString().contains("New"))
        .anyMatch(each -> each.toString().contains(carol.inboxId()))
        .anyMatch(each -> each.toString().contains(bob.inboxId()));
    us.answer("to carol");
    carol.sync(group);
    assertThat(carol.texts(group)).contains("to carol");
  }

  @Test
  void aGroupThatHasMigratedTakesUsInAndARestartChangesNothing() throws Exception {
    var group = alice.group("New", List.of(bob.inboxId()));
    bob.syncAll();
    migrate(group);

    alice.addMembers(group, List.of(ourId()));
    alice.text(group, "welcome");
    assertAgreement(group, alice);
    us.answer("thank you");
    bob.sync(group);
    us.restart();
    alice.call("updateName", Map.of("conversation", group, "name", "Newer"));
    bob.text(group, "how are you?");
    assertAgreement(group, bob);
    us.answer("well");

    alice.sync(group);
    bob.sync(group);
    assertThat(us.heardTexts()).containsExactly("welcome", "how are you?");
    assertThat(alice.texts(group)).containsExactly("welcome", "thank you", "how are you?", "well");
    assertThat(bob.texts(group)).containsExactly("welcome", "thank you", "how are you?", "well");
    assertAgreement(group, alice);
  }

  /** We are the first to write after it is there, so we bring it in. */
  @Test
  void weBringANewDeviceOfAMemberIn() throws Exception {
    var group = alice.group("New", List.of(bob.inboxId(), ourId()));
    bob.syncAll();
    us.inbox().sync();
    migrate(group);
    us.inbox().sync();
    var tablet =
        PeerClient.create(
            peer,
            PeerClient.Options.at(url)
                .withKey(bob.key())
                .withDatabase(folder.resolve("tablet.db3")));

    us.later(Duration.ofSeconds(10)); // So often the devices of members are looked for.
    us.answer("to all devices");

    tablet.syncAll();
    assertThat(tablet.texts(group)).containsExactly("to all devices");
    tablet.text(group, "from the tablet");
    assertAgreement(group, alice);
    assertAgreement(group, tablet);
    assertThat(us.heardTexts()).containsExactly("from the tablet");
    assertThat(alice.texts(group)).containsExactly("to all devices", "from the tablet");
  }

  /** Nobody administers a DM; the version that it then demands is ours as well. */
  @Test
  void aDmCannotMigrateAndGoesOn() throws Exception {
    var dm = alice.dm(ourId());
    alice.text(dm, "before");
    us.inbox().sync();

    assertThatThrownBy(
            () -> alice.call("enableProposals", Map.of("conversation", dm, "force", true)))
        .isInstanceOf(PeerException.class);

    alice.text(dm, "after");
    assertThat(isMigrated(dm)).isFalse();
    assertThat(ourGroup().pausedFor()).isEmpty();
    assertThat(us.heardTexts()).containsExactly("before", "after");
    us.answer("still here");
    alice.sync(dm);
    assertThat(alice.texts(dm)).containsExactly("before", "after", "still here");
  }
}
