package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.node.interop.Peer;
import io.postern.node.interop.PeerClient;
import io.postern.node.interop.PeerException;
import io.postern.node.interop.Sdk;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.GroupStore.GroupRow;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Groups that the official client of libxmtp 1.11 takes out of their legacy form (XIP-81), which we
 * do not follow: we do not announce that we can, and where a group asks for it we wait.
 */
class MigratedGroupInteropIT {
  private static final String DEMANDED = "1.11.0-dev";

  @TempDir Path folder;
  private LocalNode node;
  private Peer peer;
  private TestPeer us;
  private PeerClient alice;
  private PeerClient bob;

  @BeforeEach
  void open() throws Exception {
    peer = Peer.start(Sdk.V6_1);
    node = LocalNode.open(NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder));
    var url = "http://127.0.0.1:" + node.port();
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

  private void migrate(String group, boolean force) throws PeerException {
    alice.call("enableProposals", Map.of("conversation", group, "force", force));
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

  @Test
  void aGroupThatHasMigratedDoesNotTakeUsInAndGoesOnWithoutUs() throws Exception {
    var group = alice.group("New", List.of(bob.inboxId()));
    bob.syncAll();
    migrate(group, false);

    assertThatThrownBy(() -> alice.addMembers(group, List.of(ourId())))
        .isInstanceOf(PeerException.class);

    alice.text(group, "among us");
    bob.sync(group);
    us.inbox().sync();
    assertThat(isMigrated(group)).isTrue();
    assertThat(bob.texts(group)).containsExactly("among us");
    assertThat(alice.members(group)).containsExactlyInAnyOrder(alice.inboxId(), bob.inboxId());
    assertThat(us.inbox().groups()).isEmpty();
  }

  @Test
  void aGroupKeepsItsFormWhileWeAreInIt() throws Exception {
    var group = alice.group("Old", List.of(bob.inboxId(), ourId()));
    bob.syncAll();

    assertThatThrownBy(() -> migrate(group, false))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("not all members support");

    alice.text(group, "to all of you");
    assertThat(ourGroup().pausedFor()).isEmpty();
    assertThat(us.heardTexts()).containsExactly("to all of you");
    us.answer("to all of you, too");
    bob.sync(group);
    assertThat(bob.texts(group)).containsExactly("to all of you", "to all of you, too");
  }

  @Test
  void aMigrationByForceFailsAndWeWait() throws Exception {
    var group = alice.group("Old", List.of(bob.inboxId(), ourId()));
    bob.syncAll();

    assertThatThrownBy(() -> migrate(group, true)).isInstanceOf(PeerException.class);

    alice.text(group, "without you");
    assertThat(isMigrated(group)).as("a leaf that cannot read the new form bars it").isFalse();
    assertThat(ourGroup().pausedFor()).contains(DEMANDED);
    assertThat(us.heardTexts()).isEmpty();
    var conversation = us.inbox().conversation(ourGroup().group());
    conversation.send(EncodedMessage.of(new Text("this waits, too"), "1"));
    bob.sync(group);
    assertThat(bob.texts(group)).containsExactly("without you");
  }

  /** Nobody administers a DM; but both may set the version that it demands. */
  @Test
  void aDmCannotMigrateAndWaitsForUsIfItIsTried() throws Exception {
    var dm = alice.dm(ourId());
    alice.text(dm, "before");
    us.inbox().sync();

    assertThatThrownBy(() -> migrate(dm, true)).isInstanceOf(PeerException.class);

    alice.text(dm, "after");
    assertThat(isMigrated(dm)).isFalse();
    assertThat(ourGroup().pausedFor()).contains(DEMANDED);
    assertThat(us.heardTexts()).containsExactly("before");
    var another = us.inbox().dm(new InboxId(alice.inboxId()));
    another.send(EncodedMessage.of(new Text("let us begin anew"), "1"));
    alice.syncAll();
    var listed = alice.call("list", Map.of());
    assertThat(listed).as("its user sees one chat").hasSize(1);
    var id = listed.get(0).path("id").asText();
    assertThat(alice.texts(id)).containsExactly("before", "after", "let us begin anew");
    alice.text(id, "gladly");
    us.inbox().sync();
    assertThat(us.heardTexts()).containsExactlyInAnyOrder("before", "gladly");
  }
}
