package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.proto.associations.RecoverableEd25519Signature;
import io.postern.xmtp.proto.mls.CommitLogEntry;
import io.postern.xmtp.proto.mls.api.BatchPublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.BatchQueryCommitLogRequest;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.PublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.QueryCommitLogRequest;
import io.postern.xmtp.proto.mls.api.QueryCommitLogResponse;
import io.postern.xmtp.proto.mls.api.SortDirection;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without these methods every client would ask twice a second, for good (N-22). */
class CommitLogTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString OTHER = MlsOctets.groupId(2);

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
  void keepsAllEntriesOfAGroupInOrderDuplicatesIncluded() {
    publish(entry(GROUP, "a"), entry(OTHER, "b"), entry(GROUP, "a"));

    var response = query(GROUP, 0);

    assertThat(response.getGroupId()).isEqualTo(GROUP);
    assertThat(response.getCommitLogEntriesList())
        .extracting(CommitLogEntry::getSequenceId)
        .containsExactly(1L, 3L);
    assertThat(response.getCommitLogEntries(0).getSerializedCommitLogEntry())
        .isEqualTo(ByteString.copyFromUtf8("a"));
    assertThat(response.getCommitLogEntries(0).getSignature())
        .isEqualTo(entry(GROUP, "a").getSignature());
    assertThat(response.getPagingInfo().getIdCursor()).isZero();
    assertThat(query(GROUP, 1).getCommitLogEntriesList())
        .extracting(CommitLogEntry::getSequenceId)
        .containsExactly(3L);
  }

  @Test
  void answersEachQueryInItsPlace() {
    publish(entry(GROUP, "a"));

    var responses =
        node.mls()
            .batchQueryCommitLog(
                BatchQueryCommitLogRequest.newBuilder()
                    .addRequests(QueryCommitLogRequest.newBuilder().setGroupId(OTHER))
                    .addRequests(QueryCommitLogRequest.newBuilder().setGroupId(GROUP))
                    .build())
            .getResponsesList();

    assertThat(responses)
        .extracting(QueryCommitLogResponse::getGroupId)
        .containsExactly(OTHER, GROUP);
    assertThat(responses)
        .extracting(QueryCommitLogResponse::getCommitLogEntriesCount)
        .containsExactly(0, 1);
  }

  @Test
  void refusesTooFewAndTooMany() {
    assertRefused(() -> publish(), Status.Code.INVALID_ARGUMENT, "1 to 10");
    assertRefused(() -> publish(entries(11)), Status.Code.INVALID_ARGUMENT, "1 to 10");
    publish(entries(10));
    assertRefused(
        () -> node.mls().batchQueryCommitLog(BatchQueryCommitLogRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "1 to 20");
    assertRefused(
        () ->
            node.mls()
                .batchQueryCommitLog(
                    BatchQueryCommitLogRequest.newBuilder()
                        .addAllRequests(
                            IntStream.range(0, 21)
                                .mapToObj(
                                    i ->
                                        QueryCommitLogRequest.newBuilder()
                                            .setGroupId(GROUP)
                                            .build())
                                .toList())
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "1 to 20");
  }

  @Test
  void refusesEntriesThatLackAPart() {
    for (var entry :
        List.of(
            entry(GROUP, "a").toBuilder().clearGroupId().build(),
            entry(GROUP, "a").toBuilder().clearSerializedCommitLogEntry().build(),
            entry(GROUP, "a").toBuilder().clearSignature().build())) {
      assertRefused(() -> publish(entry(GROUP, "good"), entry), Status.Code.INVALID_ARGUMENT, "");
    }

    assertThat(query(GROUP, 0).getCommitLogEntriesList()).isEmpty();
  }

  @Test
  void isReadForwardsOnly() {
    var descending = PagingInfo.newBuilder().setDirection(SortDirection.SORT_DIRECTION_DESCENDING);

    assertRefused(
        () ->
            node.mls()
                .batchQueryCommitLog(
                    BatchQueryCommitLogRequest.newBuilder()
                        .addRequests(
                            QueryCommitLogRequest.newBuilder()
                                .setGroupId(GROUP)
                                .setPagingInfo(descending))
                        .build()),
        Status.Code.INTERNAL,
        "ascending");
  }

  private void publish(PublishCommitLogRequest... entries) {
    node.mls()
        .batchPublishCommitLog(
            BatchPublishCommitLogRequest.newBuilder().addAllRequests(List.of(entries)).build());
  }

  private QueryCommitLogResponse query(ByteString groupId, long cursor) {
    return node.mls()
        .batchQueryCommitLog(
            BatchQueryCommitLogRequest.newBuilder()
                .addRequests(
                    QueryCommitLogRequest.newBuilder()
                        .setGroupId(groupId)
                        .setPagingInfo(RunningNode.ascending(cursor)))
                .build())
        .getResponses(0);
  }

  private static PublishCommitLogRequest[] entries(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> entry(GROUP, "e" + i))
        .toArray(PublishCommitLogRequest[]::new);
  }

  private static PublishCommitLogRequest entry(ByteString groupId, String text) {
    return PublishCommitLogRequest.newBuilder()
        .setGroupId(groupId)
        .setSerializedCommitLogEntry(ByteString.copyFromUtf8(text))
        .setSignature(
            RecoverableEd25519Signature.newBuilder().setBytes(ByteString.copyFromUtf8("signature")))
        .build();
  }
}
