package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.VaultSettings;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.node.interop.Peer;
import io.postern.node.interop.PeerClient;
import io.postern.node.interop.PeerException;
import io.postern.node.interop.Sdk;
import java.io.DataInputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official client, unmodified, at the other end of the bridge. */
class PosternInteropIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration NODE_DOWN = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final int MANY = 200;

  @TempDir Path folder;
  private LocalNode node;
  private String url;
  private TestBridge bridge;
  private int mails;

  @BeforeEach
  void open() throws Exception {
    node = LocalNode.open(settings(0));
    url = "http://127.0.0.1:" + node.port();
    bridge = TestBridge.open(folder.resolve("bridge"), url);
  }

  private NodeSettings settings(int port) {
    return NodeSettings.of(new InetSocketAddress("127.0.0.1", port), folder.resolve("node"));
  }

  @AfterEach
  void close() {
    bridge.close();
    node.close();
  }

  private Delivery bobWrites(PeerClient to, String subject, String text, String... more) {
    var address = new Mailbox(to.address(), TestBridge.DOMAIN);
    var lines = new ArrayList<String>();
    lines.add("From: Bob <" + BOB + ">");
    lines.add("To: " + address);
    lines.add("Subject: " + subject);
    lines.add("Message-ID: <m" + ++mails + "@example.org>");
    lines.addAll(Arrays.asList(more));
    lines.add("");
    lines.add(text);
    return bridge.mail(BOB, address, lines.toArray(String[]::new));
  }

  /** The one DM that a client has with Bob's inbox. */
  private static String dm(PeerClient client) throws PeerException {
    client.syncAll();
    var list = client.call("list", Map.of());
    assertThat(list).as("conversations of " + client.address()).isNotEmpty();
    return list.get(0).path("id").asText();
  }

  private static boolean hasDm(PeerClient client) throws PeerException {
    client.syncAll();
    return !client.call("list", Map.of()).isEmpty();
  }

  private static List<String> synced(PeerClient client, String conversation) throws PeerException {
    client.sync(conversation);
    return client.texts(conversation);
  }

  private static String text(Mail mail) {
    return TestBridge.said(mail);
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void aMailIsReadInTheOfficialClientAndTheAnswerArrivesAsMail(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));

      assertThat(bobWrites(alice, "Lunch?", "Shall we meet at noon?"))
          .isInstanceOf(Delivery.Delivered.class);

      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);
      await().atMost(PATIENCE).until(() -> synced(alice, dm).size() == 1);
      assertThat(synced(alice, dm))
          .containsExactly(
              "bob@example.org, by mail via bridge.localhost\n"
                  + "Subject: Lunch?\n\nShall we meet at noon?");
      alice.text(dm, "Noon is fine.");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
      var answer = bridge.captured().get(0);
      assertThat(text(answer)).isEqualTo("Noon is fine.");
      bobWrites(
          alice, "Re: Lunch?", "Good.", "In-Reply-To: " + answer.id().orElseThrow().asWritten());
      await().atMost(PATIENCE).until(() -> synced(alice, dm).size() == 3);
      assertThat(synced(alice, dm)).endsWith("Good.");
    }
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void anInboxThatWasLostAndRestoredGoesOnForTheOfficialClient(Sdk sdk) throws Exception {
    var config =
        TestBridge.config(folder.resolve("bridge"), new NetworkSettings.At(URI.create(url)));
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(alice, "Lunch?", "Shall we meet at noon?");
      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);
      await().atMost(PATIENCE).until(() -> synced(alice, dm).size() == 1);
      alice.text(dm, "Noon is fine.");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);

      bridge.close();
      loseAndRestore(config);
      bridge = TestBridge.open(folder.resolve("bridge"), url);

      // The client looks for new installations at its next message, some seconds after the last.
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(6))
          .until(
              () -> {
                alice.text(dm, "Are you there?");
                return !bridge.captured().isEmpty();
              });
      var question = bridge.captured().get(0);
      assertThat(text(question)).contains("Are you there?");
      bobWrites(alice, "Re: Lunch?", "I am."); // A reply to one of them would be no text.
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(synced(alice, dm)).anyMatch(said -> said.endsWith("I am.")));
    }
  }

  private void loseAndRestore(Config config) throws Exception {
    var file = folder.resolve("one.backup");
    try (var store = OpenedStore.open(config, Instant.now())) {
      MadeBackups.make(
          new Backup(store.database().source(), store.client(), store.vault()),
          file,
          Instant.now());
    }
    for (var lost : List.of("postern.mv.db", "postern.trace.db")) {
      Files.deleteIfExists(folder.resolve("bridge").resolve(lost));
    }
    try (var files = Files.walk(folder.resolve("bridge").resolve("captured"))) {
      for (var captured : files.filter(Files::isRegularFile).toList()) {
        Files.delete(captured);
      }
    }
    try (var store = OpenedStore.openForRestore(config, Instant.now());
        var in = new DataInputStream(Files.newInputStream(file))) {
      var header = BackupHeader.read(in);
      var master = VaultFile.key((VaultSettings.KeyFile) config.vault());
      var restore = new Restore(store.client());
      restore.begin();
      assertThat(restore.run(in, header, header.openByMaster(master)).inboxes()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void attachmentsRepliesAndReactionsOfTheOfficialClientBecomeMail(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(alice, "Hello", "Hi");
      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);
      await().atMost(PATIENCE).until(() -> synced(alice, dm).size() == 1);
      var hi =
          alice.messages(dm).stream()
              .filter(m -> m.path("contentType").asText().startsWith("xmtp.org/text:"))
              .findFirst()
              .orElseThrow();

      alice.attachment(dm, "map.png", "image/png", "iVBORw0KGgo=");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
      alice.reply(dm, hi, "A reply.");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 2);
      alice.reaction(dm, hi, "👍");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 3);

      var captured = bridge.captured();
      assertThat(captured.get(0).attachments().get(0).filename()).isEqualTo("map.png");
      assertThat(captured.get(1).inReplyTo().get(0).value()).isEqualTo("<m1@example.org>");
      assertThat(text(captured.get(1))).startsWith("A reply.");
      assertThat(captured.get(2).reaction().orElseThrow().emoji()).containsExactly("👍");
    }
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void twoHundredMessagesEachWayArriveInOrder(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(alice, "Many", "mail 0");
      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);
      // In another conversation: two who answer each other so fast are held (docs/adr/0007).
      var carla = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(carla, "More", "go on");
      await().atMost(PATIENCE).until(() -> hasDm(carla));
      var toBob = dm(carla);
      await().atMost(PATIENCE).until(() -> synced(carla, toBob).size() == 1);

      var sent = new ArrayList<CompletableFuture<?>>();
      for (int i = 1; i < MANY; i++) {
        bobWrites(alice, "Re: Many", "mail " + i);
        sent.add(carla.textLater(toBob, "message " + i));
      }
      for (var each : sent) {
        each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }

      var expected = IntStream.range(0, MANY).mapToObj(i -> "mail " + i).toList();
      await().atMost(PATIENCE).until(() -> mailTexts(synced(alice, dm)).size() == expected.size());
      assertThat(mailTexts(synced(alice, dm))).isEqualTo(expected);
      var messages = IntStream.range(1, MANY).mapToObj(i -> "message " + i).toList();
      await().atMost(PATIENCE).until(() -> mailedLines().size() >= messages.size());
      assertThat(mailedLines()).isEqualTo(messages);
    }
  }

  private static List<String> mailTexts(List<String> texts) {
    return texts.stream()
        .filter(text -> text.matches("(?s).*mail \\d+"))
        .map(text -> text.substring(text.lastIndexOf("mail ")))
        .toList();
  }

  private List<String> mailedLines() throws Exception {
    var lines = new ArrayList<String>();
    for (var mail : bridge.captured()) {
      Arrays.stream(text(mail).split("\n"))
          .map(String::strip)
          .filter(line -> line.startsWith("message "))
          .forEach(lines::add);
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void aSecondDeviceIsLetInAndARevokedOneIsShutOut(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var phone = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(phone, "Devices", "one");
      await().atMost(PATIENCE).until(() -> hasDm(phone));
      var dm = dm(phone);

      var laptop = PeerClient.create(peer, PeerClient.Options.at(url).withKey(phone.key()));
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                bobWrites(phone, "Re: Devices", "two");
                return hasDm(laptop);
              });
      await().atMost(PATIENCE).until(() -> synced(laptop, dm).contains("two"));
      laptop.call("revokeOthers", Map.of());
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                bobWrites(phone, "Re: Devices", "three");
                return synced(laptop, dm).contains("three") && leaves(laptop, dm) == 2;
              });
      laptop.text(dm, "from the laptop");

      await()
          .atMost(PATIENCE)
          .until(() -> bridge.captured().stream().anyMatch(m -> text(m).contains("laptop")));
    }
  }

  private static int leaves(PeerClient client, String dm) throws PeerException {
    int installations = 0;
    for (var member : client.call("members", Map.of("conversation", dm))) {
      installations += member.path("installationIds").size();
    }
    return installations;
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void theOfficialClientMakesTheDmFirst(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      var carol = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(carol, "Hello", "Bob exists now");
      await().atMost(PATIENCE).until(() -> hasDm(carol));
      var bob = carol.call("list", Map.of()).get(0).path("peerInboxId").asText();

      var dm = alice.dm(bob);
      alice.text(dm, "may I?");
      await().atMost(PATIENCE).until(() -> bridge.status().contains("withheld"));
      bobWrites(alice, "Hello", "You may.");
      await()
          .atMost(PATIENCE)
          .until(() -> all(alice).stream().anyMatch(t -> t.endsWith("You may.")));
      alice.text(dm(alice), "Thank you.");

      await()
          .atMost(PATIENCE)
          .until(() -> bridge.captured().stream().anyMatch(m -> text(m).equals("Thank you.")));
      // Nobody may cause mail to a person who never wrote to them.
      assertThat(bridge.captured()).noneMatch(mail -> text(mail).equals("may I?"));
    }
  }

  /** All texts in all of a client's groups with anybody. */
  private static List<String> all(PeerClient client) throws PeerException {
    client.syncAll();
    var texts = new ArrayList<String>();
    for (var conversation : client.call("list", Map.of())) {
      texts.addAll(synced(client, conversation.path("id").asText()));
    }
    return texts;
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void bothMakeTheDmAtOnce(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      var carol = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(carol, "Hello", "Bob exists now");
      await().atMost(PATIENCE).until(() -> hasDm(carol));
      var bob = carol.call("list", Map.of()).get(0).path("peerInboxId").asText();

      var making = alice.send("newDm", Map.of("inboxId", bob));
      bobWrites(alice, "At once", "from Bob");
      var dm = peer.await(making).path("id").asText();
      await()
          .atMost(PATIENCE)
          .until(() -> all(alice).stream().anyMatch(t -> t.endsWith("from Bob")));
      alice.text(dm, "from Alice");

      await()
          .atMost(PATIENCE)
          .until(() -> bridge.captured().stream().anyMatch(m -> text(m).equals("from Alice")));
    }
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void postsGoOnWhenTheDaemonIsStartedAnew(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(alice, "Restart", "before");
      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);

      var sent = new ArrayList<CompletableFuture<?>>();
      for (int i = 1; i <= 20; i++) {
        sent.add(alice.textLater(dm, "message " + i));
        if (i == 10) {
          bridge.close();
        }
      }
      for (var each : sent) {
        each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      bridge = TestBridge.open(folder.resolve("bridge"), url);
      bobWrites(alice, "Re: Restart", "after");

      var expected = IntStream.rangeClosed(1, 20).mapToObj(i -> "message " + i).toList();
      await().atMost(PATIENCE).until(() -> mailedLines().size() >= expected.size());
      assertThat(mailedLines()).isEqualTo(expected);
      await().atMost(PATIENCE).until(() -> synced(alice, dm).contains("after"));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Sdk.class, names = "V6_1")
  void mailWaitsWhileTheNodeIsDownForAMinute(Sdk sdk) throws Exception {
    try (var peer = Peer.start(sdk)) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url));
      bobWrites(alice, "Down", "mail 0");
      await().atMost(PATIENCE).until(() -> hasDm(alice));
      var dm = dm(alice);
      int port = node.port();

      node.close();
      for (int i = 1; i <= 5; i++) {
        assertThat(bobWrites(alice, "Re: Down", "mail " + i))
            .isInstanceOf(Delivery.Delivered.class);
      }
      var until = Instant.now().plus(NODE_DOWN);
      await().atMost(NODE_DOWN.plusSeconds(30)).until(() -> Instant.now().isAfter(until));
      node = LocalNode.open(settings(port));

      await().atMost(PATIENCE).until(() -> mailTexts(synced(alice, dm)).size() == 6);
      assertThat(mailTexts(synced(alice, dm)))
          .containsExactly("mail 0", "mail 1", "mail 2", "mail 3", "mail 4", "mail 5");
      alice.text(dm, "message after");
      await().atMost(PATIENCE).until(() -> mailedLines().contains("message after"));
    }
  }
}
