package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.framing.MlsMessage;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.StaleGroupException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One who was away reads many pages; the other member is played by the test. */
@OnEachDatabase
class CatchUpTest {
  /** Three pages and a little. */
  private static final int MANY = 307;

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> said = new ArrayList<>();
  private TestClient us;
  private Device peer;
  private Inbox inbox;
  private GroupId group;

  @AfterEach
  void close() {
    us.close();
    threads.shutdown();
  }

  private void joinAGroup(Executor workers) throws Exception {
    us = new TestClient(network, clock, folder, workers);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    var lab = new CommitLab(network);
    var person = lab.person();
    peer = person.device();
    group = lab.invite(peer, inbox, person, CommitLab.groupOf(person));
    inbox.sync();
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  private void say() throws Exception {
    var text = "m" + said.size();
    said.add(text);
    publish(peer.group.encrypt(TestClient.text(text).envelope().write()));
  }

  private void say(int many) throws Exception {
    for (int i = 0; i < many; i++) {
      say();
    }
  }

  private void commit() throws Exception {
    var commit = peer.group.commit(List.of());
    publish(commit.octets());
    peer.group.merge(commit.staged());
  }

  private Conversation conversation() {
    return inbox.conversation(group);
  }

  /** In the order of the network. */
  private List<String> texts() {
    return TestClient.texts(conversation().messages(2 * MANY));
  }

  /** Where the process, the network or the database fails while this page is asked for. */
  private Function<String, Fate> atPage(int number, Fate fate) {
    var asked = new AtomicInteger();
    return method ->
        method.equals("groupMessages") && asked.incrementAndGet() == number ? fate : Fate.WELL;
  }

  @Test
  void readsAllInTheirOrder() throws Exception {
    joinAGroup(Runnable::run);
    say(MANY);
    us.link.calls.clear();

    conversation().sync();

    assertThat(texts()).isEqualTo(said);
    assertThat(Collections.frequency(us.link.calls, "groupMessages"))
        .as("a page is asked for once")
        .isEqualTo(4);
  }

  @Test
  void readsAllInTheirOrderWithThreadsBesideIt() throws Exception {
    joinAGroup(threads);
    say(MANY);

    conversation().sync();

    assertThat(texts()).isEqualTo(said);
  }

  @Test
  void readsCommitsAndUnreadableMessagesBetween() throws Exception {
    joinAGroup(threads);
    for (int i = 0; i < 10; i++) {
      say(MANY / 10);
      commit();
      publish(network.all(group).get(i).data()); // Read before, so not readable again.
      publish(broken(peer.group.encrypt(new byte[] {1})));
    }

    conversation().sync();

    assertThat(texts()).isEqualTo(said);
    assertThat(conversation().row().epoch()).isEqualTo(peer.group.epoch());
  }

  private static byte[] broken(byte[] message) throws Exception {
    MlsMessage.header(message);
    message[message.length - 1] ^= 1;
    return message;
  }

  @Test
  void readsOurOwnMessagesBetween() throws Exception {
    joinAGroup(threads);
    say(MANY / 2);
    // It is on the network, and we do not know it yet.
    us.link.plan(method -> method.equals("sendGroupMessages") ? Fate.REPLY_LOST : Fate.WELL);
    assertThatThrownBy(() -> conversation().send(TestClient.text("ours")))
        .isInstanceOf(XmtpException.class);
    us.link.heal();
    say(MANY / 2);

    conversation().sync();

    assertThat(texts()).containsAll(said).contains("ours").hasSize(said.size() + 1);
  }

  @Test
  void keepsWhatItHasReadWhenTheNetworkFails() throws Exception {
    joinAGroup(threads);
    say(MANY);
    us.link.plan(atPage(4, Fate.REQUEST_LOST));

    assertThatThrownBy(() -> conversation().sync()).isInstanceOf(XmtpException.class);

    assertThat(texts()).isEqualTo(said.subList(0, 300));
    conversation().sync();
    assertThat(texts()).isEqualTo(said);
  }

  @Test
  void goesOnAfterACrashAtEachPage() throws Exception {
    joinAGroup(Runnable::run);
    say(MANY);
    for (int page = 1; page <= 4; page++) {
      us.link.plan(atPage(page, Fate.CRASH_AFTER));
      try {
        conversation().sync();
      } catch (TestLink.Crash died) {
        assertThat(us.link.isDead()).isTrue();
      }
      us.restart();
      inbox = us.client.inbox(inbox.id()).orElseThrow();
    }

    conversation().sync();

    assertThat(texts()).isEqualTo(said);
  }

  /** Another wrote the group's state meanwhile: what was read on the old one is thrown away. */
  @Test
  void throwsAwayWhatItReadOnAStateThatIsStale() throws Exception {
    joinAGroup(Runnable::run);
    say(MANY);
    var pages = new AtomicInteger();
    us.link.plan(
        method -> {
          if (method.equals("groupMessages") && pages.incrementAndGet() == 3) {
            raiseVersion();
          }
          return Fate.WELL;
        });

    assertThatThrownBy(() -> conversation().sync()).isInstanceOf(StaleGroupException.class);
    conversation().sync();

    assertThat(texts()).isEqualTo(said);
  }

  private void raiseVersion() {
    us.store.jdbi().useHandle(h -> h.execute("update mls_group set version = version + 1"));
  }
}
