package io.postern.node;

import static io.postern.node.WelcomeMessagesTest.v1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.Ping;
import io.postern.xmtp.proto.mls.api.Pong;
import io.postern.xmtp.proto.mls.api.SubscribeRequest;
import io.postern.xmtp.proto.mls.api.SubscribeRequest.V1.Mutate;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import io.postern.xmtp.proto.mls.api.SubscribeResponse.V1.ResponseCase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bidirectional Subscribe (XIP-83). */
class TopicStreamTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString OTHER = MlsOctets.groupId(2);
  private static final ByteString PHONE = MlsOctets.installationKey(1);

  @TempDir Path folder;
  private RunningNode node;

  @BeforeEach
  void open() throws Exception {
    node = RunningNode.open(folder);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void saysFirstHowOftenItWantsASignOfLife() throws Exception {
    try (var stream = stream()) {
      var started = stream.next().getV1().getStarted();

      assertThat(started.getKeepaliveIntervalMs()).isEqualTo(30_000);
      assertThat(started.getCapabilitiesList()).isEmpty();
    }
  }

  @Test
  void aWaveIsHistoryThenLiveThenComplete() throws Exception {
    node.send(messages(GROUP, 250));
    node.welcome(v1(PHONE, "one"), v1(PHONE, "two"));
    try (var stream = started()) {
      stream.send(mutate(7, add(GROUP, 10), add(welcomes(PHONE), 1)));

      var wave = until(stream, ResponseCase.TOPICS_LIVE);
      var live = wave.remove(wave.size() - 1).getTopicsLive();
      assertThat(wave).allMatch(frame -> frame.getMessages().getMutateId() == 7);
      assertThat(groupIds(wave)).isEqualTo(LongStream.rangeClosed(11, 250).boxed().toList());
      assertThat(welcomeIds(wave)).containsExactly(2L);
      assertThat(live.getTopicsList()).containsExactlyInAnyOrder(topic(GROUP), welcomes(PHONE));
      assertThat(stream.next().getV1().getCatchupComplete().getMutateId()).isEqualTo(7);
    }
  }

  @Test
  void historyOfSeveralTopicsComesInTheOrderOfIds() throws Exception {
    for (var i = 0; i < 150; i++) {
      node.send(MlsOctets.application(i % 3 == 0 ? GROUP : OTHER, "m" + i));
    }
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0), add(OTHER, 0)));

      assertThat(groupIds(until(stream, ResponseCase.TOPICS_LIVE)))
          .isEqualTo(LongStream.rangeClosed(1, 150).boxed().toList());
    }
  }

  @Test
  void liveMessagesHaveNoMutateId() throws Exception {
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0), add(welcomes(PHONE), 0)));
      until(stream, ResponseCase.CATCHUP_COMPLETE);

      node.send(MlsOctets.application(OTHER, "not for you"), MlsOctets.application(GROUP, "live"));
      var message = stream.next().getV1().getMessages();
      node.welcome(v1(PHONE, "live"));
      var welcome = stream.next().getV1().getMessages();

      assertThat(message.getMutateId()).isZero();
      assertThat(message.getGroupMessagesList())
          .extracting(each -> each.getV1().getId())
          .containsExactly(2L);
      assertThat(welcome.getMutateId()).isZero();
      assertThat(welcome.getWelcomeMessagesList()).hasSize(1);
    }
  }

  @Test
  void nothingIsSkippedNorSentTwiceWhileTopicsAreAdded() throws Exception {
    node.send(messages(GROUP, 300));
    var writer =
        new Thread(
            () -> {
              for (var i = 0; i < 400; i++) {
                node.send(MlsOctets.application(i % 2 == 0 ? GROUP : OTHER, "live " + i));
              }
            });
    writer.start();
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0)));
      stream.send(mutate(2, add(OTHER, 0)));

      var all = new ArrayList<Long>();
      while (all.size() < 700) {
        all.addAll(groupIds(List.of(stream.next().getV1())));
      }
      writer.join();

      assertThat(all).doesNotHaveDuplicates().hasSize(700).contains(1L, 700L);
    }
  }

  @Test
  void aTopicThatIsLiveAlreadyIsNotAddedAgain() throws Exception {
    node.send(messages(GROUP, 3));
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0)));
      until(stream, ResponseCase.CATCHUP_COMPLETE);

      stream.send(mutate(2, add(GROUP, 0)));

      assertThat(stream.next().getV1().getCatchupComplete().getMutateId()).isEqualTo(2);
    }
  }

  @Test
  void removingAndAddingATopicReplaysIt() throws Exception {
    node.send(messages(GROUP, 3));
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0)));
      until(stream, ResponseCase.CATCHUP_COMPLETE);

      stream.send(
          mutate(
              Mutate.newBuilder().setMutateId(2).addRemoves(topic(GROUP)).addAdds(add(GROUP, 1))));

      assertThat(groupIds(until(stream, ResponseCase.CATCHUP_COMPLETE))).containsExactly(2L, 3L);
    }
  }

  @Test
  void aTopicThatWasRemovedIsSilent() throws Exception {
    try (var stream = started()) {
      stream.send(mutate(1, add(GROUP, 0), add(OTHER, 0)));
      until(stream, ResponseCase.CATCHUP_COMPLETE);
      stream.send(mutate(Mutate.newBuilder().setMutateId(2).addRemoves(topic(GROUP))));
      assertThat(stream.next().getV1().getCatchupComplete().getMutateId()).isEqualTo(2);

      node.send(MlsOctets.application(GROUP, "silent"), MlsOctets.application(OTHER, "heard"));

      assertThat(groupIds(List.of(stream.next().getV1()))).containsExactly(2L);
    }
  }

  @Test
  void historyOnlyTopicsDoNotGoLive() throws Exception {
    node.send(messages(GROUP, 3));
    try (var stream = started()) {
      stream.send(
          mutate(Mutate.newBuilder().setMutateId(1).setHistoryOnly(true).addAdds(add(GROUP, 0))));
      var wave = until(stream, ResponseCase.CATCHUP_COMPLETE);
      stream.send(mutate(2, add(OTHER, 0)));
      until(stream, ResponseCase.CATCHUP_COMPLETE);

      node.send(MlsOctets.application(GROUP, "silent"), MlsOctets.application(OTHER, "heard"));

      assertThat(groupIds(wave)).containsExactly(1L, 2L, 3L);
      assertThat(wave).noneMatch(frame -> frame.hasTopicsLive());
      assertThat(groupIds(List.of(stream.next().getV1()))).containsExactly(5L);
    }
  }

  @Test
  void finishesItsWavesWhenTheClientHasNoMoreToSay() throws Exception {
    node.send(messages(GROUP, 250));
    try (var stream = started()) {
      stream.send(
          mutate(Mutate.newBuilder().setMutateId(1).setHistoryOnly(true).addAdds(add(GROUP, 0))));
      stream.halfClose();

      assertThat(groupIds(until(stream, ResponseCase.CATCHUP_COMPLETE))).hasSize(250);
      assertThat(stream.awaitEnd().isOk()).isTrue();
    }
  }

  @Test
  void answersPings() throws Exception {
    try (var stream = started()) {
      stream.send(mutate(1));
      assertThat(stream.next().getV1().getCatchupComplete().getMutateId()).isEqualTo(1);

      stream.send(
          request(SubscribeRequest.V1.newBuilder().setPing(Ping.newBuilder().setNonce(42))));

      assertThat(stream.next().getV1().getPong().getNonce()).isEqualTo(42);
    }
  }

  @Test
  void endsForAClientThatDoesNotAnswerPings() throws Exception {
    try (var quick =
            RunningNode.open(
                RunningNode.settings(folder.resolve("quick")),
                Clock.systemUTC(),
                Duration.ofMillis(50));
        var stream = StreamReader.open(quick, MlsApiGrpc.getSubscribeMethod())) {
      assertThat(stream.next().getV1().getStarted().getKeepaliveIntervalMs()).isEqualTo(50);
      stream.send(mutate(1));
      assertThat(stream.next().getV1().hasCatchupComplete()).isTrue();

      var first = stream.next().getV1().getPing();
      stream.send(
          request(
              SubscribeRequest.V1
                  .newBuilder()
                  .setPong(Pong.newBuilder().setNonce(first.getNonce()))));
      var second = stream.next().getV1().getPing();

      assertThat(second.getNonce()).isNotEqualTo(first.getNonce());
      assertThat(stream.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("no version", SubscribeRequest.getDefaultInstance()),
        Arguments.of(
            "a ping first",
            request(SubscribeRequest.V1.newBuilder().setPing(Ping.getDefaultInstance()))),
        Arguments.of("adds without a mutate id", mutate(0, add(GROUP, 0))),
        Arguments.of("a topic of another kind", mutate(1, raw(ByteString.fromHex("02ff")))),
        Arguments.of("a topic without identifier", mutate(1, raw(ByteString.fromHex("00")))),
        Arguments.of("a topic too long", mutate(1, raw(ByteString.copyFrom(new byte[129])))),
        Arguments.of(
            "an empty topic to remove",
            mutate(Mutate.newBuilder().setMutateId(1).addRemoves(ByteString.EMPTY))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void endsUpon(String mistake, SubscribeRequest request) throws Exception {
    try (var stream = started()) {
      stream.send(request);

      assertThat(stream.awaitEnd().getCode()).as(mistake).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void passesOverRequestsOfALaterProtocol() throws Exception {
    try (var stream = started()) {
      stream.send(mutate(1));
      stream.next();

      stream.send(request(SubscribeRequest.V1.newBuilder()));
      stream.send(mutate(2));

      assertThat(stream.next().getV1().getCatchupComplete().getMutateId()).isEqualTo(2);
    }
  }

  @Test
  void endsWhenTheNodeStops() throws Exception {
    try (var stream = started()) {
      node.node().close();

      assertThat(stream.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  private StreamReader<SubscribeRequest, SubscribeResponse> stream() {
    return StreamReader.open(node, MlsApiGrpc.getSubscribeMethod());
  }

  private StreamReader<SubscribeRequest, SubscribeResponse> started() throws Exception {
    var stream = stream();
    assertThat(stream.next().getV1().hasStarted()).isTrue();
    return stream;
  }

  /** The frames up to and with the first of a kind. */
  private static List<SubscribeResponse.V1> until(
      StreamReader<SubscribeRequest, SubscribeResponse> stream, ResponseCase kind)
      throws Exception {
    var frames = new ArrayList<SubscribeResponse.V1>();
    do {
      frames.add(stream.next().getV1());
    } while (frames.get(frames.size() - 1).getResponseCase() != kind);
    return frames;
  }

  private static List<Long> groupIds(List<SubscribeResponse.V1> frames) {
    return frames.stream()
        .flatMap(frame -> frame.getMessages().getGroupMessagesList().stream())
        .map(GroupMessage::getV1)
        .map(GroupMessage.V1::getId)
        .toList();
  }

  private static List<Long> welcomeIds(List<SubscribeResponse.V1> frames) {
    return frames.stream()
        .flatMap(frame -> frame.getMessages().getWelcomeMessagesList().stream())
        .map(WelcomeMessagesTest::id)
        .toList();
  }

  private static ByteString topic(ByteString groupId) {
    return ByteString.fromHex("00").concat(groupId);
  }

  private static ByteString welcomes(ByteString installationKey) {
    return ByteString.fromHex("01").concat(installationKey);
  }

  private static Mutate.Subscription add(ByteString groupIdOrTopic, long cursor) {
    var topic = groupIdOrTopic.size() == 16 ? topic(groupIdOrTopic) : groupIdOrTopic;
    return Mutate.Subscription.newBuilder().setTopic(topic).setIdCursor(cursor).build();
  }

  private static Mutate.Subscription raw(ByteString topic) {
    return Mutate.Subscription.newBuilder().setTopic(topic).build();
  }

  private static SubscribeRequest mutate(long id, Mutate.Subscription... adds) {
    return mutate(Mutate.newBuilder().setMutateId(id).addAllAdds(List.of(adds)));
  }

  private static SubscribeRequest mutate(Mutate.Builder mutate) {
    return request(SubscribeRequest.V1.newBuilder().setMutate(mutate));
  }

  private static SubscribeRequest request(SubscribeRequest.V1.Builder v1) {
    return SubscribeRequest.newBuilder().setV1(v1).build();
  }

  private static ByteString[] messages(ByteString groupId, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> MlsOctets.application(groupId, "m" + i))
        .toArray(ByteString[]::new);
  }
}
