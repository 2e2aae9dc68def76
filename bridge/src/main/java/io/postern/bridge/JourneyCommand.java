package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern journey ID}: asks the running daemon what happened to a mail or a message. */
@Command(name = "journey", description = "Tells what happened to a mail or a message.")
final class JourneyCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int NOT_FOUND = 404;

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "A spool id, a Message-ID or a message id.")
  private String id;

  @Override
  public Integer call() throws Exception {
    var listen = config.read().web().listen();
    var base = URI.create("http://" + Words.of(listen));
    try {
      var request =
          HttpRequest.newBuilder(base.resolve(StatusPage.journeyPath(id))).timeout(TIMEOUT).build();
      var answer =
          HttpClient.newBuilder()
              .connectTimeout(TIMEOUT)
              .build()
              .send(request, BodyHandlers.ofString());
      if (answer.statusCode() == NOT_FOUND) {
        throw new BridgeException("no journey is known by the name " + id);
      }
      spec.commandLine().getOut().print(answer.body());
      spec.commandLine().getOut().flush();
      return answer.statusCode() == 200 ? 0 : 1;
    } catch (IOException unreachable) {
      throw new BridgeException(
          "no daemon answers at " + base + "; start it with: postern run", unreachable);
    }
  }
}
