package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the node has answered is there after its process was killed at any moment, and was not given
 * another id.
 */
@Timeout(300)
class KilledNodeIT {
  private static final int GROUPS = 4;

  @TempDir Path folder;

  /** The node in a process of its own: prints its port. */
  public static final class Main {
    public static void main(String[] arguments) throws Exception {
      try {
        var node = LocalNode.open(RunningNode.settings(Path.of(arguments[0])));
        System.out.println(node.port());
        Thread.currentThread().join();
      } finally {
        Runtime.getRuntime().halt(1);
      }
    }
  }

  @ParameterizedTest(name = "killed after {0} answers")
  @ValueSource(ints = {1, 10, 150, 1_500})
  void keepsWhatItAnswered(int answers) throws Exception {
    var process = start();
    var answered = new ConcurrentLinkedQueue<ByteString>();
    var port = port(process);
    var writers = new ArrayList<CompletableFuture<Void>>();

    for (var writer = 0; writer < GROUPS; writer++) {
      var group = MlsOctets.groupId(writer);
      writers.add(CompletableFuture.runAsync(() -> sendUntilItDies(port, group, answered)));
    }
    while (answered.size() < answers) {
      Thread.onSpinWait();
    }
    process.destroyForcibly().waitFor();
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();

    try (var node = RunningNode.open(folder)) {
      var stored = new ArrayList<GroupMessage.V1>();
      for (var writer = 0; writer < GROUPS; writer++) {
        stored.addAll(all(node, MlsOctets.groupId(writer)));
      }
      var last = stored.stream().mapToLong(GroupMessage.V1::getId).max().orElse(0);
      node.send(MlsOctets.application(MlsOctets.groupId(0), "after the kill"));
      var after = all(node, MlsOctets.groupId(0));

      assertThat(stored).extracting(GroupMessage.V1::getData).containsAll(answered);
      assertThat(stored).extracting(GroupMessage.V1::getId).doesNotHaveDuplicates();
      assertThat(after.get(after.size() - 1).getId()).isEqualTo(last + 1);
    }
  }

  @Test
  void survivesOneKillAfterTheOther() throws Exception {
    var answered = new ConcurrentLinkedQueue<ByteString>();
    for (var round = 1; round <= 4; round++) {
      var process = start();
      var port = port(process);
      var group = MlsOctets.groupId(round);
      var writer = CompletableFuture.runAsync(() -> sendUntilItDies(port, group, answered));
      while (answered.size() < 50 * round) {
        Thread.onSpinWait();
      }
      process.destroyForcibly().waitFor();
      writer.join();
    }

    try (var node = RunningNode.open(folder)) {
      var stored = new ArrayList<GroupMessage.V1>();
      for (var round = 1; round <= 4; round++) {
        stored.addAll(all(node, MlsOctets.groupId(round)));
      }

      assertThat(stored).extracting(GroupMessage.V1::getData).containsAll(answered);
      assertThat(stored).extracting(GroupMessage.V1::getId).doesNotHaveDuplicates().isSorted();
      assertThat(stored)
          .extracting(GroupMessage.V1::getCreatedNs)
          .doesNotHaveDuplicates()
          .isSorted();
    }
  }

  private Process start() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static int port(Process process) throws Exception {
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = lines.readLine();
    while (line != null && !line.matches("\\d+")) {
      line = lines.readLine();
    }
    return Integer.parseInt(String.valueOf(line));
  }

  private static void sendUntilItDies(
      int port, ByteString group, ConcurrentLinkedQueue<ByteString> answered) {
    var channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .usePlaintext()
            .build();
    var stub = MlsApiGrpc.newBlockingStub(channel);
    try {
      for (var i = 0; ; i++) {
        var message = MlsOctets.application(group, "m" + i);
        stub.sendGroupMessages(
            SendGroupMessagesRequest.newBuilder().addMessages(RunningNode.input(message)).build());
        answered.add(message);
      }
    } catch (StatusRuntimeException dead) {
      channel.shutdownNow();
    }
  }

  private static List<GroupMessage.V1> all(RunningNode node, ByteString group) {
    var all = new ArrayList<GroupMessage.V1>();
    for (var page = node.query(group, 0);
        !page.isEmpty();
        page = node.query(group, all.get(all.size() - 1).getId())) {
      all.addAll(page);
    }
    return all;
  }
}
