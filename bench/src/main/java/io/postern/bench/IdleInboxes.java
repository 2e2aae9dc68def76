package io.postern.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** How much memory a hosted inbox costs that nobody writes to, and how fast inboxes are made. */
final class IdleInboxes {
  private static final int WARM_UP = 20;
  private static final int COLLECTIONS = 3;

  private final ForeignNode node;
  private final Report report;
  private final Path folder;
  private final int inboxes;

  IdleInboxes(ForeignNode node, Report report, Path folder, int inboxes) {
    this.node = node;
    this.report = report;
    this.folder = folder;
    this.inboxes = inboxes;
  }

  void run() throws Exception {
    try (var client = OwnClient.open(folder.resolve("idle"), node.url(), OwnClient.newKey())) {
      client.xmtp().start();
      for (int i = 0; i < WARM_UP; i++) {
        client.xmtp().createHosted(i);
      }
      long before = usedHeap();
      long began = System.nanoTime();
      for (int i = 0; i < inboxes; i++) {
        client.xmtp().createHosted(WARM_UP + i);
      }
      long took = System.nanoTime() - began;
      long after = usedHeap();
      report.row(
          "inboxes registered", Report.perSecond(inboxes, took), inboxes + ", one after the other");
      report.row(
          "heap of an idle inbox",
          Math.max(0, after - before) / inboxes / 1024 + " KB",
          "growth by " + inboxes + " inboxes, the database's page cache included");
    }
  }

  private static long usedHeap() {
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
