package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.postern.xmtp.proto.health.HealthGrpc;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is asked, the node answers or refuses, in time and without a fault of its own. The first
 * octet says which method is called, the others are the request; they come over the network as
 * those of any client.
 */
class NodeRequestFuzzTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final int MAX_ANSWER = 25 << 20;

  /** How the network refuses; anything else is a fault. */
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.UNIMPLEMENTED,
          Status.Code.NOT_FOUND,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.UNAVAILABLE);

  /** Texts that the network gives with a code that says nothing. */
  private static final List<String> REFUSAL_TEXTS =
      List.of(
          "group is required",
          "installation key is required",
          "IdentityUpdate is required",
          "inbox_id is not",
          "ascending order only");

  private static final List<MethodDescriptor<?, ?>> METHODS = methods();

  @TempDir static Path folder;
  private static RunningNode node;

  @BeforeAll
  static void open() throws Exception {
    node = RunningNode.open(folder);
  }

  @AfterAll
  static void close() {
    node.close();
  }

  private static List<MethodDescriptor<?, ?>> methods() {
    var methods = new ArrayList<MethodDescriptor<?, ?>>();
    methods.addAll(MlsApiGrpc.getServiceDescriptor().getMethods());
    methods.addAll(IdentityApiGrpc.getServiceDescriptor().getMethods());
    methods.addAll(HealthGrpc.getServiceDescriptor().getMethods());
    methods.sort(Comparator.comparing(MethodDescriptor::getFullMethodName));
    return methods;
  }

  @FuzzTest(maxDuration = "10m")
  void answersOrRefuses(byte[] octets) throws Exception {
    if (octets.length == 0) {
      return;
    }
    var method = METHODS.get(Math.floorMod(octets[0], METHODS.size()));

    var status = call(method, octets);

    assertThat(status.isOk() || isRefusal(status))
        .as("%s: %s", method.getFullMethodName(), status)
        .isTrue();
  }

  private static boolean isRefusal(Status status) {
    var text = String.valueOf(status.getDescription());
    return REFUSALS.contains(status.getCode()) || REFUSAL_TEXTS.stream().anyMatch(text::contains);
  }

  /** Calls it, and ends what does not end by itself once it has begun. */
  private static <Q, A> Status call(MethodDescriptor<Q, A> method, byte[] octets) throws Exception {
    Q request;
    try {
      @SuppressWarnings("unchecked")
      var marshaller = (PrototypeMarshaller<Q>) method.getRequestMarshaller();
      @SuppressWarnings("unchecked")
      var parsed =
          (Q)
              ((MessageLite) marshaller.getMessagePrototype())
                  .getParserForType()
                  .parseFrom(octets, 1, octets.length - 1);
      request = parsed;
    } catch (InvalidProtocolBufferException noRequest) {
      return Status.OK; // gRPC's own code refuses it before the node sees it
    }
    var call = node.channel().newCall(method, CallOptions.DEFAULT);
    var end = new CompletableFuture<Status>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata headers) {
            if (method.getType() == MethodDescriptor.MethodType.SERVER_STREAMING) {
              end.complete(Status.OK);
            }
          }

          @Override
          public void onMessage(A message) {
            if (((MessageLite) message).getSerializedSize() > MAX_ANSWER) {
              end.complete(Status.INTERNAL.withDescription("no client can decode the answer"));
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(Integer.MAX_VALUE);
    call.sendMessage(request);
    call.halfClose();
    try {
      return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } finally {
      call.cancel("it has been seen", null);
    }
  }
}
