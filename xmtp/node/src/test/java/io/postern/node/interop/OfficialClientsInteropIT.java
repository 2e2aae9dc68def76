package io.postern.node.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Unmodified official clients, old and new, chat with each other over our node. */
class OfficialClientsInteropIT {
  private static final int MANY = 200;

  @TempDir static Path folder;

  private static LocalNode node;
  private static final Map<Sdk, Peer> peers = new EnumMap<>(Sdk.class);

  static Stream<Arguments> pairs() {
    return Stream.of(Sdk.values())
        .flatMap(first -> Stream.of(Sdk.values()).map(second -> Arguments.of(first, second)));
  }

  @BeforeAll
  static void start() throws Exception {
    for (var sdk : Sdk.values()) {
      peers.put(sdk, Peer.start(sdk));
    }
    node = open(0);
  }

  @AfterAll
  static void stop() {
    peers.values().forEach(Peer::close);
    if (node != null) {
      node.close();
    }
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void aDmGoesBothWays(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var bob = client(second);
    assertThat(alice.canMessage(bob.address())).isTrue();
    assertThat(alice.canMessage("0x0000000000000000000000000000000000000001")).isFalse();
    var dm = alice.dm(bob.inboxId());

    alice.text(dm, "hello Bob");
    bob.syncAll();
    bob.text(dm, "hello Alice");
    alice.sync(dm);

    assertThat(bob.texts(dm)).containsExactly("hello Bob", "hello Alice");
    assertThat(alice.texts(dm)).containsExactly("hello Bob", "hello Alice");
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void aGroupOfThreeAddsAndRemovesMembers(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var bob = client(second);
    var carol = client(first);
    var dave = client(second);

    var group = alice.group("Team", List.of(bob.inboxId(), carol.inboxId()));
    alice.text(group, "one");
    bob.syncAll();
    carol.syncAll();
    bob.text(group, "two");
    alice.addMembers(group, List.of(dave.inboxId()));
    alice.text(group, "three");
    dave.syncAll();
    dave.text(group, "four");
    alice.sync(group);
    alice.removeMembers(group, List.of(bob.inboxId()));
    alice.text(group, "five");
    bob.sync(group);
    carol.sync(group);
    dave.sync(group);

    assertThat(carol.texts(group)).containsExactly("one", "two", "three", "four", "five");
    assertThat(dave.texts(group)).containsExactly("three", "four", "five");
    assertThat(bob.texts(group)).containsExactly("one", "two", "three", "four");
    assertThat(carol.members(group))
        .containsExactlyInAnyOrder(alice.inboxId(), carol.inboxId(), dave.inboxId());
    assertThatThrownBy(() -> bob.text(group, "let me in")).isInstanceOf(PeerException.class);
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void aSecondInstallationTakesPart(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var phone = client(second);
    var laptop =
        PeerClient.create(peers.get(first), PeerClient.Options.at(url()).withKey(phone.key()));

    var dm = alice.dm(phone.inboxId());
    alice.text(dm, "to both of you");
    phone.syncAll();
    laptop.syncAll();
    laptop.text(dm, "from the laptop");
    phone.sync(dm);
    alice.sync(dm);

    assertThat(laptop.inboxId()).isEqualTo(phone.inboxId());
    assertThat(laptop.installationId()).isNotEqualTo(phone.installationId());
    assertThat(phone.texts(dm)).containsExactly("to both of you", "from the laptop");
    assertThat(alice.texts(dm)).containsExactly("to both of you", "from the laptop");
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void anInstallationThatIsRevokedHearsNoMore(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var phone = client(second);
    var laptop =
        PeerClient.create(peers.get(second), PeerClient.Options.at(url()).withKey(phone.key()));
    var dm = alice.dm(phone.inboxId());
    alice.text(dm, "before");
    laptop.syncAll();

    phone.call("revokeOthers", Map.of());
    alice.call("inboxState", Map.of("inboxIds", List.of(phone.inboxId()), "refresh", true));
    var after = client(first).dm(phone.inboxId());
    phone.syncAll();
    laptop.syncAll();

    assertThat(phone.call("installations", Map.of("refresh", true))).hasSize(1);
    assertThat(phone.call("list", Map.of())).hasSize(2);
    assertThat(laptop.call("list", Map.of()))
        .hasSize(1)
        .noneMatch(each -> each.path("id").asText().equals(after));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void repliesReactionsAndAttachmentsArrive(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var bob = client(second);
    var dm = alice.dm(bob.inboxId());
    alice.text(dm, "who comes?");
    bob.syncAll();
    var question =
        bob.messages(dm).stream()
            .filter(OfficialClientsInteropIT::isText)
            .findFirst()
            .orElseThrow();
    var file =
        Base64.getEncoder()
            .encodeToString("a file of ours".repeat(1_000).getBytes(StandardCharsets.UTF_8));

    bob.reply(dm, question, "I do");
    bob.reaction(dm, question, "👍");
    bob.attachment(dm, "plan.txt", "text/plain", file);
    alice.sync(dm);

    var received = alice.messages(dm);
    assertThat(received)
        .filteredOn(message -> message.path("contentType").asText().startsWith("xmtp.org/reply:"))
        .singleElement()
        .matches(reply -> reply.path("content").path("content").asText().equals("I do"));
    assertThat(received).filteredOn(message -> hasReaction(message, "👍")).isNotEmpty();
    assertThat(received)
        .filteredOn(
            message -> message.path("contentType").asText().startsWith("xmtp.org/attachment:"))
        .singleElement()
        .matches(
            attachment -> attachment.path("content").findValuesAsText("b64").equals(List.of(file)));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void streamsCarryManyMessagesBothWaysInOrder(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var bob = client(second);
    var dm = alice.dm(bob.inboxId());
    bob.syncAll();
    alice.text(dm, "start");
    bob.text(dm, "start");
    alice.sync(dm);
    bob.sync(dm);
    var toAlice = alice.streamAll();
    var toBob = bob.streamAll();

    var sent = new ArrayList<CompletableFuture<JsonNode>>();
    for (var i = 0; i < MANY; i++) {
      sent.add(alice.textLater(dm, "a" + i));
      sent.add(bob.textLater(dm, "b" + i));
    }
    var heardByBob = textsFrom(bob, toBob, alice.inboxId());
    var heardByAlice = textsFrom(alice, toAlice, bob.inboxId());
    for (var answer : sent) {
      alice.peer().await(answer);
    }
    alice.sync(dm);
    bob.sync(dm);
    alice.endStream(toAlice);
    bob.endStream(toBob);

    var fromAlice = IntStream.range(0, MANY).mapToObj(i -> "a" + i).toList();
    var fromBob = IntStream.range(0, MANY).mapToObj(i -> "b" + i).toList();
    assertThat(heardByBob).isEqualTo(fromAlice);
    assertThat(heardByAlice).isEqualTo(fromBob);
    assertThat(alice.texts(dm))
        .hasSize(2 * MANY + 2)
        .containsSubsequence(fromAlice)
        .containsSubsequence(fromBob);
    assertThat(bob.texts(dm))
        .hasSize(2 * MANY + 2)
        .containsSubsequence(fromAlice)
        .containsSubsequence(fromBob);
  }

  @ParameterizedTest(name = "{0} and {1}")
  @MethodSource("pairs")
  void clientsGoOnWhenTheNodeHasRestarted(Sdk first, Sdk second) throws Exception {
    var alice = client(first);
    var bob = client(second);
    var dm = alice.dm(bob.inboxId());
    alice.text(dm, "before");
    var stream = bob.streamAll();

    var port = node.port();
    node.close();
    bob.peer()
        .event(
            event ->
                event.path("stream").asText().equals(stream)
                    && event.path("event").asText().startsWith("stream"));
    node = open(port);
    alice.text(dm, "after");
    bob.syncAll();
    var again = bob.streamAll();
    alice.text(dm, "and on");

    assertThat(bob.nextText(again).path("content").asText()).isEqualTo("and on");
    assertThat(bob.texts(dm)).containsExactly("before", "after", "and on");
    bob.endStream(again);
  }

  @Test
  void theNewerClientStreamsOverTheBidirectionalCall() throws Exception {
    try (var peer = Peer.start(Sdk.V6_1, Map.of("XMTP_BIDI_STREAMS_ENABLED", "1"))) {
      var alice = PeerClient.create(peer, PeerClient.Options.at(url()));
      var bob = client(Sdk.V4_6);
      var first = bob.dm(alice.inboxId());
      bob.text(first, "history");
      alice.syncAll();
      var stream = alice.streamAll();

      bob.text(first, "in a conversation that was there");
      var group = bob.group("new", List.of(alice.inboxId()));
      bob.text(group, "in a conversation that came while streaming");

      assertThat(List.of(alice.nextText(stream), alice.nextText(stream)))
          .extracting(message -> message.path("content").asText())
          .containsExactlyInAnyOrder(
              "in a conversation that was there", "in a conversation that came while streaming");
      alice.endStream(stream);
    }
  }

  private static LocalNode open(int port) throws Exception {
    return LocalNode.open(
        NodeSettings.of(new InetSocketAddress("127.0.0.1", port), folder.resolve("node")));
  }

  private static String url() {
    return "http://127.0.0.1:" + node.port();
  }

  private static PeerClient client(Sdk sdk) throws PeerException {
    return PeerClient.create(peers.get(sdk), PeerClient.Options.at(url()));
  }

  private static List<String> textsFrom(PeerClient reader, String stream, String senderInboxId)
      throws PeerException {
    var texts = new ArrayList<String>();
    while (texts.size() < MANY) {
      var message = reader.nextText(stream);
      if (message.path("senderInboxId").asText().equals(senderInboxId)) {
        texts.add(message.path("content").asText());
      }
    }
    return texts;
  }

  private static boolean isText(JsonNode message) {
    return message.path("contentType").asText().startsWith("xmtp.org/text:");
  }

  /**
   * The older client has reactions as messages of their own, the newer folds them into their
   * target. The older one does not understand the newer reaction (2.0) and shows its fallback,
   * which has the emoji too.
   */
  private static boolean hasReaction(JsonNode message, String emoji) {
    return message.path("contentType").asText().startsWith("xmtp.org/reaction:")
            && (message.path("content").toString() + message.path("fallback")).contains(emoji)
        || message.path("reactions").toString().contains(emoji);
  }
}
