package io.postern.bench;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingSchema;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.Vault;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * What a message costs, and what a start costs, with few inboxes and with many, with few stored
 * messages and with many. At each step the same number of messages goes through the same number of
 * rounds of ten in each DM that is written to: only what lies beside them differs.
 */
final class ScaleLoad {
  /** So many inboxes at most are written to; the others lie there. */
  private static final int LIVELY = 30;

  private static final int PER_ROUND = 10;
  private static final int WARM_UP = 500;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final ForeignNode node;
  private final Report report;
  private final Path folder;
  private final int messages;

  /**
   * @param messages sent, and received, at each step
   */
  ScaleLoad(ForeignNode node, Report report, Path folder, int messages) {
    this.node = node;
    this.report = report;
    this.folder = folder;
    this.messages = messages;
  }

  /** How large a store is. */
  record Step(int inboxes, long stored) {
    /**
     * @param text {@code INBOXES} or {@code INBOXES/MESSAGES}
     */
    static Step parse(String text) {
      var parts = text.split("/", 2);
      return new Step(Integer.parseInt(parts[0]), parts.length == 1 ? 0 : Long.parseLong(parts[1]));
    }

    @Override
    public String toString() {
      return inboxes + " inboxes, " + stored + " messages";
    }
  }

  /** What a step cost. */
  record Result(Step step, Cost sent, Cost received, ForeignDaemon.Start start) {}

  /** For each message: how long it took, and how long processors of ours were busy. */
  record Cost(double micros, double processorMicros) {
    static Cost mean(List<Cost> rounds) {
      return new Cost(
          rounds.stream().mapToDouble(Cost::micros).average().orElseThrow(),
          rounds.stream().mapToDouble(Cost::processorMicros).average().orElseThrow());
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.0f µs, processor %.0f µs", micros, processorMicros);
    }
  }

  void run(List<Step> steps) throws Exception {
    run(new Step(PER_ROUND, 0), WARM_UP);
    for (var step : steps) {
      var result = run(step, messages);
      report.row("sent, " + step, result.sent().toString(), "one after the other");
      report.row("received, " + step, result.received().toString(), "group after group");
      report.row(
          "start, " + step,
          result.start().servingMillis() + " ms",
          "all followed after " + result.start().followingMillis() + " ms");
      report.row(
          "heap, " + step,
          (result.start().heap() >> 20) + " MB",
          "daemon and node, after a full collection");
    }
  }

  /**
   * @param wanted messages; whole rounds are made of them, one at least
   */
  private Result run(Step step, int wanted) throws Exception {
    var here = Files.createTempDirectory(folder, "scale");
    var key = OwnClient.newKey();
    var file = here.resolve("postern");
    int lively = Math.min(LIVELY, step.inboxes());
    int round = lively * PER_ROUND;
    int count = Math.max(1, wanted / round) * round;
    Cost sent;
    Cost received;
    try (var peer = OwnClient.open(here.resolve("peer"), node.url(), OwnClient.newKey())) {
      var other = peer.xmtp().createHosted(0);
      List<Key> dms;
      try (var ours = OwnClient.open(file, node.url(), key)) {
        dms = dms(ours, other, lively);
        var rows = new IdleRows(ours.store());
        var all = new ArrayList<>(dms);
        all.addAll(rows.inboxes(step.inboxes() - lively, dms.get(0)));
        if (step.stored() > 0) {
          rows.messages(step.stored(), all);
        }
      }
      try (var ours = OwnClient.open(file, node.url(), key)) {
        ours.xmtp().start();
        Deadline.in(LIMIT, "following all topics").until(ours.xmtp()::isConnected);
        sent = cost(count, () -> send(ours, dms, count));
      }
      var rounds = new ArrayList<Cost>();
      for (int i = 0; i < count / round; i++) {
        answer(peer, other);
        try (var ours = OwnClient.open(file, node.url(), key)) {
          rounds.add(cost(round, () -> receive(ours, dms)));
          handOn(ours.store());
        }
      }
      received = Cost.mean(rounds);
    }
    return new Result(step, sent, received, start(here.resolve("daemon"), file, key));
  }

  /** A round of messages in each DM, from the other side. */
  private static void answer(OwnClient peer, Inbox other) throws Exception {
    other.sync();
    for (var group : other.groups()) {
      var dm = other.conversation(group.group());
      for (int i = 0; i < PER_ROUND; i++) {
        var text = text(i);
        peer.store().jdbi().useTransaction(handle -> dm.enqueue(handle, text));
      }
      dm.publishNow();
    }
  }

  /** Inboxes as they come to be on the network, with a DM each. */
  private static List<Key> dms(OwnClient ours, Inbox other, int count) throws Exception {
    var keys = new ArrayList<Key>();
    for (int i = 0; i < count; i++) {
      var dm = ours.xmtp().createHosted(i).dm(other.id());
      dm.send(text(i));
      keys.add(dm.key());
    }
    return keys;
  }

  private static Void send(OwnClient ours, List<Key> dms, int count) throws Exception {
    for (int sent = 0; sent < count; ) {
      for (var key : dms) {
        for (int i = 0; i < PER_ROUND; i++, sent++) {
          ours.xmtp().conversation(key).send(text(sent));
        }
      }
    }
    return null;
  }

  private static Void receive(OwnClient ours, List<Key> dms) throws Exception {
    for (var key : dms) {
      ours.xmtp().conversation(key).sync();
    }
    return null;
  }

  /** As if they were mails by now: a daemon that starts has nothing to make up for. */
  private static void handOn(ClientStore store) {
    store
        .jdbi()
        .useTransaction(
            handle ->
                store
                    .messages()
                    .pending(handle, 0, Integer.MAX_VALUE)
                    .forEach(pending -> store.messages().handedOn(handle, pending)));
  }

  private static Cost cost(int count, Callable<Void> work) throws Exception {
    long busy = processorNanos();
    long began = System.nanoTime();
    work.call();
    return new Cost(
        (System.nanoTime() - began) / 1e3 / count, (processorNanos() - busy) / 1e3 / count);
  }

  private static long processorNanos() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean own
        ? own.getProcessCpuTime()
        : 0;
  }

  /** A daemon on this store, in which each inbox belongs to somebody. */
  private ForeignDaemon.Start start(Path data, Path file, Secret key) throws Exception {
    Files.createDirectories(data);
    Files.move(Path.of(file + ".mv.db"), data.resolve("postern.mv.db"));
    Files.writeString(data.resolve("vault.key"), HexFormat.of().formatHex(key.toOctets()) + "\n");
    var database = OwnClient.database(data.resolve("postern"));
    try {
      MappingSchema.migrate(database);
      bind(ClientStore.open(database, Vault.of(key)));
    } finally {
      database.dispose();
    }
    return ForeignDaemon.start(data, folder.resolve("classes.jsa"));
  }

  private static void bind(ClientStore store) throws MailException {
    var bindings = new BindingStore(store.jdbi());
    store
        .jdbi()
        .useTransaction(
            handle -> {
              long person = 0;
              for (var inbox : store.inboxes().list(handle)) {
                var mailbox = Mailbox.parse("person" + person + "@example.org");
                bindings.add(
                    handle, new Binding.Hosted(mailbox, inbox.inbox(), person, Instant.now()));
                person++;
              }
            });
  }

  private static EncodedMessage text(int number) throws ContentException {
    return EncodedMessage.of(new Text("m" + number), UUID.randomUUID().toString());
  }
}
