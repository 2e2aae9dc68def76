package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.mls.CommitLogEntry;
import io.postern.xmtp.proto.mls.api.BatchPublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.BatchQueryCommitLogRequest;
import io.postern.xmtp.proto.mls.api.BatchQueryCommitLogResponse;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesResponse;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageResponse;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.KeyPackageUpload;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
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
import java.time.Clock;
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
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code xmtp.mls.api.v1.MlsApi}: the gRPC face of the logs and of the key packages. What the
 * network leaves unserved (RevokeInstallation, GetIdentityUpdates) answers UNIMPLEMENTED.
 */
final class MlsService extends MlsApiGrpc.MlsApiImplBase {
  private static final int MAX_COMMIT_LOG_ENTRIES = 10;
  private static final int MAX_COMMIT_LOG_QUERIES = 20;

  /** What one request may ask for; official clients stay at 60 packages and 1,000 groups. */
  private static final int MAX_KEY_PACKAGES = 5_000;

  private static final int MAX_NEWEST = 10_000;

  private final EnvelopeLog<GroupMessage> groups;
  private final EnvelopeLog<WelcomeMessage> welcomes;
  private final EnvelopeLog<CommitLogEntry> commits;
  private final KeyPackages keyPackages;
  private final PublishCheck check;
  private final Executor executor;
  private final ScheduledExecutorService timers;
  private final Duration keepalive;
  private final AtomicLong backlogs = new AtomicLong();
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
    // What was stored without their being told, they find when they come back with their cursors.
    database.onReopened(
        () -> endStreams(Status.UNAVAILABLE.withDescription("the node opened its files again")));
  }

  /** Deletes what is old, whenever it is run. */
  Pruning pruning(Retention retention, Clock clock) {
    return new Pruning(groups, welcomes, keyPackages, retention, clock);
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
            arrivals.add(EnvelopeCheck.arrival(message));
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
            arrivals.add(EnvelopeCheck.arrival(message));
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
          Answer.checkCount(
              "installation keys", request.getInstallationKeysCount(), MAX_KEY_PACKAGES);
          var response = FetchKeyPackagesResponse.newBuilder();
          var size = new AnswerSize();
          for (var found : keyPackages.fetch(request.getInstallationKeysList())) {
            size.add(found.size());
            response.addKeyPackagesBuilder().setKeyPackageTlsSerialized(found);
          }
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
    if (refusesFilters(request.getFiltersCount(), reply)) {
      return;
    }
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
    if (refusesFilters(request.getFiltersCount(), reply)) {
      return;
    }
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

  private static boolean refusesFilters(int count, StreamObserver<?> reply) {
    try {
      Answer.checkCount("filters", count, TopicStream.MAX_TOPICS);
      return false;
    } catch (RefusedException e) {
      reply.onError(e.status().asRuntimeException());
      return true;
    }
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
            backlogs,
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
          Answer.checkCount("group ids", request.getGroupIdsCount(), MAX_NEWEST);
          var response = GetNewestGroupMessageResponse.newBuilder();
          var bytes = 0L;
          var found = groups.newest(request.getGroupIdsList());
          for (var groupId : request.getGroupIdsList()) {
            var newest = Optional.ofNullable(found.get(groupId));
            var answer = response.addResponsesBuilder();
            // Beyond what a client can decode only ids are told, as if no content had been asked
            // for.
            if (newest.isPresent()
                && request.getIncludeContent()
                && bytes < EnvelopeLog.MAX_PAGE_BYTES) {
              for (var entry : groups.query(groupId, false, 0, 1).entries()) {
                bytes += entry.message().getSerializedSize();
                answer.setGroupMessage(entry.message());
              }
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
            arrivals.add(EnvelopeCheck.arrival(entry));
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
          var size = new AnswerSize();
          for (var query : request.getRequestsList()) {
            response.addResponses(queryCommitLog(query, size));
          }
          return response.build();
        });
  }

  private QueryCommitLogResponse queryCommitLog(QueryCommitLogRequest query, AnswerSize size)
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
    for (var entry : page.entries()) {
      size.add(entry.message());
      response.addCommitLogEntries(entry.message());
    }
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
            backlogs,
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
}
