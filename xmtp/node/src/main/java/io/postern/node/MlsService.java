package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.mls.CommitLogEntry;
import io.postern.xmtp.proto.mls.WelcomePointerWrapperAlgorithm;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.api.BatchPublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.BatchQueryCommitLogRequest;
import io.postern.xmtp.proto.mls.api.BatchQueryCommitLogResponse;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesResponse;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageResponse;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.KeyPackageUpload;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.PublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.QueryCommitLogRequest;
import io.postern.xmtp.proto.mls.api.QueryCommitLogResponse;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesResponse;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesResponse;
import io.postern.xmtp.proto.mls.api.RegisterInstallationRequest;
import io.postern.xmtp.proto.mls.api.RegisterInstallationResponse;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SortDirection;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SubscribeRequest;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import io.postern.xmtp.proto.mls.api.SubscribeWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.UploadKeyPackageRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * {@code xmtp.mls.api.v1.MlsApi}: the gRPC face of the logs and of the key packages. What the
 * network leaves unserved (RevokeInstallation, GetIdentityUpdates) answers UNIMPLEMENTED.
 */
final class MlsService extends MlsApiGrpc.MlsApiImplBase {
  /** A message that no client could decode with its frame is not taken. */
  private static final int MAX_MESSAGE_BYTES = 24 << 20;

  private static final int MAX_COMMIT_LOG_ENTRIES = 10;
  private static final int MAX_COMMIT_LOG_QUERIES = 20;
  private static final int MAX_TOPIC_BYTES = 255;

  private final EnvelopeLog<GroupMessage> groups;
  private final EnvelopeLog<WelcomeMessage> welcomes;
  private final EnvelopeLog<CommitLogEntry> commits;
  private final KeyPackages keyPackages;
  private final PublishCheck check;
  private final Executor executor;
  private final ScheduledExecutorService timers;
  private final Duration keepalive;
  private final Set<EnvelopeStream<?>> streams = ConcurrentHashMap.newKeySet();
  private final Set<TopicStream> topicStreams = ConcurrentHashMap.newKeySet();

  /**
   * @param executor runs the streams
   * @param keepalive of the bidirectional streams, see {@link TopicStream}
   */
  MlsService(
      NodeDatabase database,
      PublishCheck check,
      Executor executor,
      ScheduledExecutorService timers,
      Duration keepalive) {
    this.groups = new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
    this.welcomes =
        new EnvelopeLog<>("welcome", Change.WELCOME_ENTRY, WelcomeMessage.parser(), database);
    this.commits =
        new EnvelopeLog<>("commit", Change.COMMIT_ENTRY, CommitLogEntry.parser(), database);
    this.keyPackages = new KeyPackages(database);
    this.check = check;
    this.executor = executor;
    this.timers = timers;
    this.keepalive = keepalive;
  }

  /** Ends every open stream. */
  void endStreams(Status status) {
    streams.forEach(stream -> stream.end(status));
    topicStreams.forEach(stream -> stream.end(status));
  }

  @Override
  public void sendGroupMessages(SendGroupMessagesRequest request, StreamObserver<Empty> reply) {
    Answer.later(
        reply,
        () -> {
          if (request.getMessagesCount() == 0) {
            throw RefusedException.invalid("missing group messages");
          }
          var arrivals = new ArrayList<Arrival<GroupMessage>>(request.getMessagesCount());
          for (var message : request.getMessagesList()) {
            arrivals.add(arrival(message));
          }
          return groups.append(arrivals).thenApply(stored -> Empty.getDefaultInstance());
        });
  }

  @Override
  public void sendWelcomeMessages(SendWelcomeMessagesRequest request, StreamObserver<Empty> reply) {
    Answer.later(
        reply,
        () -> {
          if (request.getMessagesCount() == 0) {
            throw RefusedException.invalid("missing welcome messages");
          }
          var arrivals = new ArrayList<Arrival<WelcomeMessage>>(request.getMessagesCount());
          for (var message : request.getMessagesList()) {
            arrivals.add(arrival(message));
          }
          return welcomes.append(arrivals).thenApply(stored -> Empty.getDefaultInstance());
        });
  }

  @Override
  public void uploadKeyPackage(UploadKeyPackageRequest request, StreamObserver<Empty> reply) {
    Answer.later(
        reply,
        () ->
            upload(
                    request.hasKeyPackage()
                        ? Optional.of(request.getKeyPackage())
                        : Optional.empty())
                .thenApply(installationKey -> Empty.getDefaultInstance()));
  }

  @Override
  public void registerInstallation(
      RegisterInstallationRequest request, StreamObserver<RegisterInstallationResponse> reply) {
    Answer.later(
        reply,
        () ->
            upload(
                    request.hasKeyPackage()
                        ? Optional.of(request.getKeyPackage())
                        : Optional.empty())
                .thenApply(
                    installationKey ->
                        RegisterInstallationResponse.newBuilder()
                            .setInstallationKey(installationKey)
                            .build()));
  }

  @Override
  public void fetchKeyPackages(
      FetchKeyPackagesRequest request, StreamObserver<FetchKeyPackagesResponse> reply) {
    Answer.to(
        reply,
        () -> {
          var response = FetchKeyPackagesResponse.newBuilder();
          keyPackages
              .fetch(request.getInstallationKeysList())
              .forEach(found -> response.addKeyPackagesBuilder().setKeyPackageTlsSerialized(found));
          return response.build();
        });
  }

  @Override
  public void queryGroupMessages(
      QueryGroupMessagesRequest request, StreamObserver<QueryGroupMessagesResponse> reply) {
    Answer.to(
        reply,
        () -> {
          if (request.getGroupId().isEmpty()) {
            throw new RefusedException(Status.Code.UNKNOWN, "group is required");
          }
          var paging = Paging.of(request.getPagingInfo());
          var page = paging.read(groups, request.getGroupId());
          var response = QueryGroupMessagesResponse.newBuilder().setPagingInfo(paging.info(page));
          page.entries().forEach(entry -> response.addMessages(entry.message()));
          return response.build();
        });
  }

  @Override
  public void queryWelcomeMessages(
      QueryWelcomeMessagesRequest request, StreamObserver<QueryWelcomeMessagesResponse> reply) {
    Answer.to(
        reply,
        () -> {
          if (request.getInstallationKey().isEmpty()) {
            throw new RefusedException(Status.Code.UNKNOWN, "installation key is required");
          }
          var paging = Paging.of(request.getPagingInfo());
          var page = paging.read(welcomes, request.getInstallationKey());
          var response = QueryWelcomeMessagesResponse.newBuilder().setPagingInfo(paging.info(page));
          page.entries().forEach(entry -> response.addMessages(entry.message()));
          return response.build();
        });
  }

  @Override
  public void subscribeGroupMessages(
      SubscribeGroupMessagesRequest request, StreamObserver<GroupMessage> reply) {
    var cursors = new HashMap<ByteString, Long>();
    for (var filter : request.getFiltersList()) {
      cursors.merge(filter.getGroupId(), LogEntry.cursor(filter.getIdCursor()), Math::min);
    }
    stream(
        groups,
        reply,
        cursors,
        Status.ABORTED.withDescription("the client is too slow for its stream"));
  }

  @Override
  public void subscribeWelcomeMessages(
      SubscribeWelcomeMessagesRequest request, StreamObserver<WelcomeMessage> reply) {
    var cursors = new HashMap<ByteString, Long>();
    for (var filter : request.getFiltersList()) {
      cursors.merge(filter.getInstallationKey(), LogEntry.cursor(filter.getIdCursor()), Math::min);
    }
    if (cursors.isEmpty() || cursors.containsKey(ByteString.EMPTY)) {
      reply.onError(
          RefusedException.invalid("each filter needs an installation key")
              .status()
              .asRuntimeException());
      return;
    }
    stream(welcomes, reply, cursors, Status.OK);
  }

  @Override
  public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> reply) {
    EarlyHeaders.send();
    var ended = new CompletableFuture<Void>();
    var stream =
        new TopicStream(
            groups,
            welcomes,
            (ServerCallStreamObserver<SubscribeResponse>) reply,
            keepalive,
            executor,
            timers,
            () -> ended.complete(null));
    topicStreams.add(stream);
    ended.thenRun(() -> topicStreams.remove(stream));
    stream.start();
    return stream;
  }

  @Override
  public void getNewestGroupMessage(
      GetNewestGroupMessageRequest request, StreamObserver<GetNewestGroupMessageResponse> reply) {
    Answer.to(
        reply,
        () -> {
          if (request.getGroupIdsCount() == 0) {
            throw RefusedException.invalid("missing group ids");
          }
          var response = GetNewestGroupMessageResponse.newBuilder();
          var bytes = 0L;
          for (var groupId : request.getGroupIdsList()) {
            var newest = groups.newest(groupId);
            var answer = response.addResponsesBuilder();
            // Beyond what a client can decode only ids are told, as if no content had been asked
            // for.
            if (newest.isPresent()
                && request.getIncludeContent()
                && bytes < EnvelopeLog.MAX_PAGE_BYTES) {
              var message = groups.query(groupId, false, 0, 1).entries().get(0).message();
              bytes += message.getSerializedSize();
              answer.setGroupMessage(message);
            } else if (newest.isPresent()) {
              answer.setGroupMessage(withoutContent(groupId, newest.get()));
            }
          }
          return response.build();
        });
  }

  @Override
  public void batchPublishCommitLog(
      BatchPublishCommitLogRequest request, StreamObserver<Empty> reply) {
    Answer.later(
        reply,
        () -> {
          if (request.getRequestsCount() == 0
              || request.getRequestsCount() > MAX_COMMIT_LOG_ENTRIES) {
            throw RefusedException.invalid(
                "expected 1 to %d commit log entries, got %d"
                    .formatted(MAX_COMMIT_LOG_ENTRIES, request.getRequestsCount()));
          }
          var arrivals = new ArrayList<Arrival<CommitLogEntry>>(request.getRequestsCount());
          for (var entry : request.getRequestsList()) {
            arrivals.add(arrival(entry));
          }
          return commits.append(arrivals).thenApply(stored -> Empty.getDefaultInstance());
        });
  }

  @Override
  public void batchQueryCommitLog(
      BatchQueryCommitLogRequest request, StreamObserver<BatchQueryCommitLogResponse> reply) {
    Answer.to(
        reply,
        () -> {
          if (request.getRequestsCount() == 0
              || request.getRequestsCount() > MAX_COMMIT_LOG_QUERIES) {
            throw RefusedException.invalid(
                "expected 1 to %d commit log queries, got %d"
                    .formatted(MAX_COMMIT_LOG_QUERIES, request.getRequestsCount()));
          }
          var response = BatchQueryCommitLogResponse.newBuilder();
          for (var query : request.getRequestsList()) {
            response.addResponses(queryCommitLog(query));
          }
          return response.build();
        });
  }

  private QueryCommitLogResponse queryCommitLog(QueryCommitLogRequest query)
      throws RefusedException {
    if (query.getGroupId().isEmpty()) {
      throw RefusedException.invalid("each commit log query needs a group id");
    }
    if (query.getPagingInfo().getDirection() == SortDirection.SORT_DIRECTION_DESCENDING) {
      throw new RefusedException(
          Status.Code.INTERNAL, "the commit log is read in ascending order only");
    }
    var paging = Paging.of(query.getPagingInfo()).ascending();
    var page = paging.read(commits, query.getGroupId());
    var response =
        QueryCommitLogResponse.newBuilder()
            .setGroupId(query.getGroupId())
            .setPagingInfo(paging.info(page));
    page.entries().forEach(entry -> response.addCommitLogEntries(entry.message()));
    return response.build();
  }

  private <E extends MessageLite> void stream(
      EnvelopeLog<E> log, StreamObserver<E> reply, Map<ByteString, Long> cursors, Status tooSlow) {
    EarlyHeaders.send();
    var ended = new CompletableFuture<Void>();
    var stream =
        new EnvelopeStream<>(
            log,
            (ServerCallStreamObserver<E>) reply,
            cursors,
            tooSlow,
            executor,
            () -> ended.complete(null));
    streams.add(stream);
    ended.thenRun(() -> streams.remove(stream));
    stream.start();
  }

  private CompletableFuture<ByteString> upload(Optional<KeyPackageUpload> upload)
      throws RefusedException {
    if (upload.isEmpty()) {
      throw RefusedException.invalid("no key package");
    }
    var keyPackage = upload.get().getKeyPackageTlsSerialized();
    var installationKey = check.installationKey(keyPackage);
    return keyPackages.put(installationKey, keyPackage).thenApply(stored -> installationKey);
  }

  private static Arrival<GroupMessage> arrival(GroupMessageInput message) throws RefusedException {
    if (!message.hasV1()) {
      throw RefusedException.invalid("invalid group message: v1 is required");
    }
    var input = message.getV1();
    var size = checkSize("group message", message);
    var header = MlsHeader.read(input.getData());
    return new Arrival<>(
        header.groupId(),
        Optional.of(Arrival.digest(header.groupId(), input.getData())),
        header.isCommit(),
        size,
        (id, createdNs) -> {
          var served = GroupMessage.newBuilder();
          served
              .getV1Builder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setGroupId(header.groupId())
              .setData(input.getData())
              .setSenderHmac(input.getSenderHmac())
              .setShouldPush(input.getShouldPush())
              .setIsCommit(header.isCommit());
          return served.build();
        });
  }

  private static Arrival<WelcomeMessage> arrival(WelcomeMessageInput message)
      throws RefusedException {
    var size = checkSize("welcome message", message);
    return switch (message.getVersionCase()) {
      case V1 -> arrival(message.getV1(), size);
      case WELCOME_POINTER -> arrival(message.getWelcomePointer(), size);
      case VERSION_NOT_SET ->
          throw RefusedException.invalid("invalid welcome message: neither v1 nor welcome_pointer");
    };
  }

  private static Arrival<WelcomeMessage> arrival(WelcomeMessageInput.V1 input, long size)
      throws RefusedException {
    checkTopic(input.getInstallationKey());
    if (input.getData().isEmpty()) {
      throw RefusedException.invalid("invalid welcome message: data is required");
    }
    var symmetric =
        input.getWrapperAlgorithm()
            == WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY;
    if (input.getHpkePublicKey().isEmpty() && !symmetric) {
      throw RefusedException.invalid("invalid welcome message: hpke_public_key is required");
    }
    return new Arrival<>(
        input.getInstallationKey(),
        Optional.of(Arrival.digest(input.getInstallationKey(), input.getData())),
        false,
        size,
        (id, createdNs) -> {
          var served = WelcomeMessage.newBuilder();
          served
              .getV1Builder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setInstallationKey(input.getInstallationKey())
              .setData(input.getData())
              .setHpkePublicKey(input.getHpkePublicKey())
              .setWrapperAlgorithm(wrapper(input.getWrapperAlgorithm()))
              .setWelcomeMetadata(input.getWelcomeMetadata());
          return served.build();
        });
  }

  private static Arrival<WelcomeMessage> arrival(
      WelcomeMessageInput.WelcomePointer input, long size) throws RefusedException {
    checkTopic(input.getInstallationKey());
    if (input.getWelcomePointer().isEmpty() || input.getHpkePublicKey().isEmpty()) {
      throw RefusedException.invalid(
          "invalid welcome pointer: welcome_pointer and hpke_public_key are required");
    }
    if (input.getWrapperAlgorithm()
        != WelcomePointerWrapperAlgorithm
            .WELCOME_POINTER_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6) {
      throw RefusedException.invalid(
          "invalid welcome pointer: wrapper_algorithm must be XWING_MLKEM_768_DRAFT_6");
    }
    return new Arrival<>(
        input.getInstallationKey(),
        Optional.of(Arrival.digest(input.getInstallationKey(), input.getWelcomePointer())),
        false,
        size,
        (id, createdNs) -> {
          var served = WelcomeMessage.newBuilder();
          served
              .getWelcomePointerBuilder()
              .setId(id)
              .setCreatedNs(createdNs)
              .setInstallationKey(input.getInstallationKey())
              .setWelcomePointer(input.getWelcomePointer())
              .setHpkePublicKey(input.getHpkePublicKey())
              .setWrapperAlgorithm(input.getWrapperAlgorithm());
          return served.build();
        });
  }

  private static Arrival<CommitLogEntry> arrival(PublishCommitLogRequest request)
      throws RefusedException {
    var size = checkSize("commit log entry", request);
    if (request.getSerializedCommitLogEntry().isEmpty() || !request.hasSignature()) {
      throw RefusedException.invalid("invalid commit log entry: entry and signature are required");
    }
    checkTopic(request.getGroupId());
    return new Arrival<>(
        request.getGroupId(),
        Optional.empty(),
        false,
        size,
        (id, createdNs) ->
            CommitLogEntry.newBuilder()
                .setSequenceId(id)
                .setSerializedCommitLogEntry(request.getSerializedCommitLogEntry())
                .setSignature(request.getSignature())
                .build());
  }

  private static long checkSize(String what, MessageLite message) throws RefusedException {
    var size = message.getSerializedSize();
    if (size > MAX_MESSAGE_BYTES) {
      throw RefusedException.invalid(
          "%s has %d octets, at most %d can be delivered".formatted(what, size, MAX_MESSAGE_BYTES));
    }
    return size;
  }

  private static void checkTopic(ByteString topic) throws RefusedException {
    if (topic.isEmpty() || topic.size() > MAX_TOPIC_BYTES) {
      throw RefusedException.invalid(
          "expected a topic of 1 to %d octets, got %d".formatted(MAX_TOPIC_BYTES, topic.size()));
    }
  }

  /** Unset and unknown algorithms of a V1 welcome are stored as Curve25519, as on the network. */
  private static WelcomeWrapperAlgorithm wrapper(WelcomeWrapperAlgorithm sent) {
    return switch (sent) {
      case WELCOME_WRAPPER_ALGORITHM_UNSPECIFIED, UNRECOGNIZED ->
          WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_CURVE25519;
      default -> sent;
    };
  }

  private static GroupMessage withoutContent(ByteString groupId, EnvelopeLog.Newest entry) {
    var served = GroupMessage.newBuilder();
    served
        .getV1Builder()
        .setId(entry.id())
        .setCreatedNs(entry.createdNs())
        .setGroupId(groupId)
        .setIsCommit(entry.isCommit());
    return served.build();
  }

  /** The paging rules that all queries share. */
  private record Paging(boolean isAscending, int limit, long cursor) {
    static Paging of(PagingInfo asked) {
      var wanted = Integer.toUnsignedLong(asked.getLimit());
      var limit =
          wanted >= 1 && wanted <= EnvelopeLog.MAX_PAGE_ROWS
              ? (int) wanted
              : EnvelopeLog.MAX_PAGE_ROWS;
      return new Paging(
          asked.getDirection() == SortDirection.SORT_DIRECTION_ASCENDING,
          limit,
          LogEntry.cursor(asked.getIdCursor()));
    }

    Paging ascending() {
      return new Paging(true, limit, cursor);
    }

    <E extends MessageLite> Page<E> read(EnvelopeLog<E> log, ByteString topic) {
      return log.query(topic, isAscending, cursor, limit);
    }

    /** What the answer says about the page: the cursor is 0 unless more may follow. */
    PagingInfo info(Page<?> page) {
      return PagingInfo.newBuilder()
          .setDirection(
              isAscending
                  ? SortDirection.SORT_DIRECTION_ASCENDING
                  : SortDirection.SORT_DIRECTION_DESCENDING)
          .setLimit(limit)
          .setIdCursor(page.cursor())
          .build();
    }
  }
}
