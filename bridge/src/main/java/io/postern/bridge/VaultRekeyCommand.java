package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.VaultSettings;
import io.postern.xmtp.store.Argon2id;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code postern vault rekey}: another key file, or passphrase, for the vault. Both files stay
 * where they are, so whenever it is interrupted one of them opens the vault.
 */
@Command(
    name = "rekey",
    description = "Gives the vault another key file or passphrase; the daemon must not run.")
final class VaultRekeyCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Next next;

  /** One of the two. */
  private static final class Next {
    @Option(
        names = "--key-file",
        paramLabel = "FILE",
        required = true,
        description = "The new key; made if it is not there.")
    private Path keyFile;

    @Option(
        names = "--passphrase-file",
        paramLabel = "FILE",
        required = true,
        description = "A file with the new passphrase.")
    private Path passphraseFile;

    VaultSettings settings() {
      return keyFile == null
          ? new VaultSettings.PassphraseFile(passphraseFile)
          : new VaultSettings.KeyFile(keyFile, true);
    }
  }

  @Override
  public Integer call() throws Exception {
    var settings = config.read();
    var file = next.keyFile == null ? next.passphraseFile : next.keyFile;
    refuseSame(settings, file);
    var stretch =
        next.keyFile == null
            ? Optional.of(Argon2id.usual(new SecureRandom()))
            : Optional.<Argon2id>empty();
    try (var store = OpenedStore.open(settings, Clock.systemUTC().instant())) {
      store.database().govern(store.client().jdbi());
      var master = VaultFile.master(next.settings(), stretch);
      try {
        store.vault().rekey(store.client().jdbi(), master, stretch);
      } finally {
        master.erase();
      }
    }
    var out = spec.commandLine().getOut();
    out.println(
        "the vault opens with "
            + file
            + " only; before you start the daemon, name it at "
            + (next.keyFile == null ? "vault.passphraseFile" : "vault.keyFile")
            + ", or put it in the place of "
            + named(settings));
    out.println(
        "backups that were made before open with the old one, or with the words of the seed; make"
            + " a new one now, and keep a copy of "
            + file
            + " where the backups are not");
    out.flush();
    return 0;
  }

  private static Path named(Config settings) {
    return settings.vault() instanceof VaultSettings.KeyFile keyFile
        ? keyFile.file()
        : ((VaultSettings.PassphraseFile) settings.vault()).file();
  }

  private static void refuseSame(Config settings, Path file) throws BridgeException, IOException {
    if (Files.exists(file)
        && Files.exists(named(settings))
        && Files.isSameFile(file, named(settings))) {
      throw new BridgeException(file + " is what the configuration names already; name a new file");
    }
  }
}
