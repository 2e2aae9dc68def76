package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.VaultSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code postern vault create}: makes what the identities of hosted inboxes come from, as far as it
 * is not there, and shows the words of the seed once.
 */
@Command(
    name = "create",
    description = "Makes the vault's key and the seed, and shows the seed's words once.")
final class VaultCreateCommand implements Callable<Integer> {
  private final Supplier<Optional<Terminal>> terminal;

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Option(
      names = "--yes-print",
      description = "Prints the words to whatever reads them, and asks nothing.")
  private boolean print;

  VaultCreateCommand() {
    this(Terminal::ofProcess);
  }

  VaultCreateCommand(Supplier<Optional<Terminal>> terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    var settings = config.read();
    var person = print ? Optional.<Terminal>empty() : terminal.get();
    if (!print && person.isEmpty()) {
      throw new BridgeException(
          "the words of the seed are shown on a terminal only, since what goes to a file or a"
              + " program is soon read by others; run this on a terminal, or add --yes-print");
    }
    var clock = Clock.systemUTC();
    Files.createDirectories(settings.data());
    makeKey(settings);
    try (var store = OpenedStore.open(settings, clock.instant())) {
      long nowNs = TimeUnit.MILLISECONDS.toNanos(clock.millis());
      var words = new SeedWords(store.client(), new SecureRandom(), nowNs);
      if (print) {
        words.print(spec.commandLine().getOut());
      } else {
        words.show(person.get());
      }
    }
    return 0;
  }

  private void makeKey(Config settings) throws BridgeException {
    if (settings.vault() instanceof VaultSettings.KeyFile keyFile
        && Files.notExists(keyFile.file())) {
      try {
        VaultFile.make(keyFile.file());
      } catch (IOException failed) {
        throw new BridgeException(
            "vault.keyFile "
                + keyFile.file()
                + " cannot be made: "
                + Words.of(failed)
                + "; make its folder, or name another file",
            failed);
      }
      var err = spec.commandLine().getErr();
      err.println("made " + keyFile.file() + "; keep a copy where the backups are not");
      err.flush();
    }
  }
}
