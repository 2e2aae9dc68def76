package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import io.postern.config.Config;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern vault backup FILE}. It asks the running daemon as {@link SuppressCommand} does;
 * where none runs, it opens the database itself.
 */
@Command(
    name = "backup",
    description = "Writes the seed, who is who, and the history into a sealed file.")
final class VaultBackupCommand implements Callable<Integer> {
  private static final long ASK_AGAIN_MILLIS = 300;

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A file that is not there yet.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    var settings = config.read();
    var daemon = new RunningDaemon(settings.web().listen());
    var target = file.toAbsolutePath().normalize();
    var said = daemon.isRunning() ? ask(daemon, settings.data(), target) : open(settings, target);
    var out = spec.commandLine().getOut();
    out.println(said);
    out.flush();
    return 0;
  }

  private static String ask(RunningDaemon daemon, Path data, Path target)
      throws BridgeException, InterruptedException {
    var path = StatusPage.backupPath();
    var said = daemon.change(data, path, Map.of("file", target.toString())).strip();
    while (said.startsWith(MadeBackups.MAKING)) {
      TimeUnit.MILLISECONDS.sleep(ASK_AGAIN_MILLIS);
      said = daemon.read(data, path).strip();
    }
    if (!said.startsWith(MadeBackups.MADE)) {
      throw new BridgeException(said);
    }
    return said;
  }

  private static String open(Config settings, Path target) throws Exception {
    var now = Clock.systemUTC().instant();
    try (var store = OpenedStore.open(settings, now)) {
      var backup = new Backup(store.database().source(), store.client(), store.vault());
      return MadeBackups.make(backup, target, now);
    }
  }
}
