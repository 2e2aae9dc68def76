package io.postern.bench;

import com.google.protobuf.ByteString;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How the folder of the local node grows with its messages, and how long it takes to start with
 * them. The node is a process of its own, so that a start begins with the process.
 */
final class NodeGrowth {
  private static final double[] STEPS = {0.1, 0.2, 0.5, 1};
  private static final int GROUPS = 1_000;
  private static final int MESSAGE_OCTETS = 270;
  private static final int PARALLEL = 8;
  private static final int BATCH = 50;

  private final Path folder;
  private final Report report;
  private final int messages;
  private long stored;

  NodeGrowth(Path folder, Report report, int messages) {
    this.folder = folder;
    this.report = report;
    this.messages = messages;
  }

  void run() throws Exception {
    for (double step : STEPS) {
      long goal = Math.round(messages * step);
      String rate;
      try (var node = ForeignNode.open(folder)) {
        rate = fill(node, goal - stored);
        stored = goal;
        var full = octets();
        node.kill();
        report.row(stored + " messages", mebibytes(full), rate + ", " + perMessage(full));
      }
      report.row("  start after kill -9", start(), mebibytes(octets()) + " when stopped");
      report.row("  start", start(), mebibytes(octets()) + " when stopped");
    }
  }

  private String fill(ForeignNode node, long count) throws Exception {
    var left = new AtomicLong(count);
    try (var network = V3Node.open(V3Settings.at(URI.create(node.url())), Clock.systemUTC())) {
      long began = System.nanoTime();
      MailLoad.inParallel(
          PARALLEL,
          () -> {
            var random = new SplittableRandom();
            for (long most = left.getAndAdd(-BATCH); most > 0; most = left.getAndAdd(-BATCH)) {
              network.sendGroupMessages(batch(random, (int) Math.min(BATCH, most)));
            }
            return null;
          });
      return Report.perSecond(count, System.nanoTime() - began);
    }
  }

  private static List<GroupMessageInput> batch(SplittableRandom random, int size) {
    var batch = new ArrayList<GroupMessageInput>(size);
    for (int i = 0; i < size; i++) {
      batch.add(
          GroupMessageInput.newBuilder()
              .setV1(
                  GroupMessageInput.V1
                      .newBuilder()
                      .setData(ByteString.copyFrom(privateMessage(random))))
              .build());
    }
    return batch;
  }

  /** As RFC 9420 §6.3 frames it, around noise. */
  private static byte[] privateMessage(SplittableRandom random) {
    var octets = new byte[MESSAGE_OCTETS];
    random.nextBytes(octets);
    var out = ByteBuffer.wrap(octets);
    out.putInt(0x00010002); // mls10, mls_private_message
    out.put((byte) 16).putLong(0).putLong(random.nextInt(GROUPS)); // group_id
    out.putLong(0).put((byte) 1); // epoch, application
    out.put((byte) 0).put((byte) 0); // authenticated_data, encrypted_sender_data
    out.putShort((short) (0x4000 | out.remaining() - Short.BYTES)); // ciphertext
    return octets;
  }

  private String start() throws IOException, BenchException {
    long began = System.nanoTime();
    var node = ForeignNode.open(folder);
    long took = System.nanoTime() - began;
    node.close();
    return took / 1_000_000 + " ms";
  }

  private long octets() throws IOException {
    try (var files = Files.list(folder)) {
      long sum = 0;
      for (var file : files.toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  private static String mebibytes(long octets) {
    return (octets >> 20) + " MiB";
  }

  private String perMessage(long octets) {
    return String.format(Locale.ROOT, "%d octets a message", octets / stored);
  }
}
