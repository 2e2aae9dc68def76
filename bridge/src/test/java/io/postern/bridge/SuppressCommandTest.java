package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.postern.config.ConfigReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.MappingSchema;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.identity.InboxId;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The list of mailboxes that are mailed no more, from the command line. */
class SuppressCommandTest {
  @TempDir Path folder;
  private Path config;

  @BeforeEach
  void writeConfig() throws Exception {
    config = folder.resolve("postern.yml");
    int web;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      web = socket.getLocalPort();
    }
    writeConfig(web);
  }

  private void writeConfig(int web) throws IOException {
    Files.writeString(
        config,
        "network: local\ndata: "
            + folder.resolve("data")
            + "\nweb: {listen: '127.0.0.1:"
            + web
            + "'}\n");
  }

  /** What it printed, its status first. */
  private String run(String... arguments) {
    var out = new StringWriter();
    var command = new CommandLine(new SuppressCommand());
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    command.setExecutionExceptionHandler(
        (failed, line, parsed) -> {
          line.getErr().println(failed.getMessage());
          return 1;
        });
    var all = new String[arguments.length + 2];
    all[0] = "--config";
    all[1] = config.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    int status = command.execute(all);
    return status + " " + out;
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
      MappingSchema.migrate(database);
      new SuppressionList(Jdbi.create(database))
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
      writeConfig(port);

      assertThat(run())
          .startsWith("1 what listens at http://127.0.0.1:" + port + " answers 404")
          .contains("no postern of this version");
      assertThat(run("bob@example.org"))
          .startsWith("1 a daemon runs, but its token cannot be read from " + folder);
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
