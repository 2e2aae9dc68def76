package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavePartTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString OTHER = MlsOctets.groupId(2);

  @TempDir Path folder;
  private NodeDatabase database;
  private EnvelopeLog<GroupMessage> groups;
  private WavePart<GroupMessage> part;

  @BeforeEach
  void open() throws Exception {
    database = NodeDatabase.open(folder, Clock.systemUTC());
    groups = new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
    part =
        new WavePart<>(
            new TopicSide<>(
                TopicKind.GROUP,
                groups,
                SubscribeResponse.V1.Messages.Builder::addGroupMessages,
                arrived -> {}),
            true);
    part.add(GROUP, 0);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void endsThoughItsWholeHistoryIsDeletedWhileItIsRead() {
    append(List.of(arrival(GROUP, false, 1), arrival(GROUP, false, 2), arrival(OTHER, false, 3)));
    assertThat(readIds()).isEmpty(); // so far it knows the ids only
    prune();

    assertThat(readIds()).isEmpty();
    assertThat(part.isRead()).isTrue();
  }

  @Test
  void goesOnBehindACutThoughAPartIsDeletedWhileItIsRead() {
    var half = (int) EnvelopeLog.MAX_PAGE_BYTES / 2;
    append(
        List.of(
            arrival(GROUP, false, 1), arrival(GROUP, true, half), arrival(GROUP, true, half + 1)));
    assertThat(readIds()).isEmpty();
    prune();

    assertThat(readIds()).containsExactly(2L);
    assertThat(part.isRead()).isFalse();
    assertThat(readIds()).containsExactly(3L);
    assertThat(part.isRead()).isTrue();
  }

  private List<Long> readIds() {
    return part.readPage().getGroupMessagesList().stream()
        .map(message -> message.getV1().getId())
        .toList();
  }

  private void prune() {
    groups.prune(Change.GROUP_PRUNED, 0, Long.MAX_VALUE);
  }

  private void append(List<Arrival<GroupMessage>> arrivals) {
    groups.append(arrivals).join();
  }

  private static Arrival<GroupMessage> arrival(ByteString topic, boolean isCommit, int size) {
    return new Arrival<>(
        topic,
        Optional.of(Arrival.digest(topic, ByteString.copyFromUtf8("message of " + size))),
        isCommit,
        size,
        (id, createdNs) -> {
          var message = GroupMessage.newBuilder();
          message.getV1Builder().setId(id).setSenderHmac(ByteString.copyFrom(new byte[size]));
          return message.build();
        });
  }
}
