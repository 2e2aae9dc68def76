package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import io.grpc.Status;
import io.postern.xmtp.proto.health.HealthCheckRequest;
import io.postern.xmtp.proto.health.HealthCheckResponse.ServingStatus;
import io.postern.xmtp.proto.health.HealthGrpc;
import io.postern.xmtp.proto.migration.D14nMigrationApiGrpc;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalNodeTest {
  @TempDir Path folder;

  @Test
  void saysThatItServes() throws Exception {
    try (var node = RunningNode.open(folder)) {
      var health = HealthGrpc.newBlockingStub(node.channel());

      assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(ServingStatus.SERVING);
      assertThat(health.check(request("xmtp.mls.api.v1.MlsApi")).getStatus())
          .isEqualTo(ServingStatus.SERVING);
      assertRefused(() -> health.check(request("another")), Status.Code.NOT_FOUND, "");
    }
  }

  @Test
  void knowsOfNoCutover() throws Exception { // a node without migration does not have the service
    try (var node = RunningNode.open(folder)) {
      var migration = D14nMigrationApiGrpc.newBlockingStub(node.channel());

      assertRefused(
          () -> migration.fetchD14nCutover(Empty.getDefaultInstance()),
          Status.Code.UNIMPLEMENTED,
          "");
    }
  }

  @Test
  void closesTwiceWithoutHarm() throws Exception {
    var node = LocalNode.open(RunningNode.settings(folder));

    node.close();
    node.close();

    LocalNode.open(RunningNode.settings(folder)).close();
  }

  @Test
  void saysWhichAddressIsTaken() throws Exception {
    try (var first = LocalNode.open(RunningNode.settings(folder.resolve("first")))) {
      var settings =
          NodeSettings.of(
              new InetSocketAddress("127.0.0.1", first.port()), folder.resolve("second"));

      assertThatThrownBy(() -> LocalNode.open(settings))
          .isInstanceOf(NodeException.class)
          .hasMessageContaining("127.0.0.1:" + first.port());
      LocalNode.open(RunningNode.settings(folder.resolve("second"))).close();
    }
  }

  @Test
  void saysWhichFolderCannotBeUsed() throws Exception {
    var file = Files.writeString(folder.resolve("file"), "no folder");

    assertThatThrownBy(() -> LocalNode.open(RunningNode.settings(file)))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("node data folder " + file);
  }

  @Test
  void worksInAFolderWithAnOddName() throws Exception {
    try (var node = RunningNode.open(folder.resolve("odd name=x %20 ü"))) {
      node.send(MlsOctets.application(MlsOctets.groupId(1), "a"));

      assertThat(node.query(MlsOctets.groupId(1), 0)).hasSize(1);
    }
  }

  @Test
  void refusesAFolderThatTheDatabaseCannotName() {
    assertThatThrownBy(() -> LocalNode.open(RunningNode.settings(folder.resolve("a;b"))))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("semicolon");
  }

  private static HealthCheckRequest request(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }
}
