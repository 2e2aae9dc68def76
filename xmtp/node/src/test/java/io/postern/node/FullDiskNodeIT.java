package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SubscribeGroupMessagesRequest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.CloseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk fills up, and whose database has closed itself. */
@Timeout(120)
class FullDiskNodeIT {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final long PLENTY = 1L << 40;

  @TempDir Path folder;
  private final AtomicLong free = new AtomicLong(PLENTY);
  private NodeDatabase database;
  private RunningNode node;

  @BeforeEach
  void open() throws Exception {
    database =
        NodeDatabase.open(
            folder, Clock.systemUTC(), FolderLock.take(folder), new Room(folder, free::get));
    node = RunningNode.open(RunningNode.settings(folder), database);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void readsGoOnWhileNothingCanBeWrittenAndWritesComeBackByThemselves() {
    node.send(MlsOctets.application(GROUP, "before"));

    free.set(Room.RESERVE - 1);
    assertThatThrownBy(() -> node.send(MlsOctets.application(GROUP, "meanwhile")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(refused).hasMessageContaining("disk of the node is full");
            });
    assertThat(node.query(GROUP, 0)).hasSize(1);

    free.set(PLENTY);
    node.send(MlsOctets.application(GROUP, "afterwards"));
    assertThat(node.query(GROUP, 0)).extracting(GroupMessage.V1::getId).containsExactly(1L, 2L);
  }

  @Test
  void asksForRoomForWhatIsWrittenAndNoMore() {
    free.set(Room.RESERVE + (1 << 20));

    node.send(MlsOctets.application(GROUP, "small"));
    assertThatThrownBy(() -> node.send(MlsOctets.application(GROUP, "large".repeat(1 << 18))))
        .hasMessageContaining("UNAVAILABLE");
    node.send(MlsOctets.application(GROUP, "small again"));

    assertThat(node.query(GROUP, 0)).hasSize(2);
  }

  @Test
  void opensADatabaseAgainThatHasClosedItself() throws Exception {
    node.send(MlsOctets.application(GROUP, "before"));
    var filter = SubscribeGroupMessagesRequest.Filter.newBuilder().setGroupId(GROUP).setIdCursor(1);
    var reader =
        StreamReader.open(
            node,
            MlsApiGrpc.getSubscribeGroupMessagesMethod(),
            SubscribeGroupMessagesRequest.newBuilder().addFilters(filter).build());
    reader.awaitHeaders();
    node.send(MlsOctets.application(GROUP, "live"));
    assertThat(reader.next().getV1().getId()).isEqualTo(2);

    breakDatabase();

    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(() -> node.query(GROUP, 0).size() == 2);
    node.send(MlsOctets.application(GROUP, "afterwards"));
    assertThat(node.query(GROUP, 0)).extracting(GroupMessage.V1::getId).containsExactly(1L, 2L, 3L);
    // Who listened comes back with a cursor, and so misses nothing.
    assertThat(reader.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void opensItOnlyWhenThereIsRoom() throws Exception {
    node.send(MlsOctets.application(GROUP, "before"));
    free.set(0);
    breakDatabase();

    assertThatThrownBy(() -> node.send(MlsOctets.application(GROUP, "meanwhile")))
        .hasMessageContaining("UNAVAILABLE");
    free.set(PLENTY);

    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .untilAsserted(() -> node.send(MlsOctets.application(GROUP, "afterwards")));
    assertThat(node.query(GROUP, 0)).hasSize(2);
  }

  /** As H2 does itself when it cannot write: without saving. */
  private void breakDatabase() throws SQLException {
    try (var handle = database.jdbi().open();
        var statement = handle.getConnection().createStatement()) {
      statement.execute("SHUTDOWN IMMEDIATELY");
    } catch (CloseException closed) {
      // What is shut down cannot be closed in order.
      assertThat(closed).isNotNull();
    }
  }
}
