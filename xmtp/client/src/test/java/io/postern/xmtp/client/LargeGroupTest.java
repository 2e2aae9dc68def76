package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.Proposal;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group of as many people as XMTP allows; all but us are played by the test. */
class LargeGroupTest {
  private static final int PEOPLE = 250;

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
  private TestClient us;
  private Inbox inbox;

  @BeforeEach
  void register() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
  }

  @AfterEach
  void close() {
    us.close();
  }

  @Test
  void joinsAGroupOf250PeopleByFewQuestionsAndTalksInIt() throws Exception {
    var host = lab.person();
    var hosts = host.device();
    var members = new HashMap<Person, Long>();
    members.put(host, host.sequence());
    var ours = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var adds = new ArrayList<Proposal>(List.of(new Proposal.Add(KeyPackage.read(ours))));
    while (members.size() < PEOPLE - 1) {
      var person = lab.person();
      adds.add(new Proposal.Add(person.device().keyPackage()));
      members.put(person, person.sequence());
    }
    lab.found(CommitLab.groupOf(host).withLast(lab.membership(members, inbox)), List.of(hosts));
    var commit = hosts.group.commit(adds);
    hosts.group.merge(commit.staged());
    lab.welcome(commit, inbox, ours, 0);
    var group = GroupId.of(hosts.group.groupId());
    var questions = new AtomicInteger();
    us.link.plan(
        method -> {
          if (method.equals("identityUpdates")) {
            questions.incrementAndGet();
          }
          return Fate.WELL;
        });

    inbox.sync();
    network.send(
        List.of(message(hosts.group.encrypt(TestClient.text("hello").envelope().write()))));
    inbox.sync();
    var answer = inbox.conversation(group).send(TestClient.text("hi"));

    assertThat(questions).hasValueLessThan(PEOPLE / 10);
    assertThat(TestClient.texts(inbox.conversation(group).messages(10)))
        .containsExactly("hello", "hi");
    assertThat(inbox.conversation(group).message(answer))
        .map(Message::status)
        .contains(Status.PUBLISHED);
  }

  private static GroupMessageInput message(byte[] octets) {
    return GroupMessageInput.newBuilder()
        .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(octets)))
        .build();
  }
}
