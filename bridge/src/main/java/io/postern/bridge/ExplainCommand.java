package io.postern.bridge;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern explain ADDRESS}: which rule applies to an address, and why. */
@Command(name = "explain", description = "Says which rule applies to an address, and why.")
final class ExplainCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ADDRESS", description = "A mailbox, for example bob@example.org.")
  private String address;

  @Override
  public Integer call() throws Exception {
    try {
      var mailbox = Mailbox.parse(address);
      spec.commandLine().getOut().println(config.read().addressRules().explain(mailbox));
      return 0;
    } catch (MailException malformed) {
      throw new BridgeException(address + " is no mailbox: " + malformed.advice(), malformed);
    }
  }
}
