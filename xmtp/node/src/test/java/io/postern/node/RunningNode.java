package io.postern.node;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.QueryGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SortDirection;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node on loopback and a client of it, for one test. */
final class RunningNode implements AutoCloseable {
  static final Duration KEEPALIVE = Duration.ofSeconds(30);

  private static final int MAX_BYTES = 25 << 20; // as official clients

  private final LocalNode node;
  private final ManagedChannel channel;

  private RunningNode(LocalNode node) {
    this.node = node;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port())
            .usePlaintext()
            .maxInboundMessageSize(MAX_BYTES)
            .build();
  }

  static RunningNode open(Path folder) throws NodeException {
    return open(folder, Clock.systemUTC());
  }

  static RunningNode open(Path folder, Clock clock) throws NodeException {
    return open(settings(folder), clock, KEEPALIVE);
  }

  static RunningNode open(NodeSettings settings, Clock clock, Duration keepalive)
      throws NodeException {
    return new RunningNode(
        LocalNode.open(settings, clock, Patience.USUAL.withKeepalive(keepalive)));
  }

  static RunningNode open(Path folder, Patience patience) throws NodeException {
    return new RunningNode(LocalNode.open(settings(folder), Clock.systemUTC(), patience));
  }

  static RunningNode open(NodeSettings settings, NodeDatabase database) throws NodeException {
    return new RunningNode(LocalNode.open(settings, Clock.systemUTC(), Patience.USUAL, database));
  }

  static NodeSettings settings(Path folder) {
    return NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder);
  }

  LocalNode node() {
    return node;
  }

  ManagedChannel channel() {
    return channel;
  }

  MlsApiGrpc.MlsApiBlockingStub mls() {
    return MlsApiGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  MlsApiGrpc.MlsApiStub mlsStreams() {
    return MlsApiGrpc.newStub(channel);
  }

  IdentityApiGrpc.IdentityApiBlockingStub identity() {
    return IdentityApiGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  void send(ByteString... messages) {
    var request = SendGroupMessagesRequest.newBuilder();
    for (var message : messages) {
      request.addMessages(input(message));
    }
    mls().sendGroupMessages(request.build());
  }

  static GroupMessageInput input(ByteString data) {
    return GroupMessageInput.newBuilder()
        .setV1(GroupMessageInput.V1.newBuilder().setData(data))
        .build();
  }

  void welcome(WelcomeMessageInput... welcomes) {
    mls()
        .sendWelcomeMessages(
            SendWelcomeMessagesRequest.newBuilder().addAllMessages(List.of(welcomes)).build());
  }

  /** One page, as official clients ask for it. */
  List<GroupMessage.V1> query(ByteString groupId, long cursor) {
    return mls()
        .queryGroupMessages(
            QueryGroupMessagesRequest.newBuilder()
                .setGroupId(groupId)
                .setPagingInfo(ascending(cursor))
                .build())
        .getMessagesList()
        .stream()
        .map(GroupMessage::getV1)
        .toList();
  }

  List<WelcomeMessage> queryWelcomes(ByteString installationKey, long cursor) {
    return mls()
        .queryWelcomeMessages(
            QueryWelcomeMessagesRequest.newBuilder()
                .setInstallationKey(installationKey)
                .setPagingInfo(ascending(cursor))
                .build())
        .getMessagesList();
  }

  static PagingInfo ascending(long cursor) {
    return PagingInfo.newBuilder()
        .setDirection(SortDirection.SORT_DIRECTION_ASCENDING)
        .setLimit(100)
        .setIdCursor(cursor)
        .build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    node.close();
  }
}
