package io.postern.node;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import io.postern.xmtp.proto.mls.api.SendGroupMessagesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;

/**
 * How many group messages a second the node stores: run {@link #main} with a folder, the number of
 * messages of one round, how many are under way at once, and the number of groups. Prints a line
 * for each round.
 */
final class NodeBenchmark {
  private static final int ROUNDS = 8;
  private static final int MESSAGE_BYTES = 180;

  private NodeBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    var folder = Path.of(arguments[0]);
    var messages = Integer.parseInt(arguments[1]);
    var underWay = Integer.parseInt(arguments[2]);
    var groups = Integer.parseInt(arguments[3]);
    try (var node = RunningNode.open(folder)) {
      for (var round = 1; round <= ROUNDS; round++) {
        var start = System.nanoTime();
        send(node, messages, underWay, groups, new SplittableRandom(round));
        var seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
            "round %d: %.0f messages a second, database of %d MB%n",
            round, messages / seconds, Files.size(folder.resolve("node.mv.db")) >> 20);
      }
    }
  }

  private static void send(
      RunningNode node, int messages, int underWay, int groups, SplittableRandom random)
      throws InterruptedException {
    var stub = MlsApiGrpc.newFutureStub(node.channel());
    var free = new Semaphore(underWay);
    for (var i = 0; i < messages; i++) {
      free.acquire();
      var content = new byte[MESSAGE_BYTES];
      random.nextBytes(content);
      var message =
          MlsOctets.privateMessage(
              MlsOctets.groupId(random.nextInt(groups)),
              MlsOctets.APPLICATION,
              ByteString.copyFrom(content));
      var answer =
          stub.sendGroupMessages(
              SendGroupMessagesRequest.newBuilder()
                  .addMessages(RunningNode.input(message))
                  .build());
      answer.addListener(free::release, Runnable::run);
    }
    free.acquire(underWay);
  }
}
