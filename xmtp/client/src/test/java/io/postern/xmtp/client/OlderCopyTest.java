package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.PlaintextEnvelope;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody puts a copy of the database back that is older than what was sent from it. */
class OlderCopyTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
  private final byte[] vaultKey = new byte[32];
  private final Set<String> spent = new HashSet<>();
  private final List<String> heard = new ArrayList<>();
  private TestClient us;
  private InstallationId installation;
  private Device peers;
  private GroupId group;
  private int read;

  @BeforeEach
  void talk() throws Exception {
    Files.createDirectory(folder.resolve("live"));
    Files.createDirectory(folder.resolve("copy"));
    start();
    var inbox = us.register(WalletKey.generate(new SecureRandom()));
    installation = inbox.installation();
    var peer = lab.person();
    peers = peer.device();
    group = lab.invite(peers, inbox, peer, CommitLab.groupOf(peer));
    inbox.sync();
    say("before");
    peerReads();
  }

  @AfterEach
  void close() {
    us.close();
  }

  private void start() {
    us = new TestClient(network, clock, folder.resolve("live"), vaultKey);
  }

  private void copy(String from, String to) throws IOException {
    try (var files = Files.list(folder.resolve(from))) {
      for (var file : files.filter(each -> each.toString().endsWith(".mv.db")).toList()) {
        Files.copy(
            file,
            folder.resolve(to).resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private void say(String text) throws Exception {
    us.client.inbox(installation).orElseThrow().conversation(group).send(TestClient.text(text));
  }

  /** What a third member notes: who has used which generation, and what it was for. */
  private void peerReads() throws Exception {
    var all = network.all(group);
    for (; read < all.size(); read++) {
      var data = all.get(read).data();
      if (MlsMessage.header(data).contentType() == ContentType.COMMIT) {
        peers.group.merge(peers.group.stage(MlsMessage.read(data)));
      } else {
        var framed = (MlsMessage.OfPrivate) MlsMessage.read(data);
        var message = peers.group.decrypt(framed.message());
        var use = message.sender() + " " + message.epoch() + " " + message.generation();
        assertThat(spent.add(use)).as("generation %s is used once", use).isTrue();
        if (PlaintextEnvelope.read(message.content()) instanceof PlaintextEnvelope.V1 plain
            && ContentCodec.decode(plain.content().toByteArray()) instanceof Text text) {
          heard.add(text.text());
        }
      }
    }
  }

  @Test
  void noGenerationIsUsedTwiceAndItIsSaid() throws Exception {
    us.close();
    copy("live", "copy");
    start();
    for (int i = 0; i < 10; i++) {
      say("lost " + i);
    }
    us.close();
    copy("copy", "live");
    start();
    assertThat(us.client.troubles()).isEmpty();

    say("after");

    peerReads();
    assertThat(heard).hasSize(12).endsWith("after");
    assertThat(us.client.troubles())
        .singleElement()
        .asString()
        .contains("older than what was sent");
  }

  @Test
  void nothingIsSaidOfADatabaseThatIsTheNewest() throws Exception {
    us.restart();
    say("one");
    us.restart();
    say("two");

    peerReads();

    assertThat(heard).containsExactly("before", "one", "two");
    assertThat(us.client.troubles()).isEmpty();
  }
}
