package io.postern.bridge;

import io.postern.config.StoreSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern store move URL}: takes what is in the database to another one. */
@Command(name = "store", description = "Moves the database.")
final class StoreCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "write: postern store move URL");
  }

  @Command(
      name = "move",
      description =
          "Takes what is in the database of the configuration to an empty one of H2 or PostgreSQL;"
              + " the daemon must have ended. What was killed can be run again.")
  int move(
      @Mixin ConfigOption config,
      @Parameters(
              paramLabel = "URL",
              arity = "0..1",
              description = "Of JDBC: jdbc:postgresql://host/database or jdbc:h2:file:PATH.")
          Optional<String> url,
      @Option(names = "--user", paramLabel = "NAME", description = "Who logs in; PostgreSQL only.")
          Optional<String> user,
      @Option(
              names = "--password-file",
              paramLabel = "FILE",
              description = "Holds the password; PostgreSQL only.")
          Optional<Path> passwordFile,
      @Option(
              names = "--undo",
              description = "Takes back a move that has not come to its end; without URL.")
          boolean undo)
      throws Exception {
    if (undo == url.isPresent()) {
      throw new BridgeException("write either the URL to move to, or --undo");
    }
    var from = config.read().store();
    var out = spec.commandLine().getOut();
    if (undo) {
      StoreMove.undo(from);
      out.println("the database " + from.url() + " is the one in use again");
    } else {
      new StoreMove(from, target(url.get(), user, passwordFile), out, Clock.systemUTC(), step -> {})
          .run();
    }
    out.flush();
    return 0;
  }

  private static StoreSettings target(
      String url, Optional<String> user, Optional<Path> passwordFile) throws BridgeException {
    if (url.startsWith("jdbc:postgresql:") && user.isEmpty()) {
      throw new BridgeException("--user is missing; write the name to log in with");
    }
    try {
      return StoreSettings.of(url, user, passwordFile, Optional.empty(), Optional.empty());
    } catch (IllegalArgumentException refused) {
      throw new BridgeException(refused.getMessage(), refused);
    }
  }
}
