package io.postern.bridge;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.MappingSchema;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.identity.InboxId;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern suppress [ADDRESS [--remove]]}: whom no mail is sent to. It opens the database
 * itself; a file of H2 has one process at a time, so the daemon is ended before.
 */
@Command(
    name = "suppress",
    description = {
      "Lists the mailboxes that are mailed no more, puts one in, or takes one out.",
      "While the daemon runs on a database file, end it first."
    })
final class SuppressCommand implements Callable<Integer> {
  private static final int LISTED = 10_000;

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
    try (var database = Database.open(config.read().store())) {
      MappingSchema.migrate(database);
      var list = new SuppressionList(Jdbi.create(database));
      var out = spec.commandLine().getOut();
      if (mailbox.isEmpty()) {
        print(list, out);
      } else if (remove) {
        int entries = list.remove(mailbox.get());
        out.println(entries == 0 ? "it was not on the list" : mailbox.get() + " is mailed again");
      } else {
        list.add(
            new Suppression(
                mailbox.get(),
                Optional.empty(),
                Suppression.Reason.OPERATOR,
                "",
                Clock.systemUTC().instant()));
        out.println(mailbox.get() + " is mailed no more");
      }
      out.flush();
    }
    return 0;
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

  private static void print(SuppressionList list, PrintWriter out) {
    for (var entry : list.list(LISTED)) {
      var peer = entry.peer().map(InboxId::toString).orElse("every peer");
      var detail = entry.detail().isEmpty() ? "" : " (" + entry.detail() + ")";
      out.println(
          entry.since()
              + " "
              + entry.mailbox()
              + " "
              + peer
              + ": "
              + entry.reason().words()
              + detail);
    }
  }
}
