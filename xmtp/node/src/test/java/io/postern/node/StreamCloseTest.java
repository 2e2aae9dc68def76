package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call that the server has closed, not the client and not the stream, as a limit does. */
class StreamCloseTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);

  @TempDir Path folder;
  private final AtomicInteger ended = new AtomicInteger();
  private NodeDatabase database;
  private EnvelopeLog<GroupMessage> groups;

  @BeforeEach
  void open() throws Exception {
    database = NodeDatabase.open(folder, Clock.systemUTC());
    groups = new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void endsAStreamOfOneKind() {
    var client = new Client<GroupMessage>();
    new EnvelopeStream<>(
            groups,
            client,
            Map.of(GROUP, 0L),
            Status.ABORTED,
            new AtomicLong(),
            Runnable::run,
            ended::incrementAndGet)
        .start();
    assertThat(groups.feeds().topics()).isEqualTo(1);

    client.onClose.run();

    assertThat(ended).hasValue(1);
    assertThat(groups.feeds().topics()).isZero();
  }

  @Test
  void endsAStreamOfBothKinds() {
    var client = new Client<SubscribeResponse>();
    var timers = Executors.newSingleThreadScheduledExecutor();
    try {
      new TopicStream(
              groups,
              new EnvelopeLog<>("welcome", Change.WELCOME_ENTRY, WelcomeMessage.parser(), database),
              client,
              RunningNode.KEEPALIVE,
              new AtomicLong(),
              Runnable::run,
              timers,
              ended::incrementAndGet)
          .start();

      client.onClose.run();

      assertThat(ended).hasValue(1);
    } finally {
      timers.shutdownNow();
    }
  }

  /** Never reads. */
  private static final class Client<A> extends ServerCallStreamObserver<A> {
    private Runnable onClose = () -> {};

    @Override
    public void setOnCloseHandler(Runnable handler) {
      onClose = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void request(int count) {}

    @Override
    public void onNext(A answer) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
