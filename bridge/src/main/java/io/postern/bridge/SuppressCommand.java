package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import io.postern.bridge.web.SuppressionText;
import io.postern.config.StoreSettings;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.xmtp.store.StoredText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern suppress [ADDRESS [--remove]]}: whom no mail is sent to. It asks the running
 * daemon, to which it shows the token that lies in the data folder, since a file of H2 has one
 * process at a time; where none runs, it opens the database itself.
 */
@Command(
    name = "suppress",
    description = "Lists the mailboxes that are mailed no more, puts one in, or takes one out.")
final class SuppressCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ADDRESS",
      description = "A mailbox, for example bob@example.org; without it, the list is printed.")
  private Optional<String> address = Optional.empty();

  @Option(names = "--remove", description = "Mail is sent to it again.")
  private boolean remove;

  @Override
  public Integer call() throws Exception {
    var mailbox = mailbox();
    if (remove && mailbox.isEmpty()) {
      throw new BridgeException("--remove needs an address");
    }
    var settings = config.read();
    var daemon = new RunningDaemon(settings.web().listen());
    var out = spec.commandLine().getOut();
    out.print(
        daemon.isRunning()
            ? ask(daemon, settings.data(), mailbox)
            : open(settings.store(), mailbox));
    out.flush();
    return 0;
  }

  private String ask(RunningDaemon daemon, Path data, Optional<Mailbox> mailbox)
      throws BridgeException, InterruptedException {
    var path = StatusPage.suppressionsPath();
    return mailbox.isEmpty()
        ? daemon.read(data, path)
        : daemon.change(
            data,
            path,
            Map.of("mailbox", mailbox.get().toString(), "action", remove ? "remove" : "add"));
  }

  private String open(StoreSettings store, Optional<Mailbox> mailbox)
      throws BridgeException, SQLException {
    try (var database = Database.open(store)) {
      StoreTables.migrate(database.source(), store.url());
      var stored = new StoredSuppressions(StoredText.jdbi(database.source()), Clock.systemUTC());
      if (mailbox.isEmpty()) {
        return SuppressionText.write(stored.find("", SuppressionText.LISTED));
      }
      if (remove) {
        return SuppressionText.removed(mailbox.get(), stored.remove(mailbox.get()));
      }
      stored.add(mailbox.get());
      return SuppressionText.added(mailbox.get());
    }
  }

  private Optional<Mailbox> mailbox() throws BridgeException {
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Mailbox.parse(address.get()));
    } catch (MailException malformed) {
      throw new BridgeException(address.get() + " is no mailbox: " + malformed.advice(), malformed);
    }
  }
}
