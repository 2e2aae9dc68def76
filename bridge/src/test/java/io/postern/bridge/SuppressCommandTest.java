package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.postern.config.ConfigReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.MappingSchema;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.identity.InboxId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of mailboxes that are mailed no more, from the command line. */
class SuppressCommandTest {
  @TempDir Path folder;
  private TestCommand command;
  private Path config;

  @BeforeEach
  void writeConfig() throws Exception {
    command = TestCommand.in(folder);
    config = command.config();
  }

  private String run(String... arguments) {
    return command.run(new SuppressCommand(), arguments);
  }

  @Test
  void anAddressComesOntoTheListAndOffIt() {
    assertThat(run()).isEqualTo("0 no mailbox is suppressed\n");
    assertThat(run("Bob@Example.org")).startsWith("0 ").contains("is mailed no more");

    assertThat(run()).contains("bob@example.org  every peer: the operator has taken");

    assertThat(run("bob@example.org", "--remove")).contains("is mailed again");
    assertThat(run("bob@example.org", "--remove")).contains("was not on the list");
    assertThat(run()).isEqualTo("0 no mailbox is suppressed\n");
  }

  @Test
  void whatAPersonHasSaidIsListedAndStays() throws Exception {
    var bob = new Mailbox("bob", "example.org");
    var peer = new InboxId("bad0".repeat(16));
    try (var database = Database.open(ConfigReader.read(config).store())) {
      MappingSchema.migrate(database.source());
      new SuppressionList(Jdbi.create(database.source()))
          .add(
              new Suppression(
                  bob,
                  Optional.of(peer),
                  Suppression.Reason.BLOCKED,
                  "by mail",
                  Instant.parse("2026-02-03T10:00:00Z")));
    }

    assertThat(run("bob@example.org", "--remove")).contains("was not on the list");

    assertThat(run())
        .contains(
            "2026-02-03 10:00:00 UTC  bob@example.org  "
                + peer
                + ": the person has blocked this peer (by mail)");
  }

  @Test
  void whatIsNoDaemonThoughItAnswersIsNamed() throws Exception {
    var stranger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    stranger.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    stranger.start();
    try {
      int port = stranger.getAddress().getPort();
      command.daemonAt(port);

      assertThat(run("bob@example.org"))
          .startsWith("1 a daemon runs, but its token cannot be read from " + folder);
      Files.createDirectories(folder.resolve("data"));
      Files.writeString(TokenFile.in(folder.resolve("data")), "0".repeat(32));
      assertThat(run())
          .startsWith("1 what listens at http://127.0.0.1:" + port + " answers 404")
          .contains("no postern of this version");
    } finally {
      stranger.stop(0);
    }
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThat(run("bob")).startsWith("1 bob is no mailbox");
    assertThat(run("--remove")).startsWith("1 --remove needs an address");
  }
}
