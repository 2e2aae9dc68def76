package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeLogTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString OTHER = MlsOctets.groupId(2);
  private static final ByteString SILENT = MlsOctets.groupId(3);

  @TempDir Path folder;
  private NodeDatabase database;
  private EnvelopeLog<GroupMessage> log;

  @BeforeEach
  void open() throws Exception {
    database = NodeDatabase.open(folder, Clock.systemUTC());
    log = new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aPageIsReadAlongTheIndexHoweverLongTheTopicIs() {
    var plan =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery("EXPLAIN " + log.pageStatement())
                        .bind(0, GROUP.toByteArray())
                        .bind(1, 0L)
                        .bind(2, 100)
                        .mapTo(String.class)
                        .one());

    assertThat(plan).contains("GROUP_LOG_TOPIC").contains("index sorted");
  }

  @Test
  void tellsWhichTopicsAreAheadOfTheirCursors() {
    append(List.of(arrival(GROUP, "a", 10), arrival(OTHER, "b", 10), arrival(GROUP, "c", 10)));

    assertThat(log.behind(Map.of(GROUP, 2L, OTHER, 2L, SILENT, 0L))).containsExactly(GROUP);
    assertThat(log.behind(Map.of(GROUP, 3L, OTHER, 1L))).containsExactly(OTHER);
    assertThat(log.newest(GROUP)).map(EnvelopeLog.Newest::id).contains(3L);
    assertThat(log.newest(SILENT)).isEmpty();
  }

  @Test
  void tellsIdsOfSeveralTopicsInOneOrder() {
    append(
        List.of(
            arrival(GROUP, "a", 10),
            arrival(OTHER, "b", 10),
            arrival(GROUP, "c", 10),
            arrival(OTHER, "d", 10)));

    assertThat(log.idsAbove(Map.of(GROUP, 1L, OTHER, 0L, SILENT, 0L))).containsExactly(2L, 3L, 4L);
    assertThat(log.read(List.of(4L, 2L)).entries())
        .extracting(LogEntry::id)
        .containsExactly(2L, 4L);
    assertThat(log.read(List.of(2L, 4L)).more()).isFalse();
  }

  @Test
  void aPageEndsBeforeItIsTooLargeButHasOneEntryAtLeast() {
    var size = (int) EnvelopeLog.MAX_PAGE_BYTES / 2;
    append(List.of(arrival(GROUP, "a", size), arrival(GROUP, "b", size), arrival(GROUP, "c", 10)));
    append(
        List.of(
            arrival(OTHER, "d", (int) EnvelopeLog.MAX_PAGE_BYTES + 1), arrival(OTHER, "e", 10)));

    var first = log.query(GROUP, true, 0, 100);
    var large = log.query(OTHER, true, 0, 100);

    assertThat(first.entries()).extracting(LogEntry::id).containsExactly(1L);
    assertThat(first.more()).isTrue();
    assertThat(first.cursor()).isEqualTo(1);
    assertThat(log.query(GROUP, true, first.cursor(), 100).entries())
        .extracting(LogEntry::id)
        .containsExactly(2L, 3L);
    assertThat(large.entries()).extracting(LogEntry::id).containsExactly(4L);
    assertThat(log.read(List.of(1L, 2L, 3L)).entries()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, 5_000_000})
  void messagesOfEachSizeComeBackWhole(int size) {
    append(List.of(arrival(GROUP, "a", size)));

    var message = log.query(GROUP, true, 0, 1).entries().get(0).message();

    assertThat(message.getV1().getSenderHmac()).isEqualTo(ByteString.copyFrom(new byte[size]));
  }

  @Test
  void whoeverListensHearsInTheOrderOfIds() {
    var heard = new ArrayList<Long>();
    LiveFeed<GroupMessage> feed = entry -> heard.add(entry.id());
    log.feeds().add(feed, List.of(GROUP, OTHER));

    append(List.of(arrival(GROUP, "a", 10), arrival(SILENT, "b", 10), arrival(OTHER, "c", 10)));
    append(List.of(arrival(GROUP, "a", 10), arrival(GROUP, "d", 10)));
    log.feeds().remove(feed, List.of(GROUP));
    append(List.of(arrival(GROUP, "e", 10), arrival(OTHER, "f", 10)));

    assertThat(heard).containsExactly(1L, 3L, 4L, 6L);
  }

  private void append(List<Arrival<GroupMessage>> arrivals) {
    log.append(arrivals).join();
  }

  private static Arrival<GroupMessage> arrival(ByteString topic, String text, int size) {
    return new Arrival<>(
        topic,
        Optional.of(Arrival.digest(topic, ByteString.copyFromUtf8(text))),
        false,
        size,
        (id, createdNs) -> {
          var message = GroupMessage.newBuilder();
          message
              .getV1Builder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setSenderHmac(ByteString.copyFrom(new byte[size]));
          return message.build();
        });
  }
}
