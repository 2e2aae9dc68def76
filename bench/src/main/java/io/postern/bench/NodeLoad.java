package io.postern.bench;

import com.google.protobuf.ByteString;
import io.postern.mls.MlsException;
import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The local node alone: how many group messages a second it stores. */
final class NodeLoad {
  private static final int GROUPS = 20;
  private static final int PLAIN_OCTETS = 100;
  private static final int PARALLEL = 32;
  private static final int BATCH = 50;

  private final ForeignNode node;
  private final Report report;
  private final int messages;

  NodeLoad(ForeignNode node, Report report, int messages) {
    this.node = node;
    this.report = report;
    this.messages = messages;
  }

  void run() throws Exception {
    try (var network = V3Node.open(V3Settings.at(URI.create(node.url())), Clock.systemUTC())) {
      send(network, PARALLEL, 1); // to warm up both ends
      report.row(
          "node alone, group messages", send(network, 1, 1), messages + ", one after the other");
      report.row(
          "node alone, group messages",
          send(network, PARALLEL, 1),
          messages + ", " + PARALLEL + " under way");
      report.row(
          "node alone, group messages",
          send(network, 1, BATCH),
          messages + ", " + BATCH + " in a request");
    }
  }

  private String send(V3Node network, int threads, int batch) throws Exception {
    var requests = requests(batch);
    long began = System.nanoTime();
    MailLoad.inParallel(
        threads,
        () -> {
          for (var request = requests.poll(); request != null; request = requests.poll()) {
            network.sendGroupMessages(request);
          }
          return null;
        });
    return Report.perSecond(messages, System.nanoTime() - began);
  }

  /** Encrypted beforehand, so that only the node and the way to it are measured. */
  private BlockingQueue<List<GroupMessageInput>> requests(int batch)
      throws MlsException, IOException {
    var groups = new ArrayList<MlsGroup>();
    for (int i = 0; i < GROUPS; i++) {
      groups.add(new MlsPerson("sender " + i).createGroup());
    }
    var requests = new LinkedBlockingQueue<List<GroupMessageInput>>();
    var request = new ArrayList<GroupMessageInput>();
    for (int i = 0; i < messages; i++) {
      var octets = groups.get(i % GROUPS).encrypt(new byte[PLAIN_OCTETS]);
      request.add(
          GroupMessageInput.newBuilder()
              .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(octets)))
              .build());
      if (request.size() == batch || i == messages - 1) {
        requests.add(List.copyOf(request));
        request.clear();
      }
    }
    return requests;
  }
}
