package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.AcceptedMail;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import io.postern.smtp.Spool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters from the command line, where no daemon runs. */
class DeadCommandTest {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox ALICE = new Mailbox("alice", "bridge.localhost");

  @TempDir Path folder;
  private TestCommand command;

  @BeforeEach
  void writeConfig() throws Exception {
    command = TestCommand.in(folder);
  }

  private String run(String... arguments) {
    return command.run(new DeadCommand(), arguments);
  }

  private String dead() throws Exception {
    try (var spool = Spool.open(command.data().resolve("spool"), Clock.systemUTC())) {
      spool.accept(
          new AcceptedMail(
              Envelope.of(BOB, List.of(ALICE)),
              "Subject: secret\r\n\r\ntext\r\n".getBytes(StandardCharsets.UTF_8),
              new Received(Instant.now(), "127.0.0.1", "h", false, Verdict.unchecked())));
      var id = spool.due(Instant.MAX, 1).get(0).id();
      spool.dead(id, "5.4.7", "nobody was reached");
      return id.toString();
    }
  }

  @Test
  void theyAreListedShownTriedAgainAndForgotten() throws Exception {
    assertThat(run()).isEqualTo("0 there are no dead letters\n");
    var id = dead();

    assertThat(run())
        .contains(id + "  from bob@example.org to alice@bridge.localhost: 5.4.7 nobody was reached")
        .doesNotContain("secret");
    assertThat(run("--to", "example.org")).isEqualTo("0 there are no dead letters\n");
    assertThat(run(id))
        .contains("given up  ", "from      bob@example.org")
        .doesNotContain("secret");
    assertThat(run(id, "--retry")).isEqualTo("0 it is tried again\n");
    assertThat(run(id, "--retry")).startsWith("0 there is no such dead letter");
    var other = dead();
    assertThat(run("--retry", "--to", "bridge.localhost")).isEqualTo("0 1 tried again\n");
    assertThat(run(other, "--drop")).startsWith("0 there is no such dead letter");
    var last = dead();
    assertThat(run(last, "--drop")).isEqualTo("0 it is forgotten\n");
    assertThat(run("--retry", "--all")).isEqualTo("0 0 tried again\n");
  }

  @Test
  void whatMakesNoSenseIsNamed() {
    assertThat(run("--retry")).startsWith("1 --retry needs an ID, --to DOMAIN or --all");
    assertThat(run("--drop")).startsWith("1 --drop needs an ID");
    assertThat(run("--drop", "--to", "a.example")).startsWith("1 --drop needs an ID");
    assertThat(run("7", "--drop", "--retry")).startsWith("1 write --retry or --drop");
    assertThat(run("7", "--to", "a.example")).startsWith("1 write one of ID, --to");
    assertThat(run("--all")).startsWith("1 --all goes with --retry");
  }
}
