package io.postern.bench;

import io.postern.node.interop.Sdk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Puts load on a daemon, on our client and on the local node, and prints what they carry as a table
 * in Markdown. Everything stays on this machine and ends by itself.
 */
@Command(
    name = "load",
    description = "Measures the daemon, the client and the node under load.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class LoadDriver implements Callable<Integer> {
  private static final int WARM_UP = 100;

  /** What can be measured by itself. */
  enum Part {
    /** Mails to XMTP and messages to mail. */
    DAEMON,
    /** One inbox sending and reading. */
    INBOX,
    /** Memory of idle inboxes. */
    MEMORY,
    /** Appending to the local node. */
    NODE,
    /** Growth of the local node and how fast it starts; only if it is named. */
    GROWTH,
    /** Accepting mail, beside Postfix; only if it is named. */
    POSTFIX,
    /** Memory while large mails arrive; only if it is named. */
    LARGE,
    /** Cost of a message and of a start beside many inboxes; only if it is named. */
    SCALE
  }

  @Option(
      names = "--official",
      paramLabel = "SDK",
      description = "Measures the official client beside ours: ${COMPLETION-CANDIDATES}.")
  private Optional<Sdk> official = Optional.empty();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description = "Only these parts: ${COMPLETION-CANDIDATES}.")
  private Set<Part> parts =
      EnumSet.complementOf(EnumSet.of(Part.GROWTH, Part.POSTFIX, Part.LARGE, Part.SCALE));

  @Option(names = "--mails", description = "Mails for each number of SMTP sessions.")
  private int mails = 1_000;

  @Option(
      names = "--rounds",
      description = "Rounds of each number of SMTP sessions beside Postfix.")
  private int rounds = 3;

  @Option(names = "--messages", description = "Messages in each round of messages.")
  private int messages = 500;

  @Option(names = "--inboxes", description = "Idle inboxes.")
  private int inboxes = 200;

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "INBOXES/STORED",
      description = "How many inboxes and stored messages the store of each step of SCALE has.")
  private List<ScaleLoad.Step> steps =
      List.of(
          new ScaleLoad.Step(10, 0),
          new ScaleLoad.Step(1_000, 0),
          new ScaleLoad.Step(10_000, 0),
          new ScaleLoad.Step(10_000, 1_000_000));

  @Option(names = "--appends", description = "Messages appended in each round of the node alone.")
  private int appends = 5_000;

  @Option(names = "--stored", description = "Messages that the node has at the end of its growth.")
  private int stored = 1_000_000;

  @Option(names = "--limit", description = "The longest wait for anything, in seconds.")
  private int limitSeconds = 120;

  @Option(
      names = "--folder",
      description =
          "Where the data goes; on the disk that is to be measured. Default: a new one"
              + " in the system's temporary folder. Removed in the end.")
  private Optional<Path> parent = Optional.empty();

  private LoadDriver() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new LoadDriver())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(ScaleLoad.Step.class, ScaleLoad.Step::parse)
            .execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    var folder =
        parent.isPresent()
            ? Files.createTempDirectory(parent.get(), "load")
            : Files.createTempDirectory("load");
    try {
      var report = new Report(System.out);
      if (parts.contains(Part.DAEMON)) {
        daemon(report, folder);
      }
      if (parts.contains(Part.INBOX)) {
        try (var node = ForeignNode.open(folder.resolve("inbox-node"))) {
          new InboxLoad(node, report, folder, messages).run(official);
        }
      }
      if (parts.contains(Part.MEMORY)) {
        try (var node = ForeignNode.open(folder.resolve("idle-node"))) {
          new IdleInboxes(node, report, folder, inboxes).run();
        }
      }
      if (parts.contains(Part.NODE)) {
        try (var node = ForeignNode.open(folder.resolve("node"))) {
          new NodeLoad(node, report, appends).run();
        }
      }
      if (parts.contains(Part.GROWTH)) {
        new NodeGrowth(Files.createDirectory(folder.resolve("growth")), report, stored).run();
      }
      if (parts.contains(Part.POSTFIX)) {
        new AcceptLoad(report, mails, rounds, Duration.ofSeconds(limitSeconds))
            .run(folder.resolve("accept"));
      }
      if (parts.contains(Part.LARGE)) {
        large(report, folder.resolve("large"));
      }
      if (parts.contains(Part.SCALE)) {
        try (var node = ForeignNode.open(folder.resolve("scale-node"))) {
          new ScaleLoad(node, report, folder, messages).run(steps);
        }
      }
      return 0;
    } finally {
      delete(folder);
    }
  }

  private void daemon(Report report, Path folder) throws Exception {
    var limit = Duration.ofSeconds(limitSeconds);
    var numbers = new AtomicInteger();
    try (var daemon = Daemon.open(folder.resolve("daemon"))) {
      warmUp(daemon, folder.resolve("warm-up"), limit, numbers);
      try (var reader = OwnReader.open(folder.resolve("reader"), daemon.nodeUrl())) {
        new MailLoad(daemon, report, mails, limit, numbers).run(reader);
        new MessageLoad(daemon, report, messages, limit, numbers).run(reader);
      }
      if (official.isPresent()) {
        var file = folder.resolve("official-reader.db3");
        try (var reader = OfficialReader.open(official.get(), file, daemon.nodeUrl())) {
          new MailLoad(daemon, report, mails, limit, numbers).run(reader);
        }
      }
    }
  }

  private static void large(Report report, Path folder) throws Exception {
    try (var daemon = Daemon.open(folder.resolve("daemon"));
        var reader = OwnReader.open(folder.resolve("reader"), daemon.nodeUrl())) {
      new LargeMails(daemon, report, reader).run();
    }
  }

  /** A round that is not reported: the runtime compiles what it will need. */
  private static void warmUp(Daemon daemon, Path file, Duration limit, AtomicInteger numbers)
      throws Exception {
    var silent = new Report(new PrintStream(OutputStream.nullOutputStream()));
    try (var reader = OwnReader.open(file, daemon.nodeUrl())) {
      new MailLoad(daemon, silent, WARM_UP, limit, numbers).run(reader);
      new MessageLoad(daemon, silent, WARM_UP, limit, numbers).run(reader);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
