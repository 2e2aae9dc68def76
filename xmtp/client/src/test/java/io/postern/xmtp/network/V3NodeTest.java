package io.postern.xmtp.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse;
import io.postern.xmtp.proto.identity.api.GetInboxIdsRequest;
import io.postern.xmtp.proto.identity.api.GetInboxIdsResponse;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesResponse;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesResponse;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesResponse;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SortDirection;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The V3 service's client against a service on the loopback that answers what the test says. */
class V3NodeTest {
  /** Held, since loggers are forgotten otherwise; gRPC tells each broken stream at length. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static {
    GRPC.setLevel(Level.OFF);
  }

  private static final GroupId GROUP = GroupId.parse("11".repeat(16));
  private static final InstallationId INSTALLATION = InstallationId.of(new byte[32]);
  private static final InboxId INBOX = new InboxId("ab".repeat(32));

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final List<Object> asked = new CopyOnWriteArrayList<>();
  private final List<StreamObserver<GroupMessage>> streams = new CopyOnWriteArrayList<>();
  private volatile Optional<Status> failure = Optional.empty();
  private volatile Function<QueryGroupMessagesRequest, QueryGroupMessagesResponse> pages =
      request -> QueryGroupMessagesResponse.getDefaultInstance();
  private volatile GetInboxIdsResponse inboxIds = GetInboxIdsResponse.getDefaultInstance();
  private volatile GetIdentityUpdatesResponse updates =
      GetIdentityUpdatesResponse.getDefaultInstance();
  private volatile Function<QueryWelcomeMessagesRequest, QueryWelcomeMessagesResponse> welcomes =
      request -> QueryWelcomeMessagesResponse.getDefaultInstance();
  private volatile FetchKeyPackagesResponse keyPackages =
      FetchKeyPackagesResponse.getDefaultInstance();
  private Server server;
  private V3Node node;

  @BeforeEach
  void listen() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Mls())
            .addService(new Identity())
            .maxInboundMessageSize(64 * 1024 * 1024)
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata received, ServerCallHandler<Q, A> next) {
                    headers.add(received);
                    return next.startCall(call, received);
                  }
                })
            .build()
            .start();
    var clock =
        new Clock() {
          @Override
          public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now.get();
          }
        };
    node = V3Node.open(V3Settings.at(URI.create("http://127.0.0.1:" + server.getPort())), clock);
  }

  @AfterEach
  void close() {
    node.close();
    server.shutdownNow();
  }

  private <T> void answer(Object request, T answer, StreamObserver<T> to) {
    asked.add(request);
    if (failure.isPresent()) {
      to.onError(failure.get().asRuntimeException());
    } else {
      to.onNext(answer);
      to.onCompleted();
    }
  }

  private final class Mls extends MlsApiGrpc.MlsApiImplBase {
    @Override
    public void sendGroupMessages(SendGroupMessagesRequest request, StreamObserver<Empty> to) {
      answer(request, Empty.getDefaultInstance(), to);
    }

    @Override
    public void queryGroupMessages(
        QueryGroupMessagesRequest request, StreamObserver<QueryGroupMessagesResponse> to) {
      answer(request, pages.apply(request), to);
    }

    @Override
    public void queryWelcomeMessages(
        QueryWelcomeMessagesRequest request, StreamObserver<QueryWelcomeMessagesResponse> to) {
      answer(request, welcomes.apply(request), to);
    }

    @Override
    public void fetchKeyPackages(
        FetchKeyPackagesRequest request, StreamObserver<FetchKeyPackagesResponse> to) {
      answer(request, keyPackages, to);
    }

    @Override
    public void subscribeGroupMessages(
        SubscribeGroupMessagesRequest request, StreamObserver<GroupMessage> to) {
      asked.add(request);
      if (failure.isPresent()) {
        to.onError(failure.get().asRuntimeException());
      } else {
        streams.add(to);
      }
    }
  }

  private final class Identity extends IdentityApiGrpc.IdentityApiImplBase {
    @Override
    public void getInboxIds(GetInboxIdsRequest request, StreamObserver<GetInboxIdsResponse> to) {
      answer(request, inboxIds, to);
    }

    @Override
    public void getIdentityUpdates(
        GetIdentityUpdatesRequest request, StreamObserver<GetIdentityUpdatesResponse> to) {
      answer(request, updates, to);
    }
  }

  private static GroupMessage message(long id, int size) {
    return GroupMessage.newBuilder()
        .setV1(
            GroupMessage.V1
                .newBuilder()
                .setId(id)
                .setCreatedNs(id * 1000)
                .setGroupId(ByteString.copyFrom(GROUP.octets()))
                .setData(ByteString.copyFrom(new byte[size])))
        .build();
  }

  private NodeException failureOf(Status status) {
    failure = Optional.of(status);
    var thrown = new AtomicReference<NodeException>();
    assertThatThrownBy(() -> node.groupMessages(GROUP, Cursor.START))
        .isInstanceOfSatisfying(NodeException.class, thrown::set);
    return thrown.get();
  }

  @Test
  void saysWhoItIsOnEveryCall() throws Exception {
    node.groupMessages(GROUP, Cursor.START);
    inboxIds =
        GetInboxIdsResponse.newBuilder()
            .addResponses(GetInboxIdsResponse.Response.getDefaultInstance())
            .build();
    node.inboxIds(List.of(new EthereumAddress("0x" + "12".repeat(20))));

    assertThat(headers)
        .hasSize(2)
        .allSatisfy(
            received -> {
              assertThat(header(received, "x-libxmtp-version")).isEqualTo("1.11.0");
              assertThat(header(received, "x-app-version")).isEqualTo("postern/0.1.0");
            });
  }

  private static String header(Metadata metadata, String name) {
    return metadata.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  @ParameterizedTest(name = "{0} is {1}, again: {2}")
  @CsvSource({
    "UNAVAILABLE, UNREACHABLE, true",
    "DEADLINE_EXCEEDED, UNREACHABLE, true",
    "CANCELLED, UNREACHABLE, true",
    "ABORTED, UNREACHABLE, true",
    "RESOURCE_EXHAUSTED, RATE_LIMITED, true",
    "INTERNAL, TROUBLED, true",
    "UNKNOWN, TROUBLED, true",
    "DATA_LOSS, TROUBLED, true",
    "UNAUTHENTICATED, TROUBLED, true",
    "PERMISSION_DENIED, TROUBLED, true",
    "UNIMPLEMENTED, UNSUPPORTED, false",
    "INVALID_ARGUMENT, REFUSED, false",
    "FAILED_PRECONDITION, REFUSED, false",
    "ALREADY_EXISTS, REFUSED, false",
    "NOT_FOUND, REFUSED, false",
    "OUT_OF_RANGE, REFUSED, false"
  })
  void tellsFromTheStatusWhetherToTryAgain(
      Status.Code code, NodeException.Kind kind, boolean again) {
    var failed = failureOf(code.toStatus().withDescription("because"));

    assertThat(failed.kind()).isEqualTo(kind);
    assertThat(failed.isRetryable()).isEqualTo(again);
    assertThat(failed).hasMessageContaining("because");
  }

  @Test
  void isUnreachableWhereNobodyListens() {
    server.shutdownNow();
    await().until(server::isTerminated);

    assertThatThrownBy(() -> node.groupMessages(GROUP, Cursor.START))
        .isInstanceOfSatisfying(
            NodeException.class,
            failed -> assertThat(failed.kind()).isEqualTo(NodeException.Kind.UNREACHABLE));
  }

  @Test
  void fallsSilentForMoreThanAMinuteAfterARateLimit() throws Exception {
    var failed = failureOf(Status.RESOURCE_EXHAUSTED.withDescription("too many, bucket R"));
    assertThat(failed.retryAfter()).contains(Throttle.SILENCE);
    failure = Optional.empty();
    int before = asked.size();

    assertThatThrownBy(() -> node.groupMessages(GROUP, Cursor.START))
        .isInstanceOfSatisfying(
            NodeException.class,
            held -> assertThat(held.kind()).isEqualTo(NodeException.Kind.RATE_LIMITED));
    assertThat(asked).as("the service must not hear of it").hasSize(before);
    node.sendGroupMessages(List.of(GroupMessageInput.getDefaultInstance()));

    now.updateAndGet(t -> t.plus(Throttle.SILENCE));
    node.groupMessages(GROUP, Cursor.START);
  }

  @Test
  void takesAnAnswerThatIsTooLargeForNoRateLimit() {
    var failed =
        failureOf(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "message too large: the answer would pass 25165824 octets, ask for less at once"));

    assertThat(failed.kind()).isEqualTo(NodeException.Kind.REFUSED);
    assertThat(failed.retryAfter()).isEmpty();
  }

  @Test
  void asksForAFullPageInOrderAndForMoreAfterIt() throws Exception {
    pages =
        request -> {
          var page = QueryGroupMessagesResponse.newBuilder();
          for (long id = 1; id <= 100; id++) {
            page.addMessages(message(request.getPagingInfo().getIdCursor() + id, 4));
          }
          return page.build();
        };

    var page =
        node.groupMessages(GROUP, Cursor.of(Map.of(Cursor.COMMITS, 7L, Cursor.MESSAGES, 5L)));

    var request = (QueryGroupMessagesRequest) asked.get(0);
    assertThat(request.getPagingInfo().getIdCursor()).as("the higher of both").isEqualTo(7);
    assertThat(request.getPagingInfo().getLimit()).isEqualTo(100);
    assertThat(request.getPagingInfo().getDirection())
        .isEqualTo(SortDirection.SORT_DIRECTION_ASCENDING);
    assertThat(page.more()).isTrue();
    assertThat(page.items()).hasSize(100);
    assertThat(page.items().get(0).position()).isEqualTo(new Position(Cursor.MESSAGES, 8));
    assertThat(page.items().get(0).createdNs()).isEqualTo(8000);
  }

  @Test
  void takesAPageThatWasCutByItsSizeForNotTheLast() throws Exception {
    pages =
        request ->
            QueryGroupMessagesResponse.newBuilder()
                .addMessages(message(1, 11 * 1024 * 1024))
                .build();

    assertThat(node.groupMessages(GROUP, Cursor.START).more()).isTrue();
  }

  @Test
  void asksForLessWhereAPageIsTooLarge() throws Exception {
    pages =
        request -> {
          var page = QueryGroupMessagesResponse.newBuilder();
          for (long id = 1; id <= Math.min(30, request.getPagingInfo().getLimit()); id++) {
            page.addMessages(message(id, 1024 * 1024));
          }
          return page.build();
        };

    var page = node.groupMessages(GROUP, Cursor.START);

    assertThat(page.items()).hasSize(10);
    assertThat(page.more()).isTrue();
    assertThat(node.groupMessages(GROUP, Cursor.START).items())
        .as("no silence: it was no rate limit")
        .hasSize(10);
  }

  /** Anybody can send welcomes: a page of large ones must not hold up an inbox for good. */
  @Test
  void asksForLessWhereAPageOfWelcomesIsTooLarge() throws Exception {
    welcomes =
        request -> {
          var page = QueryWelcomeMessagesResponse.newBuilder();
          for (long id = 1; id <= Math.min(30, request.getPagingInfo().getLimit()); id++) {
            page.addMessagesBuilder()
                .getV1Builder()
                .setId(id)
                .setInstallationKey(ByteString.copyFrom(INSTALLATION.octets()))
                .setData(ByteString.copyFrom(new byte[1024 * 1024]));
          }
          return page.build();
        };

    var page = node.welcomes(INSTALLATION, Cursor.START);

    assertThat(page.items()).hasSize(10);
    assertThat(page.more()).isTrue();
  }

  @Test
  void refusesAnswersThatDoNotFitTheQuestion() {
    assertThatThrownBy(() -> node.inboxIds(List.of(new EthereumAddress("0x" + "12".repeat(20)))))
        .isInstanceOfSatisfying(NodeException.class, V3NodeTest::isMalformed);
    assertThatThrownBy(() -> node.identityUpdates(Map.of(INBOX, 0L)))
        .isInstanceOfSatisfying(NodeException.class, V3NodeTest::isMalformed);
    assertThatThrownBy(() -> node.keyPackages(List.of(INSTALLATION)))
        .isInstanceOfSatisfying(NodeException.class, V3NodeTest::isMalformed);
    updates =
        GetIdentityUpdatesResponse.newBuilder()
            .addResponses(
                GetIdentityUpdatesResponse.Response.newBuilder().setInboxId("cd".repeat(32)))
            .build();
    assertThatThrownBy(() -> node.identityUpdates(Map.of(INBOX, 0L)))
        .isInstanceOfSatisfying(NodeException.class, V3NodeTest::isMalformed);
  }

  private static void isMalformed(NodeException failed) {
    assertThat(failed.kind()).isEqualTo(NodeException.Kind.MALFORMED);
  }

  @Test
  void sortsIdentityUpdatesAndFindsMissingKeyPackages() throws Exception {
    updates =
        GetIdentityUpdatesResponse.newBuilder()
            .addResponses(
                GetIdentityUpdatesResponse.Response.newBuilder()
                    .setInboxId(INBOX.toString())
                    .addUpdates(
                        GetIdentityUpdatesResponse.IdentityUpdateLog.newBuilder().setSequenceId(9))
                    .addUpdates(
                        GetIdentityUpdatesResponse.IdentityUpdateLog.newBuilder().setSequenceId(4)))
            .build();
    keyPackages =
        FetchKeyPackagesResponse.newBuilder()
            .addKeyPackages(FetchKeyPackagesResponse.KeyPackage.getDefaultInstance())
            .build();

    assertThat(node.identityUpdates(Map.of(INBOX, 3L)).get(INBOX))
        .extracting(Node.LoggedUpdate::sequenceId)
        .containsExactly(4L, 9L);
    assertThat(node.keyPackages(List.of(INSTALLATION))).containsExactly(Optional.empty());
  }

  @Test
  void leavesOutWelcomesOfAKindItDoesNotKnow() throws Exception {
    welcomes =
        request ->
            QueryWelcomeMessagesResponse.newBuilder()
                .addMessages(WelcomeMessage.getDefaultInstance())
                .build();

    assertThat(node.welcomes(INSTALLATION, Cursor.START).items()).isEmpty();
  }

  /** Notes what a subscription brings. */
  private static final class Notes implements Node.Listener {
    private final List<Position> positions = new CopyOnWriteArrayList<>();
    private final List<NodeException> ends = new CopyOnWriteArrayList<>();

    @Override
    public void received(GroupEnvelope envelope) {
      positions.add(envelope.position());
    }

    @Override
    public void received(WelcomeEnvelope envelope) {
      positions.add(envelope.position());
    }

    @Override
    public void ended(NodeException reason) {
      ends.add(reason);
    }
  }

  @Test
  void followsAGroupAndTellsOnceWhenTheStreamEnds() {
    var notes = new Notes();
    node.subscribe(Map.of(Topic.of(GROUP), Cursor.of(Map.of(Cursor.MESSAGES, 3L))), notes);
    await().until(() -> streams.size() == 1);
    assertThat(((SubscribeGroupMessagesRequest) asked.get(0)).getFilters(0).getIdCursor())
        .isEqualTo(3);

    streams.get(0).onNext(message(4, 4));
    await().until(() -> notes.positions.size() == 1);
    streams.get(0).onCompleted();

    await().until(() -> notes.ends.size() == 1);
    assertThat(notes.ends.get(0).isRetryable()).isTrue();
  }

  @Test
  void saysNothingOfAStreamThatItClosedItself() {
    var notes = new Notes();
    var subscription = node.subscribe(Map.of(Topic.of(GROUP), Cursor.START), notes);
    await().until(() -> streams.size() == 1);

    subscription.close();
    var stream = (io.grpc.stub.ServerCallStreamObserver<GroupMessage>) streams.get(0);
    await().until(stream::isCancelled);

    assertThat(notes.ends).isEmpty();
  }

  @Test
  void aStreamThatIsOneTooManySilencesEverything() {
    failure = Optional.of(Status.RESOURCE_EXHAUSTED.withDescription("too many, bucket R"));
    var notes = new Notes();
    node.subscribe(Map.of(Topic.of(GROUP), Cursor.START), notes);
    await().until(() -> notes.ends.size() == 1);
    assertThat(notes.ends.get(0).retryAfter()).contains(Throttle.SILENCE);
    failure = Optional.empty();
    int before = asked.size();

    var again = new Notes();
    node.subscribe(Map.of(Topic.of(GROUP), Cursor.START), again);

    assertThat(again.ends).singleElement().satisfies(e -> assertThat(e.retryAfter()).isPresent());
    assertThat(asked).hasSize(before);
    assertThatThrownBy(() -> node.groupMessages(GROUP, Cursor.START))
        .isInstanceOf(NodeException.class);
  }

  @Test
  void endsAStreamThatBringsSomethingMalformed() {
    var notes = new Notes();
    node.subscribe(Map.of(Topic.of(GROUP), Cursor.START), notes);
    await().until(() -> streams.size() == 1);

    streams.get(0).onNext(GroupMessage.getDefaultInstance());

    await().atMost(Duration.ofSeconds(10)).until(() -> notes.ends.size() == 1);
    isMalformed(notes.ends.get(0));
    assertThat(new ArrayList<>(notes.positions)).isEmpty();
  }
}
