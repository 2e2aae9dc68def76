package io.postern.bridge;

import io.postern.config.ConfigException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code postern}. Every command is a file of its own. */
@Command(
    name = "postern",
    description = "Makes email addresses into XMTP identities.",
    mixinStandardHelpOptions = true,
    version = "postern " + Version.TEXT,
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      ExplainCommand.class,
      JourneyCommand.class,
      RejectsCommand.class,
      NodeCommand.class,
      ChatCommand.class,
      DkimCommand.class,
      LoginCommand.class,
      SuppressCommand.class,
      DeadCommand.class,
      StoreCommand.class,
      VaultCommand.class
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;

  private Main() {}

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  public static void main(String[] arguments) {
    // gRPC logs by java.util.logging, of which only trouble is worth a line.
    Logger.getLogger("").setLevel(Level.WARNING);
    var program = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    program.setExecutionExceptionHandler(
        (failed, command, parsed) -> {
          if (failed instanceof BridgeException || failed instanceof ConfigException) {
            command.getErr().println(failed.getMessage());
            return FAILED;
          }
          throw failed;
        });
    System.exit(program.execute(arguments));
  }
}
