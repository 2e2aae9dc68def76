package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern journey ID}: asks the running daemon what happened to a mail or a message. */
@Command(name = "journey", description = "Tells what happened to a mail or a message.")
final class JourneyCommand implements Callable<Integer> {
  private static final int NOT_FOUND = 404;

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "A spool id, a Message-ID or a message id.")
  private String id;

  @Override
  public Integer call() throws Exception {
    var daemon = new RunningDaemon(config.read().web().listen());
    var answer = daemon.get(StatusPage.journeyPath(id));
    if (answer.statusCode() == NOT_FOUND) {
      throw new BridgeException("no journey is known by the name " + id);
    }
    spec.commandLine().getOut().print(answer.body());
    spec.commandLine().getOut().flush();
    return answer.statusCode() == 200 ? 0 : 1;
  }
}
