package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.identity.api.GetInboxIdsRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.GetNewestGroupMessageRequest;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that ask for too much, never read, or never end what they say. */
@Timeout(180)
class BadClientsIT {
  private static final ByteString GROUP = MlsOctets.groupId(1);

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

  interface Call {
    Object on(RunningNode node);
  }

  static Stream<Call> callsThatAskForTooMuch() {
    var key = ByteString.copyFrom(new byte[32]);
    return Stream.of(
        node -> {
          var request = FetchKeyPackagesRequest.newBuilder();
          for (var i = 0; i < 5_001; i++) {
            request.addInstallationKeys(key);
          }
          return node.mls().fetchKeyPackages(request.build());
        },
        node -> {
          var request = GetNewestGroupMessageRequest.newBuilder();
          for (var i = 0; i < 10_001; i++) {
            request.addGroupIds(key);
          }
          return node.mls().getNewestGroupMessage(request.build());
        },
        node -> {
          var request = GetIdentityUpdatesRequest.newBuilder();
          for (var i = 0; i < 1_001; i++) {
            request.addRequestsBuilder().setInboxId("a");
          }
          return node.identity().getIdentityUpdates(request.build());
        },
        node -> {
          var request = GetInboxIdsRequest.newBuilder();
          for (var i = 0; i < 10_001; i++) {
            request.addRequestsBuilder().setIdentifier("0xa");
          }
          return node.identity().getInboxIds(request.build());
        },
        node -> {
          var request = SubscribeGroupMessagesRequest.newBuilder();
          for (var i = 0; i < TopicStream.MAX_TOPICS + 1; i++) {
            request.addFiltersBuilder().setGroupId(GROUP);
          }
          return node.mls().subscribeGroupMessages(request.build()).next();
        });
  }

  @ParameterizedTest
  @MethodSource("callsThatAskForTooMuch")
  void whoAsksForTooMuchAtOnceIsRefused(Call call) {
    assertThatThrownBy(() -> call.on(node))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining("at most");
    node.send(MlsOctets.application(GROUP, "others go on"));
  }

  @Test
  void whoNeverReadsIsCutOffAndKeepsNobodyWaiting() throws Exception {
    var request =
        SubscribeGroupMessagesRequest.newBuilder()
            .addFilters(SubscribeGroupMessagesRequest.Filter.newBuilder().setGroupId(GROUP).build())
            .build();
    try (var silent =
            StreamReader.open(node, MlsApiGrpc.getSubscribeGroupMessagesMethod(), request, 1);
        var reader =
            StreamReader.open(node, MlsApiGrpc.getSubscribeGroupMessagesMethod(), request)) {
      silent.awaitHeaders();
      reader.awaitHeaders();

      for (var i = 0; i < 80; i++) {
        node.send(MlsOctets.application(GROUP, i + "x".repeat(1 << 20)));
        assertThat(reader.next().getV1().getId()).isEqualTo(i + 1);
      }

      silent.request(Integer.MAX_VALUE);
      assertThat(silent.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
    }
  }

  @Test
  void halfMessagesOfManyCallsTakeNoMoreThanTheirShare() throws Exception {
    var slow = new ArrayList<HalfMessage>();
    try {
      // Each of so many octets that all together pass the bound.
      for (var i = 0; i < 5; i++) {
        slow.add(HalfMessage.send(node.node().port(), 30 << 20));
      }

      await()
          .atMost(Duration.ofSeconds(90))
          .until(() -> slow.stream().anyMatch(HalfMessage::hasEnded));
      assertThat(slow).filteredOn(HalfMessage::hasEnded).hasSizeLessThan(slow.size());
      assertThat(slow).filteredOn(HalfMessage::hasEnded).allMatch(HalfMessage::isConnected);
      node.send(MlsOctets.application(GROUP, "others go on"));
      assertThat(node.query(GROUP, 0)).extracting(GroupMessage.V1::getId).containsExactly(1L);
    } finally {
      for (var each : slow) {
        each.close();
      }
    }
  }

  @Test
  void whoConnectsTooOftenIsClosedAndKeepsNobodyElseOut() throws Exception {
    node.send(MlsOctets.application(GROUP, "connected before"));
    var sockets = new ArrayList<Socket>();
    try {
      for (var i = 0; i < LimitedListener.MAX_CONNECTIONS + 20; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), node.node().port()));
      }

      assertThat(sockets.stream().skip(LimitedListener.MAX_CONNECTIONS)).allMatch(this::ends);
      node.send(MlsOctets.application(GROUP, "goes on"));
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              try (var again = new Socket(InetAddress.getLoopbackAddress(), node.node().port())) {
                HalfMessage.greet(again.getOutputStream());
                again.setSoTimeout(60_000);
                return again.getInputStream().read() >= 0;
              } catch (IOException closed) {
                return false;
              }
            });
  }

  @Test
  void whoDoesNotSayWhatItIsOrDoesNotFinishIsNotWaitedFor() throws Exception {
    node.close();
    var shortly = Duration.ofSeconds(2);
    node = RunningNode.open(folder, new Patience(shortly, shortly, Duration.ofSeconds(30)));
    try (var silent = new Socket(InetAddress.getLoopbackAddress(), node.node().port());
        var half = HalfMessage.send(node.node().port(), 1 << 20)) {
      assertThat(ends(silent)).isTrue();
      await().atMost(Duration.ofSeconds(60)).until(half::hasEnded);
      assertThat(half.isConnected()).isTrue();
    }
    node.send(MlsOctets.application(GROUP, "others go on"));
  }

  /** Whether the other end closes; it may say why before. */
  private boolean ends(Socket socket) {
    try {
      socket.setSoTimeout(60_000);
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException waiting) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /**
   * A call over HTTP/2 (RFC 9113) made by hand, since no gRPC library stops in the midst of a
   * message: it promises a message, sends a part of it, and then nothing more.
   */
  private static final class HalfMessage implements AutoCloseable {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int FIRST_WINDOW = 65_535;
    private static final int CHUNK = 16_384;

    private final Socket socket;
    private long streamWindow = FIRST_WINDOW;
    private long window = FIRST_WINDOW;
    private volatile boolean ended;

    private volatile boolean connected = true;

    private HalfMessage(Socket socket) {
      this.socket = socket;
    }

    static void greet(OutputStream out) throws IOException {
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(out, SETTINGS, 0, 0, new byte[0]);
    }

    static HalfMessage send(int port, int octets) throws IOException {
      var socket = new Socket(InetAddress.getLoopbackAddress(), port);
      var half = new HalfMessage(socket);
      var out = socket.getOutputStream();
      greet(out);
      start(half::read);
      var headers = new ByteArrayOutputStream();
      header(headers, ":method", "POST");
      header(headers, ":scheme", "http");
      header(headers, ":path", "/xmtp.mls.api.v1.MlsApi/SendGroupMessages");
      header(headers, ":authority", "localhost");
      header(headers, "te", "trailers");
      header(headers, "content-type", "application/grpc");
      frame(out, HEADERS, END_HEADERS, 1, headers.toByteArray());
      half.body(out, octets);
      return half;
    }

    /** Writes in a thread of its own: flow control may stop it before the end. */
    private void body(OutputStream out, int octets) {
      start(
          () -> {
            try {
              takeWindow(5);
              frame(out, DATA, 0, 1, ByteBuffer.allocate(5).put(1, (byte) 3).array());
              for (var sent = 0; sent < octets; sent += CHUNK) {
                takeWindow(CHUNK);
                frame(out, DATA, 0, 1, new byte[CHUNK]);
              }
            } catch (IOException | InterruptedException closed) {
              connected = false;
            }
          });
    }

    private static void start(Runnable work) {
      var thread = new Thread(work, "half-message");
      thread.setDaemon(true);
      thread.start();
    }

    private synchronized void takeWindow(int octets) throws InterruptedException {
      while (Math.min(streamWindow, window) < octets) {
        wait();
      }
      streamWindow -= octets;
      window -= octets;
    }

    private synchronized void addWindow(int stream, long octets) {
      if (stream == 0) {
        window += octets;
      } else {
        streamWindow += octets;
      }
      notifyAll();
    }

    private void read() {
      try (var in = new DataInputStream(socket.getInputStream())) {
        while (true) {
          var length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
          var type = in.readUnsignedByte();
          var flags = in.readUnsignedByte();
          var stream = in.readInt();
          var payload = in.readNBytes(length);
          if (type == GOAWAY) {
            connected = false;
          } else if (type == WINDOW_UPDATE) {
            addWindow(stream, ByteBuffer.wrap(payload).getInt());
          } else if (type == SETTINGS && flags != ACK) {
            settings(payload);
          } else if (type == PING && flags != ACK) {
            frame(socket.getOutputStream(), PING, ACK, 0, payload);
          } else if (type == HEADERS && (flags & END_STREAM) != 0) {
            ended = true;
          }
        }
      } catch (IOException closed) {
        connected = false;
      }
    }

    private void settings(byte[] payload) throws IOException {
      frame(socket.getOutputStream(), SETTINGS, ACK, 0, new byte[0]);
      var settings = ByteBuffer.wrap(payload);
      while (settings.hasRemaining()) {
        var name = settings.getShort();
        var value = settings.getInt();
        if (name == INITIAL_WINDOW_SIZE) {
          addWindow(1, value - (long) FIRST_WINDOW);
        }
      }
    }

    /** Whether the node has ended the call. */
    boolean hasEnded() {
      return ended;
    }

    /** Whether the connection goes on. */
    boolean isConnected() {
      return connected;
    }

    /** RFC 7541 §6.2.2, without Huffman codes. */
    private static void header(ByteArrayOutputStream out, String name, String value) {
      out.write(0);
      for (var text : List.of(name, value)) {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }

    private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload)
        throws IOException {
      var frame = ByteBuffer.allocate(9 + payload.length);
      frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
      frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
      synchronized (out) {
        out.write(frame.array());
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
