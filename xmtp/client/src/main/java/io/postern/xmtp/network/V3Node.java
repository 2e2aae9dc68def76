package io.postern.xmtp.network;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.proto.associations.IdentifierKind;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.identity.api.GetInboxIdsRequest;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.identity.api.PublishIdentityUpdateRequest;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignaturesRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageRequest;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.KeyPackageUpload;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SortDirection;
import io.postern.xmtp.proto.mls.api.UploadKeyPackageRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Speaks to the centralised XMTP service over one HTTP/2 connection. Used by many threads. */
public final class V3Node implements Node {
  private static final Logger log = LoggerFactory.getLogger(V3Node.class);

  /** A node may hold packages of 64 KiB, and answers with 25 MiB at most. */
  private static final int KEY_PACKAGES_PER_CALL = 250;

  /** The largest gRPC message that official clients decode, in octets. */
  private static final int MAX_MESSAGE = 25 * 1024 * 1024;

  private static final int PAGE = 100;

  /** A page of fewer rows may have been cut by its size: then there may be more. */
  private static final int LARGE_PAGE = 10 * 1024 * 1024;

  private static final int INBOXES_PER_CALL = 50;
  private static final int GROUPS_PER_CALL = 1000;

  private final ManagedChannel channel;
  private final Duration timeout;
  private final MlsApiGrpc.MlsApiBlockingStub mls;
  private final IdentityApiGrpc.IdentityApiBlockingStub identity;
  private final MlsApiGrpc.MlsApiStub streams;
  private final Throttle reads;
  private final Throttle writes;

  private V3Node(ManagedChannel channel, Duration timeout, InstantSource clock) {
    this.channel = channel;
    this.timeout = timeout;
    this.mls = limited(MlsApiGrpc.newBlockingStub(channel));
    this.identity = limited(IdentityApiGrpc.newBlockingStub(channel));
    this.streams = limited(MlsApiGrpc.newStub(channel));
    this.reads = new Throttle(clock);
    this.writes = new Throttle(clock);
  }

  /**
   * Prepares the connection; it is made at the first call and made again whenever it breaks.
   *
   * @throws IOException if the trusted certificates cannot be read
   */
  public static V3Node open(V3Settings settings, InstantSource clock) throws IOException {
    var headers = new Metadata();
    headers.put(header("x-libxmtp-version"), V3Settings.LIBXMTP_VERSION);
    headers.put(header("x-app-version"), V3Settings.APP_VERSION);
    var builder =
        NettyChannelBuilder.forAddress(settings.url().getHost(), settings.port())
            .keepAliveTime(16, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true)
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxInboundMetadataSize(16384)
            .flowControlWindow(2 * 1024 * 1024)
            .disableServiceConfigLookUp()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    if (settings.tls()) {
      var tls = GrpcSslContexts.forClient();
      if (settings.trustedCertificates().isPresent()) {
        tls.trustManager(settings.trustedCertificates().get().toFile());
      }
      builder.sslContext(tls.build());
    } else {
      builder.usePlaintext();
    }
    return new V3Node(builder.build(), settings.callTimeout(), clock);
  }

  @Override
  public Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses)
      throws NodeException {
    var found = new HashMap<EthereumAddress, InboxId>();
    for (var chunk : chunks(List.copyOf(addresses), INBOXES_PER_CALL)) {
      var request = GetInboxIdsRequest.newBuilder();
      for (var address : chunk) {
        request
            .addRequestsBuilder()
            .setIdentifier(address.toString())
            .setIdentifierKind(IdentifierKind.IDENTIFIER_KIND_ETHEREUM);
      }
      var response = call(reads, () -> timed(identity).getInboxIds(request.build()));
      sameSize("GetInboxIds", chunk.size(), response.getResponsesCount());
      for (int i = 0; i < chunk.size(); i++) {
        if (response.getResponses(i).hasInboxId()) {
          found.put(chunk.get(i), inboxId(response.getResponses(i).getInboxId()));
        }
      }
    }
    return found;
  }

  @Override
  public Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after)
      throws NodeException {
    var logs = new LinkedHashMap<InboxId, List<LoggedUpdate>>();
    for (var chunk : chunks(List.copyOf(after.keySet()), INBOXES_PER_CALL)) {
      logs.putAll(identityUpdates(chunk, after));
    }
    return logs;
  }

  /** One whose log cannot be had is left out, if others were asked for, too. */
  private Map<InboxId, List<LoggedUpdate>> identityUpdates(
      List<InboxId> chunk, Map<InboxId, Long> after) throws NodeException {
    try {
      return askIdentityUpdates(chunk, after);
    } catch (NodeException failed) {
      boolean ofTheService =
          failed.isRetryable() || failed.kind() == NodeException.Kind.UNSUPPORTED;
      if (ofTheService || after.size() == 1) {
        throw failed;
      }
      if (chunk.size() == 1) {
        log.warn("identity log left out inbox={} reason={}", chunk.get(0), failed.getMessage());
        return Map.of();
      }
      var logs = new LinkedHashMap<InboxId, List<LoggedUpdate>>();
      int half = chunk.size() / 2;
      logs.putAll(identityUpdates(chunk.subList(0, half), after));
      logs.putAll(identityUpdates(chunk.subList(half, chunk.size()), after));
      return logs;
    }
  }

  private Map<InboxId, List<LoggedUpdate>> askIdentityUpdates(
      List<InboxId> chunk, Map<InboxId, Long> after) throws NodeException {
    var logs = new LinkedHashMap<InboxId, List<LoggedUpdate>>();
    var request = GetIdentityUpdatesRequest.newBuilder();
    for (var inbox : chunk) {
      request.addRequestsBuilder().setInboxId(inbox.toString()).setSequenceId(after.get(inbox));
    }
    var response = call(reads, () -> timed(identity).getIdentityUpdates(request.build()));
    sameSize("GetIdentityUpdates", chunk.size(), response.getResponsesCount());
    for (int i = 0; i < chunk.size(); i++) {
      var named = response.getResponses(i).getInboxId();
      if (!named.isEmpty() && !named.equals(chunk.get(i).toString())) {
        throw new NodeException(
            NodeException.Kind.MALFORMED, "GetIdentityUpdates answered out of order");
      }
      var updates = new ArrayList<LoggedUpdate>();
      for (var log : response.getResponses(i).getUpdatesList()) {
        updates.add(new LoggedUpdate(log.getSequenceId(), log.getUpdate()));
      }
      updates.sort((a, b) -> Long.compareUnsigned(a.sequenceId(), b.sequenceId()));
      logs.put(chunk.get(i), List.copyOf(updates));
    }
    return logs;
  }

  @Override
  public void publish(IdentityUpdate update) throws NodeException {
    var request = PublishIdentityUpdateRequest.newBuilder().setIdentityUpdate(update).build();
    call(writes, () -> timed(identity).publishIdentityUpdate(request));
  }

  @Override
  public ContractWalletVerifier.Answer verify(ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException {
    var request = VerifySmartContractWalletSignaturesRequest.newBuilder();
    var asked =
        request
            .addSignaturesBuilder()
            .setAccountId(question.account().toString())
            .setSignature(question.signature())
            .setHash(question.hash());
    question.blockNumber().ifPresent(asked::setBlockNumber);
    try {
      var answers =
          call(reads, () -> timed(identity).verifySmartContractWalletSignatures(request.build()));
      sameSize("VerifySmartContractWalletSignatures", 1, answers.getResponsesCount());
      var answer = answers.getResponses(0);
      return new ContractWalletVerifier.Answer(
          answer.getIsValid(),
          answer.hasBlockNumber() ? OptionalLong.of(answer.getBlockNumber()) : OptionalLong.empty(),
          answer.hasError() ? Optional.of(answer.getError()) : Optional.empty());
    } catch (NodeException notNow) {
      throw new ContractWalletUnavailableException(notNow.getMessage());
    }
  }

  @Override
  public void uploadKeyPackage(byte[] keyPackage) throws NodeException {
    var request =
        UploadKeyPackageRequest.newBuilder()
            .setKeyPackage(
                KeyPackageUpload.newBuilder()
                    .setKeyPackageTlsSerialized(ByteString.copyFrom(keyPackage)))
            .setIsInboxIdCredential(true)
            .build();
    call(writes, () -> timed(mls).uploadKeyPackage(request));
  }

  @Override
  public List<Optional<byte[]>> keyPackages(List<InstallationId> installations)
      throws NodeException {
    var packages = new ArrayList<Optional<byte[]>>();
    for (var chunk : chunks(installations, KEY_PACKAGES_PER_CALL)) {
      packages.addAll(fewKeyPackages(chunk));
    }
    return packages;
  }

  private List<Optional<byte[]>> fewKeyPackages(List<InstallationId> installations)
      throws NodeException {
    var request = FetchKeyPackagesRequest.newBuilder();
    installations.forEach(i -> request.addInstallationKeys(ByteString.copyFrom(i.octets())));
    var response = call(reads, () -> timed(mls).fetchKeyPackages(request.build()));
    sameSize("FetchKeyPackages", installations.size(), response.getKeyPackagesCount());
    var packages = new ArrayList<Optional<byte[]>>();
    for (var found : response.getKeyPackagesList()) {
      var octets = found.getKeyPackageTlsSerialized();
      packages.add(octets.isEmpty() ? Optional.empty() : Optional.of(octets.toByteArray()));
    }
    return packages;
  }

  @Override
  public void sendGroupMessages(List<GroupMessageInput> messages) throws NodeException {
    var request = SendGroupMessagesRequest.newBuilder().addAllMessages(messages).build();
    call(writes, () -> timed(mls).sendGroupMessages(request));
  }

  @Override
  public void sendWelcomes(List<WelcomeMessageInput> welcomes) throws NodeException {
    var request = SendWelcomeMessagesRequest.newBuilder().addAllMessages(welcomes).build();
    call(writes, () -> timed(mls).sendWelcomeMessages(request));
  }

  @Override
  public Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) throws NodeException {
    return fitting(limit -> groupMessages(group, after, limit));
  }

  private Page<GroupEnvelope> groupMessages(GroupId group, Cursor after, int limit)
      throws NodeException {
    var request =
        QueryGroupMessagesRequest.newBuilder()
            .setGroupId(ByteString.copyFrom(group.octets()))
            .setPagingInfo(paging(after, limit))
            .build();
    var response = call(reads, () -> timed(mls).queryGroupMessages(request));
    var envelopes = new ArrayList<GroupEnvelope>();
    for (var message : response.getMessagesList()) {
      envelopes.add(V3Envelopes.of(message));
    }
    return new Page<>(
        envelopes,
        response.getMessagesCount() >= limit || response.getSerializedSize() > LARGE_PAGE);
  }

  @Override
  public Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after)
      throws NodeException {
    return fitting(limit -> welcomes(recipient, after, limit));
  }

  private Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after, int limit)
      throws NodeException {
    var request =
        QueryWelcomeMessagesRequest.newBuilder()
            .setInstallationKey(ByteString.copyFrom(recipient.octets()))
            .setPagingInfo(paging(after, limit))
            .build();
    var response = call(reads, () -> timed(mls).queryWelcomeMessages(request));
    var envelopes = new ArrayList<WelcomeEnvelope>();
    for (var message : response.getMessagesList()) {
      V3Envelopes.of(message).ifPresent(envelopes::add);
    }
    return new Page<>(
        envelopes,
        response.getMessagesCount() >= limit || response.getSerializedSize() > LARGE_PAGE);
  }

  @Override
  public Map<GroupId, Position> newest(Collection<GroupId> groups) throws NodeException {
    var found = new HashMap<GroupId, Position>();
    for (var chunk : chunks(List.copyOf(groups), GROUPS_PER_CALL)) {
      var request = GetNewestGroupMessageRequest.newBuilder();
      chunk.forEach(g -> request.addGroupIds(ByteString.copyFrom(g.octets())));
      var response = call(reads, () -> timed(mls).getNewestGroupMessage(request.build()));
      sameSize("GetNewestGroupMessage", chunk.size(), response.getResponsesCount());
      for (int i = 0; i < chunk.size(); i++) {
        if (response.getResponses(i).hasGroupMessage()) {
          var newest = response.getResponses(i).getGroupMessage().getV1();
          int originator = newest.getIsCommit() ? Cursor.COMMITS : Cursor.MESSAGES;
          found.put(chunk.get(i), new Position(originator, newest.getId()));
        }
      }
    }
    return found;
  }

  @Override
  public Subscription subscribe(Map<Topic, Cursor> topics, Listener listener) {
    channel.resetConnectBackoff(); // Whoever follows has a backoff of its own.
    return V3Subscription.open(streams, topics, listener, reads);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> T call(Throttle throttle, Supplier<T> call) throws NodeException {
    var silence = throttle.remaining();
    if (silence.isPresent()) {
      throw V3Failure.heldBack(silence.get());
    }
    try {
      return call.get();
    } catch (StatusRuntimeException failed) {
      throw V3Failure.of(failed.getStatus(), throttle);
    }
  }

  private <S extends AbstractStub<S>> S timed(S stub) {
    return stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static <S extends AbstractStub<S>> S limited(S stub) {
    return stub.withMaxInboundMessageSize(MAX_MESSAGE).withMaxOutboundMessageSize(MAX_MESSAGE);
  }

  private interface Query<T> {
    Page<T> ask(int limit) throws NodeException;
  }

  /** Asks for fewer rows if they are too large for a gRPC message, so that they end nothing. */
  private static <T> Page<T> fitting(Query<T> query) throws NodeException {
    int limit = PAGE;
    while (true) {
      try {
        return query.ask(limit);
      } catch (NodeException refused) {
        if (refused.kind() != NodeException.Kind.REFUSED || limit == 1) {
          throw refused;
        }
        limit /= 10;
      }
    }
  }

  private static PagingInfo paging(Cursor after, int limit) {
    return PagingInfo.newBuilder()
        .setDirection(SortDirection.SORT_DIRECTION_ASCENDING)
        .setLimit(limit)
        .setIdCursor(after.highest())
        .build();
  }

  private static InboxId inboxId(String text) throws NodeException {
    try {
      return new InboxId(text);
    } catch (IllegalArgumentException malformed) {
      throw new NodeException(NodeException.Kind.MALFORMED, malformed.getMessage());
    }
  }

  private static void sameSize(String method, int asked, int answered) throws NodeException {
    if (asked != answered) {
      throw new NodeException(
          NodeException.Kind.MALFORMED,
          method + " answered " + answered + " entries to " + asked + " questions");
    }
  }

  private static <T> List<List<T>> chunks(List<T> all, int size) {
    var chunks = new ArrayList<List<T>>();
    for (int from = 0; from < all.size(); from += size) {
      chunks.add(all.subList(from, Math.min(all.size(), from + size)));
    }
    return chunks;
  }

  private static Metadata.Key<String> header(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
