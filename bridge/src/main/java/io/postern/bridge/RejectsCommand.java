package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern rejects [NAME]}: asks the running daemon which mail it has refused, and why. */
@Command(name = "rejects", description = "Lists the mail that was refused, and why.")
final class RejectsCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      defaultValue = "",
      description = "An address, a domain, an IP address or a Message-ID; without it: the last.")
  private String name;

  @Override
  public Integer call() throws Exception {
    var answer = new RunningDaemon(config.read().web().listen()).get(StatusPage.rejectsPath(name));
    spec.commandLine().getOut().print(answer.body());
    spec.commandLine().getOut().flush();
    return answer.statusCode() == 200 ? 0 : 1;
  }
}
