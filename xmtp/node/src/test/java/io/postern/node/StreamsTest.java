package io.postern.node;

import static io.postern.node.WelcomeMessagesTest.v1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest.Filter;
import io.postern.xmtp.proto.mls.api.SubscribeWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamsTest {
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
  void headersComeBeforeAnyMessage() throws Exception { // N-10
    try (var groups = groups(filter(GROUP, 0));
        var none = groups();
        var welcomes = welcomes(PHONE, 0)) {
      groups.awaitHeaders();
      none.awaitHeaders();
      welcomes.awaitHeaders();

      assertThat(groups.isEmpty() && none.isEmpty() && welcomes.isEmpty()).isTrue();
    }
  }

  @Test
  void historyAboveTheCursorComesFirstThenWhatArrives() throws Exception { // N-21
    node.send(messages(GROUP, 250));
    try (var stream = groups(filter(GROUP, 20))) {
      var history = stream.next(230);
      node.send(MlsOctets.application(GROUP, "live"));
      var live = stream.next();

      assertThat(history)
          .extracting(StreamsTest::id)
          .isEqualTo(LongStream.rangeClosed(21, 250).boxed().toList());
      assertThat(live.getV1()).isEqualTo(node.query(GROUP, 250).get(0));
    }
  }

  @Test
  void aCursorOfZeroMeansFromTheBeginning() throws Exception {
    node.send(messages(GROUP, 3));
    try (var stream = groups(filter(GROUP, 0))) {
      assertThat(stream.next(3)).extracting(StreamsTest::id).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void theCursorHoldsForHistoryOnly() throws Exception {
    try (var stream = groups(filter(GROUP, 1_000_000))) {
      stream.awaitHeaders();

      node.send(MlsOctets.application(GROUP, "live"));

      assertThat(id(stream.next())).isEqualTo(1);
    }
  }

  @Test
  void nothingIsSkippedNorSentTwiceWhileMessagesArriveDuringHistory() throws Exception {
    node.send(messages(GROUP, 500));
    var writer =
        new Thread(
            () -> {
              for (var i = 0; i < 500; i++) {
                node.send(MlsOctets.application(i % 2 == 0 ? GROUP : OTHER, "live " + i));
              }
            });
    writer.start();

    try (var stream = groups(filter(GROUP, 0), filter(OTHER, 0))) {
      var all = stream.next(1_000);
      writer.join();

      assertThat(all.stream().filter(message -> message.getV1().getGroupId().equals(GROUP)))
          .hasSize(750)
          .extracting(StreamsTest::id)
          .isSorted()
          .doesNotHaveDuplicates();
      assertThat(all.stream().filter(message -> message.getV1().getGroupId().equals(OTHER)))
          .hasSize(250)
          .extracting(StreamsTest::id)
          .isSorted()
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aTopicThatWasNotAskedForIsNotSent() throws Exception {
    try (var stream = groups(filter(GROUP, 0))) {
      stream.awaitHeaders();

      node.send(
          MlsOctets.application(OTHER, "not for you"), MlsOctets.application(GROUP, "for you"));

      assertThat(stream.next().getV1().getGroupId()).isEqualTo(GROUP);
    }
  }

  @Test
  void thousandsOfTopicsGoIntoOneStream() throws Exception {
    var filters =
        IntStream.range(0, 5_000)
            .mapToObj(i -> filter(MlsOctets.groupId(i), 0))
            .toArray(Filter[]::new);
    node.send(MlsOctets.application(MlsOctets.groupId(4_321), "history"));
    try (var stream = groups(filters)) {
      assertThat(id(stream.next())).isEqualTo(1);

      node.send(MlsOctets.application(MlsOctets.groupId(1_234), "live"));

      assertThat(stream.next().getV1().getGroupId()).isEqualTo(MlsOctets.groupId(1_234));
    }
  }

  @Test
  void welcomesOfBothKindsAreStreamed() throws Exception {
    node.welcome(v1(PHONE, "history"), v1(MlsOctets.installationKey(2), "another's"));
    try (var stream = welcomes(PHONE, 0)) {
      var history = stream.next();
      node.welcome(v1(PHONE, "live"));

      assertThat(List.of(history, stream.next())).isEqualTo(node.queryWelcomes(PHONE, 0));
    }
  }

  @Test
  void aWelcomeStreamNeedsInstallations() throws Exception {
    try (var none = welcomes(SubscribeWelcomeMessagesRequest.getDefaultInstance());
        var empty = welcomes(ByteString.EMPTY, 0)) {
      assertThat(none.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(empty.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void aClientThatFallsBehindIsCutOff() throws Exception {
    try (var slow =
            StreamReader.open(
                node,
                MlsApiGrpc.getSubscribeGroupMessagesMethod(),
                SubscribeGroupMessagesRequest.newBuilder().addFilters(filter(GROUP, 0)).build(),
                1);
        var quick = groups(filter(GROUP, 0))) {
      node.send(MlsOctets.application(GROUP, "the slow one takes this"));
      slow.next();
      // More than flow control holds on the way, and more than 1,024 behind that.
      var sent = 0;
      for (var i = 0; i < 30; i++) {
        var batch = new ArrayList<ByteString>();
        for (var k = 0; k < 100; k++) {
          batch.add(MlsOctets.privateMessage(GROUP, MlsOctets.APPLICATION, filled(4_000, ++sent)));
        }
        node.send(batch.toArray(ByteString[]::new));
        quick.next(100);
      }
      slow.request(Integer.MAX_VALUE);

      assertThat(slow.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
      assertThat(id(quick.next())).as("the other stream goes on").isEqualTo(3_001);
    }
  }

  @Test
  void aSlowReaderOfHistoryIsNotCutOff() throws Exception {
    node.send(messages(GROUP, 2_000));
    try (var slow =
        StreamReader.open(
            node,
            MlsApiGrpc.getSubscribeGroupMessagesMethod(),
            SubscribeGroupMessagesRequest.newBuilder().addFilters(filter(GROUP, 0)).build(),
            1)) {
      slow.next();
      for (var i = 0; i < 15; i++) {
        node.send(messages(GROUP, 2_000 + 100 * i, 100));
      }
      slow.request(Integer.MAX_VALUE);

      assertThat(slow.next(3_499))
          .extracting(StreamsTest::id)
          .isEqualTo(LongStream.rangeClosed(2, 3_500).boxed().toList());
    }
  }

  @Test
  void streamsEndWhenTheNodeStops() throws Exception {
    try (var groups = groups(filter(GROUP, 0));
        var welcomes = welcomes(PHONE, 0)) {
      groups.awaitHeaders();
      welcomes.awaitHeaders();

      node.node().close();

      assertThat(groups.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(welcomes.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void aStreamThatIsCancelledIsForgotten() throws Exception {
    var database = NodeDatabase.open(folder.resolve("own"), Clock.systemUTC());
    var feeds =
        new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database).feeds();
    LiveFeed<GroupMessage> feed = entry -> {};

    feeds.add(feed, List.of(GROUP, OTHER));
    feeds.add(feed, List.of(GROUP));
    feeds.remove(feed, List.of(GROUP, OTHER));

    assertThat(feeds.topics()).isZero();
    database.close();
  }

  private static ByteString filled(int size, int number) {
    return ByteString.copyFrom(ByteBuffer.allocate(size).putInt(number).array());
  }

  private static ByteString[] messages(ByteString groupId, int count) {
    return messages(groupId, 0, count);
  }

  private static ByteString[] messages(ByteString groupId, int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> MlsOctets.application(groupId, "m" + i))
        .toArray(ByteString[]::new);
  }

  private static Filter filter(ByteString groupId, long cursor) {
    return Filter.newBuilder().setGroupId(groupId).setIdCursor(cursor).build();
  }

  private StreamReader<SubscribeGroupMessagesRequest, GroupMessage> groups(Filter... filters) {
    return StreamReader.open(
        node,
        MlsApiGrpc.getSubscribeGroupMessagesMethod(),
        SubscribeGroupMessagesRequest.newBuilder().addAllFilters(List.of(filters)).build());
  }

  private StreamReader<SubscribeWelcomeMessagesRequest, WelcomeMessage> welcomes(
      ByteString key, long cursor) {
    return welcomes(
        SubscribeWelcomeMessagesRequest.newBuilder()
            .addFilters(
                SubscribeWelcomeMessagesRequest.Filter.newBuilder()
                    .setInstallationKey(key)
                    .setIdCursor(cursor))
            .build());
  }

  private StreamReader<SubscribeWelcomeMessagesRequest, WelcomeMessage> welcomes(
      SubscribeWelcomeMessagesRequest request) {
    return StreamReader.open(node, MlsApiGrpc.getSubscribeWelcomeMessagesMethod(), request);
  }

  private static long id(GroupMessage message) {
    return message.getV1().getId();
  }
}
