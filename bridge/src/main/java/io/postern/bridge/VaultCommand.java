package io.postern.bridge;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern vault}: the keys of hosted inboxes, and what brings them back. docs/backup.md. */
@Command(
    name = "vault",
    description = "Makes the keys of hosted inboxes, and brings them back.",
    subcommands = {
      VaultCreateCommand.class,
      VaultBackupCommand.class,
      VaultRestoreCommand.class,
      VaultRekeyCommand.class
    })
final class VaultCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
