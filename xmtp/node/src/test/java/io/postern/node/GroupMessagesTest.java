package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.postern.xmtp.proto.mls.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageResponse;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesResponse;
import io.postern.xmtp.proto.mls.api.RevokeInstallationRequest;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SortDirection;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients rely on when they send and query group messages; the rules' numbers are those of the
 * network's contract.
 */
class GroupMessagesTest {
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
  void idsStartAtOneAndRiseOverAllGroups() { // N-1
    node.send(MlsOctets.application(GROUP, "a"));
    node.send(MlsOctets.application(OTHER, "b"));
    node.send(MlsOctets.application(GROUP, "c"));

    assertThat(node.query(GROUP, 0)).extracting(GroupMessage.V1::getId).containsExactly(1L, 3L);
    assertThat(node.query(OTHER, 0)).extracting(GroupMessage.V1::getId).containsExactly(2L);
  }

  @Test
  void idsAndTimesGoOnAfterARestart() throws Exception { // N-2
    node.send(MlsOctets.application(GROUP, "a"), MlsOctets.application(GROUP, "b"));
    var before = node.query(GROUP, 0);
    node.close();

    node = RunningNode.open(folder, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    node.send(MlsOctets.application(GROUP, "c"));

    var after = node.query(GROUP, 0);
    assertThat(after).startsWith(before.toArray(GroupMessage.V1[]::new)).hasSize(3);
    assertThat(after.get(2).getId()).isEqualTo(3);
    assertThat(after.get(2).getCreatedNs()).isEqualTo(before.get(1).getCreatedNs() + 1_000);
  }

  @Test
  void timesAreUniqueAndRise() { // N-3
    var messages =
        IntStream.range(0, 300)
            .mapToObj(i -> MlsOctets.application(GROUP, "m" + i))
            .toArray(ByteString[]::new);

    node.send(messages);

    var times = new ArrayList<Long>();
    for (var cursor = 0L; times.size() < 300; cursor += 100) {
      node.query(GROUP, cursor).forEach(message -> times.add(message.getCreatedNs()));
    }
    assertThat(times).isSorted().doesNotHaveDuplicates().allMatch(time -> time % 1_000 == 0);
  }

  @Test
  void whatWasAnsweredIsReadAtOnceOnEveryConnection() throws Exception { // N-4, N-6
    var writers = new ArrayList<CompletableFuture<Void>>();
    for (var writer = 0; writer < 8; writer++) {
      var name = "w" + writer;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                for (var i = 0; i < 25; i++) {
                  var message = MlsOctets.application(GROUP, name + " " + i);
                  node.send(message);
                  assertThat(all(GROUP)).extracting(GroupMessage.V1::getData).contains(message);
                }
              }));
    }
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();

    assertThat(all(GROUP))
        .hasSize(200)
        .extracting(GroupMessage.V1::getId)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void everyFieldComesBackAsItWasSent() { // N-5, N-19
    var data = MlsOctets.application(GROUP, "octets");
    var hmac = ByteString.copyFromUtf8("thirty-two octets of a sender's h");
    var input =
        GroupMessageInput.V1.newBuilder().setData(data).setSenderHmac(hmac).setShouldPush(true);

    node.mls()
        .sendGroupMessages(
            SendGroupMessagesRequest.newBuilder()
                .addMessages(GroupMessageInput.newBuilder().setV1(input))
                .build());

    var message = node.query(GROUP, 0).get(0);
    assertThat(message.getData()).isEqualTo(data);
    assertThat(message.getSenderHmac()).isEqualTo(hmac);
    assertThat(message.getShouldPush()).isTrue();
    assertThat(message.getGroupId()).isEqualTo(GROUP);
  }

  @Test
  void sendingTwiceStoresOnce() throws Exception { // N-7
    var message = MlsOctets.application(GROUP, "again and again");
    node.send(message, message);
    node.send(message);
    node.close();
    node = RunningNode.open(folder);

    node.send(message);

    assertThat(node.query(GROUP, 0)).hasSize(1);
  }

  @Test
  void theSameContentInAnotherGroupIsAnotherMessage() {
    node.send(MlsOctets.application(GROUP, "same"), MlsOctets.application(OTHER, "same"));

    assertThat(node.query(GROUP, 0)).hasSize(1);
    assertThat(node.query(OTHER, 0)).hasSize(1);
  }

  @Test
  void commitsAreTakenWhateverTheirEpoch() { // N-8
    node.send(MlsOctets.commit(GROUP, 7), MlsOctets.commit(GROUP, 3), MlsOctets.commit(GROUP, 8));

    assertThat(node.query(GROUP, 0))
        .extracting(GroupMessage.V1::getData)
        .containsExactly(
            MlsOctets.commit(GROUP, 7), MlsOctets.commit(GROUP, 3), MlsOctets.commit(GROUP, 8));
  }

  @Test
  void aPageOfLargeMessagesCanBeDecodedByClients() { // N-9
    var large = 9 << 20;
    for (var i = 0; i < 4; i++) {
      node.send(
          MlsOctets.privateMessage(
              GROUP, MlsOctets.APPLICATION, ByteString.copyFrom(new byte[large + i])));
    }

    assertThat(node.query(GROUP, 0)).extracting(GroupMessage.V1::getId).containsExactly(1L, 2L);
    assertThat(node.query(GROUP, 2)).extracting(GroupMessage.V1::getId).containsExactly(3L, 4L);
  }

  @Test
  void aMessageThatNoClientCouldDecodeIsNotTaken() { // N-9
    var message =
        MlsOctets.privateMessage(
            GROUP, MlsOctets.APPLICATION, ByteString.copyFrom(new byte[25 << 20]));

    assertRefused(() -> node.send(message), Status.Code.INVALID_ARGUMENT, "can be delivered");
  }

  @Test
  void pagesAreInTheOrderThatWasAskedFor() { // N-12
    for (var i = 1; i <= 5; i++) {
      node.send(MlsOctets.application(GROUP, "m" + i));
    }

    assertThat(ids(page(SortDirection.SORT_DIRECTION_ASCENDING, 3, 0))).containsExactly(1L, 2L, 3L);
    assertThat(ids(page(SortDirection.SORT_DIRECTION_ASCENDING, 3, 3))).containsExactly(4L, 5L);
    assertThat(ids(page(SortDirection.SORT_DIRECTION_DESCENDING, 3, 0)))
        .containsExactly(5L, 4L, 3L);
    assertThat(ids(page(SortDirection.SORT_DIRECTION_DESCENDING, 3, 3))).containsExactly(2L, 1L);
    assertThat(ids(page(SortDirection.SORT_DIRECTION_UNSPECIFIED, 2, 0))).containsExactly(5L, 4L);
  }

  @Test
  void theCursorIsTheLastIdOfAFullPageAndElseZero() {
    for (var i = 1; i <= 5; i++) {
      node.send(MlsOctets.application(GROUP, "m" + i));
    }

    assertThat(page(SortDirection.SORT_DIRECTION_ASCENDING, 5, 0).getPagingInfo())
        .isEqualTo(paging(SortDirection.SORT_DIRECTION_ASCENDING, 5, 5));
    assertThat(page(SortDirection.SORT_DIRECTION_ASCENDING, 6, 0).getPagingInfo())
        .isEqualTo(paging(SortDirection.SORT_DIRECTION_ASCENDING, 6, 0));
    assertThat(page(SortDirection.SORT_DIRECTION_UNSPECIFIED, 0, 0).getPagingInfo())
        .isEqualTo(paging(SortDirection.SORT_DIRECTION_DESCENDING, 100, 0));
    assertThat(page(SortDirection.SORT_DIRECTION_ASCENDING, 101, 0).getPagingInfo().getLimit())
        .isEqualTo(100);
  }

  @Test
  void aPageHasAHundredRows() {
    var messages =
        IntStream.range(0, 101)
            .mapToObj(i -> MlsOctets.application(GROUP, "m" + i))
            .toArray(ByteString[]::new);
    node.send(messages);

    var page = page(SortDirection.SORT_DIRECTION_ASCENDING, 100, 0);

    assertThat(ids(page)).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
    assertThat(page.getPagingInfo().getIdCursor()).isEqualTo(100);
  }

  @Test
  void aGroupThatNobodyWroteToIsEmpty() {
    var response = page(SortDirection.SORT_DIRECTION_ASCENDING, 100, 0);

    assertThat(response.getMessagesList()).isEmpty();
    assertThat(response.getPagingInfo())
        .isEqualTo(paging(SortDirection.SORT_DIRECTION_ASCENDING, 100, 0));
  }

  @Test
  void cursorsAreComparedInAllTheir64Bits() { // N-24
    node.send(MlsOctets.application(GROUP, "a"));

    assertThat(node.query(GROUP, 0x1_0000_0000L)).isEmpty();
    assertThat(node.query(GROUP, Long.MAX_VALUE)).isEmpty();
    assertThat(node.query(GROUP, -1L)).as("2^64 - 1").isEmpty();
    assertThat(ids(page(SortDirection.SORT_DIRECTION_DESCENDING, 100, -1L))).containsExactly(1L);
  }

  @Test
  void tellsTheNewestOfEachGroupInTheOrderAsked() { // N-13, N-20
    node.send(
        MlsOctets.commit(GROUP, 0),
        MlsOctets.application(OTHER, "a"),
        MlsOctets.application(OTHER, "b"));
    node.send(MlsOctets.privateMessage(GROUP, MlsOctets.PROPOSAL, ByteString.copyFromUtf8("p")));
    var unknown = MlsOctets.groupId(3);

    var responses = newest(false, OTHER, unknown, GROUP, OTHER).getResponsesList();

    assertThat(responses).hasSize(4);
    assertThat(responses.get(1).hasGroupMessage()).isFalse();
    assertThat(responses.get(0).getGroupMessage().getV1().getId()).isEqualTo(3);
    assertThat(responses.get(0).getGroupMessage().getV1().getIsCommit()).isFalse();
    assertThat(responses.get(0).getGroupMessage().getV1().getData()).isEmpty();
    assertThat(responses.get(0).getGroupMessage().getV1().getCreatedNs()).isPositive();
    assertThat(responses.get(2).getGroupMessage().getV1().getId()).isEqualTo(4);
    assertThat(responses.get(2).getGroupMessage().getV1().getIsCommit()).isTrue();
    assertThat(responses.get(2).getGroupMessage().getV1().getGroupId()).isEqualTo(GROUP);
    assertThat(responses.get(3)).isEqualTo(responses.get(0));
  }

  @Test
  void tellsTheNewestWithItsContentWhenAsked() {
    node.send(MlsOctets.application(GROUP, "a"));

    var response = newest(true, GROUP).getResponses(0).getGroupMessage().getV1();

    assertThat(response).isEqualTo(node.query(GROUP, 0).get(0));
  }

  @Test
  void remembersTheNewestAfterARestart() throws Exception {
    node.send(MlsOctets.application(GROUP, "a"), MlsOctets.commit(GROUP, 1));
    var before = newest(false, GROUP);
    node.close();

    node = RunningNode.open(folder);

    assertThat(newest(false, GROUP)).isEqualTo(before);
  }

  @Test
  void refusesWhatIsNoGroupMessage() {
    assertRefused(
        () -> node.mls().sendGroupMessages(SendGroupMessagesRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "missing group messages");
    assertRefused(
        () ->
            node.mls()
                .sendGroupMessages(
                    SendGroupMessagesRequest.newBuilder()
                        .addMessages(GroupMessageInput.getDefaultInstance())
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "v1 is required");
    assertRefused(
        () -> node.send(ByteString.EMPTY), Status.Code.INVALID_ARGUMENT, "invalid group message: ");
  }

  @Test
  void storesNothingOfARequestWithABadMessage() {
    assertRefused(
        () -> node.send(MlsOctets.application(GROUP, "good"), ByteString.copyFromUtf8("bad")),
        Status.Code.INVALID_ARGUMENT,
        "invalid group message: ");

    assertThat(node.query(GROUP, 0)).isEmpty();
  }

  @Test
  void refusesQueriesWithoutAGroup() {
    assertRefused(
        () -> node.mls().queryGroupMessages(QueryGroupMessagesRequest.getDefaultInstance()),
        Status.Code.UNKNOWN,
        "group is required");
    assertRefused(
        () -> node.mls().getNewestGroupMessage(GetNewestGroupMessageRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "missing group ids");
  }

  @Test
  void answersUnimplementedForWhatIsNeverServed() { // N-23
    assertRefused(
        () -> node.mls().revokeInstallation(RevokeInstallationRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        "");
    assertRefused(
        () -> node.mls().getIdentityUpdates(GetIdentityUpdatesRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        "");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255})
  void takesGroupIdsOfOtherLengthsThanXmtps(int length) {
    var groupId = ByteString.copyFrom(new byte[length]);

    node.send(MlsOctets.application(groupId, "a"));

    assertThat(node.query(groupId, 0)).hasSize(1);
  }

  private List<GroupMessage.V1> all(ByteString groupId) {
    var all = new ArrayList<GroupMessage.V1>();
    var page = node.query(groupId, 0);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = node.query(groupId, all.get(all.size() - 1).getId());
    }
    return all;
  }

  private QueryGroupMessagesResponse page(SortDirection direction, int limit, long cursor) {
    return node.mls()
        .queryGroupMessages(
            QueryGroupMessagesRequest.newBuilder()
                .setGroupId(GROUP)
                .setPagingInfo(paging(direction, limit, cursor))
                .build());
  }

  private static PagingInfo paging(SortDirection direction, int limit, long cursor) {
    return PagingInfo.newBuilder()
        .setDirection(direction)
        .setLimit(limit)
        .setIdCursor(cursor)
        .build();
  }

  private static List<Long> ids(QueryGroupMessagesResponse page) {
    return page.getMessagesList().stream().map(message -> message.getV1().getId()).toList();
  }

  private GetNewestGroupMessageResponse newest(boolean includeContent, ByteString... groupIds) {
    return node.mls()
        .getNewestGroupMessage(
            GetNewestGroupMessageRequest.newBuilder()
                .addAllGroupIds(List.of(groupIds))
                .setIncludeContent(includeContent)
                .build());
  }

  static void assertRefused(ThrowingCallable call, Status.Code code, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(String.valueOf(e.getStatus().getDescription())).contains(text);
            });
  }
}
