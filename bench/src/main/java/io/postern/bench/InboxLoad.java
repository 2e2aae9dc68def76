package io.postern.bench;

import io.postern.node.interop.Peer;
import io.postern.node.interop.PeerClient;
import io.postern.node.interop.Sdk;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.GroupStore.Key;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one inbox sends into one DM and what a second one that was away reads of it, by our client
 * and by the official one, at the same node in the same run.
 */
final class InboxLoad {
  private static final int WARM_UP = 100;
  private static final int PARALLEL = 16;
  private static final int CATCH_UPS = 3;

  private final ForeignNode node;
  private final Report report;
  private final Path folder;
  private final int messages;

  /**
   * @param messages sent in each of three ways, and read three times as many, more than once
   */
  InboxLoad(ForeignNode node, Report report, Path folder, int messages) {
    this.node = node;
    this.report = report;
    this.folder = folder;
    this.messages = messages;
  }

  void run(Optional<Sdk> official) throws Exception {
    own();
    if (official.isPresent()) {
      official(official.get());
    }
  }

  private void own() throws Exception {
    var key = OwnClient.newKey();
    var file = folder.resolve("own-receiver");
    try (var sender =
        OwnClient.open(folder.resolve("own-sender"), node.url(), OwnClient.newKey())) {
      sender.xmtp().start();
      var from = sender.xmtp().createHosted(0);
      Conversation dm;
      Key received;
      try (var receiver = OwnClient.open(file, node.url(), key)) {
        var to = receiver.xmtp().createHosted(0);
        dm = from.dm(to.id());
        for (int i = 0; i < WARM_UP; i++) {
          dm.send(text(i));
        }
        to.sync();
        received = new Key(to.installation(), to.groups().get(0).group());
      }
      ownSends(sender, dm);
      try (var receiver = OwnClient.open(file, node.url(), key)) {
        var there = receiver.xmtp().conversation(received);
        int all = 3 * messages;
        for (int time = 1; time <= CATCH_UPS; time++) {
          if (time > 1) {
            queue(sender, dm, all);
          }
          long began = System.nanoTime();
          there.sync();
          long took = System.nanoTime() - began;
          if (there.messages(2 * time * all).size() < time * all) {
            throw new BenchException("our client has not read everything");
          }
          readRow("our client", all, time, took);
        }
      }
    }
  }

  /** What a runtime that compiles while it runs has not compiled the first time. */
  private void readRow(String who, int all, int time, long nanos) {
    report.row(
        "one inbox reads, " + who,
        Report.perSecond(all, nanos),
        "catch-up of " + all + ", time " + time + " of " + CATCH_UPS);
  }

  private void ownSends(OwnClient sender, Conversation dm) throws Exception {
    long began = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      dm.send(text(i));
    }
    row("our client", "one after the other", System.nanoTime() - began);

    began = System.nanoTime();
    var next = new AtomicInteger();
    MailLoad.inParallel(
        PARALLEL,
        () -> {
          for (int i = next.getAndIncrement(); i < messages; i = next.getAndIncrement()) {
            dm.send(text(i));
          }
          return null;
        });
    row("our client", PARALLEL + " under way", System.nanoTime() - began);

    began = System.nanoTime();
    queue(sender, dm, messages);
    row("our client", "queued, then published", System.nanoTime() - began);
  }

  private static void queue(OwnClient sender, Conversation dm, int many) throws Exception {
    for (int i = 0; i < many; i++) {
      var message = text(i);
      sender.store().jdbi().useTransaction(handle -> dm.enqueue(handle, message));
    }
    dm.publishNow();
  }

  private static EncodedMessage text(int number) throws ContentException {
    return EncodedMessage.of(new Text("m" + number), UUID.randomUUID().toString());
  }

  private void official(Sdk sdk) throws Exception {
    var name = "official client, SDK " + sdk;
    try (var peer = Peer.start(sdk)) {
      var from = open(peer, "official-sender.db3");
      var to = open(peer, "official-receiver.db3");
      var dm = from.dm(to.inboxId());
      bench(from, dm, WARM_UP, Map.of());
      to.syncAll();
      row(name, "one after the other", bench(from, dm, messages, Map.of()));
      row(name, PARALLEL + " under way", bench(from, dm, messages, Map.of("parallel", PARALLEL)));
      row(name, "queued, then published", bench(from, dm, messages, Map.of("optimistic", true)));
      int all = 3 * messages;
      for (int time = 1; time <= CATCH_UPS; time++) {
        if (time > 1) {
          bench(from, dm, all, Map.of("optimistic", true));
        }
        var read = to.call("benchSync", Map.of("conversation", dm));
        if (read.path("n").asInt() < time * all) {
          throw new BenchException(name + " has not read everything");
        }
        readRow(name, all, time, read.path("ms").asLong() * 1_000_000);
      }
    }
  }

  private PeerClient open(Peer peer, String file) throws Exception {
    var options = PeerClient.Options.at(node.url()).withDatabase(folder.resolve(file));
    return PeerClient.create(peer, options);
  }

  /** Lets the client send by itself and answers the nanoseconds it took. */
  private static long bench(PeerClient from, String dm, int count, Map<String, Object> how)
      throws Exception {
    var fields = new HashMap<String, Object>(how);
    fields.put("conversation", dm);
    fields.put("n", count);
    return from.call("bench", fields).path("ms").asLong() * 1_000_000;
  }

  private void row(String who, String how, long nanos) {
    report.row(
        "one inbox sends, " + who, Report.perSecond(messages, nanos), messages + " texts, " + how);
  }
}
