package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.interop.PostgresServer;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation goes on while the database of the daemon is moved to PostgreSQL and back. */
class PostgresIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;
  private LocalNode node;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    var settings = NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node"));
    node = LocalNode.open(settings);
    alice = new TestPeer(folder, "http://127.0.0.1:" + node.port());
  }

  @AfterEach
  void close() {
    alice.close();
    node.close();
  }

  private Config config(StoreSettings store) {
    var network = new NetworkSettings.At(URI.create("http://127.0.0.1:" + node.port()));
    return new TestConfig(folder.resolve("bridge"), network).store(store).get();
  }

  private StoreSettings h2(String name) {
    return new StoreSettings.H2File("jdbc:h2:file:" + folder.resolve(name).toAbsolutePath());
  }

  private StoreSettings postgres() throws Exception {
    var database = PostgresServer.require().newDatabase();
    var password = Files.writeString(folder.resolve("password"), database.password());
    return new StoreSettings.PostgreSql(database.url(), database.user(), Optional.of(password), 8);
  }

  private void move(StoreSettings from, StoreSettings to) throws Exception {
    var out = new PrintWriter(new StringWriter());
    new StoreMove(from, to, out, Clock.systemUTC(), step -> {}).run();
  }

  @Test
  void aConversationGoesOnInEachDatabase() throws Exception {
    var heard = new ArrayList<String>();
    var stores = List.of(h2("first"), postgres(), h2("last"));

    for (int i = 0; i < stores.size(); i++) {
      if (i > 0) {
        move(stores.get(i - 1), stores.get(i));
      }
      try (var bridge = TestBridge.open(config(stores.get(i)), Clock.systemUTC())) {
        bobWrites(bridge, i);
        heard.add("text " + i);
        await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == heard.size());
        alice.answer("answer " + i);
        int answers = i + 1;
        await().atMost(PATIENCE).until(() -> bridge.captured().size() == answers);
        assertThat(TestBridge.said(bridge.captured().get(i))).isEqualTo("answer " + i);
      }
    }

    assertThat(alice.heardTexts().get(0)).endsWith(heard.get(0));
    assertThat(alice.heardTexts().subList(1, 3)).isEqualTo(heard.subList(1, 3));
  }

  private void bobWrites(TestBridge bridge, int number) {
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: " + (number == 0 ? "" : "Re: ") + "Moving",
        "Message-ID: <" + number + "@example.org>",
        "",
        "text " + number);
  }
}
