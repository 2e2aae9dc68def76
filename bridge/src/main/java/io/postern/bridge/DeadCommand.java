package io.postern.bridge;

import io.postern.bridge.web.DeadLetters;
import io.postern.bridge.web.DeadText;
import io.postern.bridge.web.StatusPage;
import io.postern.config.Config;
import io.postern.xmtp.store.StoredText;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern dead [ID] [--to DOMAIN] [--all] [--retry] [--drop]}: the mails that were given up,
 * either way. It asks the running daemon as {@link SuppressCommand} does; where none runs, it opens
 * the database and the spool itself.
 */
@Command(
    name = "dead",
    description = "Lists the mails that were given up, shows one, tries them again, or drops one.")
final class DeadCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ID",
      defaultValue = "",
      description = "One of them, as the list names it; without it, the list is printed.")
  private String id;

  @Option(
      names = "--to",
      paramLabel = "DOMAIN",
      defaultValue = "",
      description = "Only those to this domain or mailbox.")
  private String to;

  @Option(names = "--all", description = "With --retry: all of them.")
  private boolean all;

  @Option(names = "--retry", description = "Tries again, as long as if it were new.")
  private boolean retry;

  @Option(names = "--drop", description = "Forgets it for good.")
  private boolean drop;

  @Override
  public Integer call() throws Exception {
    refuseNonsense();
    var settings = config.read();
    var daemon = new RunningDaemon(settings.web().listen());
    var out = spec.commandLine().getOut();
    out.print(daemon.isRunning() ? ask(daemon, settings.data()) : open(settings));
    out.flush();
    return 0;
  }

  private void refuseNonsense() throws BridgeException {
    int which = (id.isEmpty() ? 0 : 1) + (to.isEmpty() ? 0 : 1) + (all ? 1 : 0);
    if (retry && drop) {
      throw new BridgeException("write --retry or --drop, not both");
    }
    if (which > 1) {
      throw new BridgeException("write one of ID, --to DOMAIN and --all");
    }
    if (retry && which == 0) {
      throw new BridgeException("--retry needs an ID, --to DOMAIN or --all");
    }
    if (drop && id.isEmpty()) {
      throw new BridgeException("--drop needs an ID");
    }
    if (all && !retry) {
      throw new BridgeException("--all goes with --retry only");
    }
  }

  private String ask(RunningDaemon daemon, Path data) throws BridgeException, InterruptedException {
    if (!retry && !drop) {
      return daemon.read(data, StatusPage.deadPath(id, to));
    }
    var action = drop ? "drop" : id.isEmpty() ? "retryAll" : "retry";
    return daemon.change(
        data, StatusPage.deadPath("", ""), Map.of("action", action, "id", id, "to", to));
  }

  private String open(Config settings) throws BridgeException, IOException, SQLException {
    try (var database = Database.open(settings.store())) {
      StoreTables.migrate(database.source(), settings.store().url());
      var jdbi = StoredText.jdbi(database.source());
      var clock = Clock.systemUTC();
      try (var spool = StoredSpool.open(settings.data().resolve("spool"), database, jdbi, clock)) {
        return answer(new StoredDeadLetters(jdbi, spool, () -> {}, clock));
      }
    }
  }

  private String answer(DeadLetters letters) throws IOException {
    if (drop) {
      return DeadText.dropped(letters.drop(id));
    }
    if (retry) {
      return id.isEmpty()
          ? DeadText.retried(letters.retryAll(to))
          : DeadText.retried(letters.retry(id));
    }
    return id.isEmpty()
        ? DeadText.write(letters.find(to, DeadText.LISTED))
        : DeadText.write(letters.byId(id));
  }
}
