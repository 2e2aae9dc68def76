package io.postern.bridge;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern run}: the daemon, until it is told to stop. */
@Command(
    name = "run",
    description =
        "Carries mail and messages, or stands by while another does, until it is told to stop.")
final class RunCommand implements Callable<Integer>, Daemon.Role {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (var stopped = new UntilStopped()) {
      new Daemon(config.read(), Clock.systemUTC(), this).run(stopped);
    }
    return 0;
  }

  @Override
  public void standsBy(URI page, Optional<InetSocketAddress> smtp) {
    var out = spec.commandLine().getOut();
    out.println(
        "standby"
            + smtp.map(address -> " smtp=" + Words.of(address)).orElse("")
            + " status="
            + page);
    out.flush();
  }

  @Override
  public void carries(Bridge ready) {
    var out = spec.commandLine().getOut();
    out.println(
        "ready smtp="
            + Words.of(ready.smtpAddress())
            + ready.nodeAddress().map(address -> " node=" + Words.of(address)).orElse("")
            + " status="
            + ready.statusPage());
    out.flush();
  }
}
