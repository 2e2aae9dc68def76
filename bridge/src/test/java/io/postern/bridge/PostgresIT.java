package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.interop.PostgresServer;
import io.postern.mail.AcceptedMail;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.xmtp.store.StoredText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** Both ways; on PostgreSQL it outlives the machine that has taken it, with all its files. */
  @Test
  void mailThatWaitsIsCarriedWhereverTheDatabaseIs() throws Exception {
    var stores = List.of(h2("first"), postgres(), h2("last"));
    try (var bridge = TestBridge.open(config(stores.get(0)), Clock.systemUTC())) {
      bobWrites(bridge, 0);
      await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    }
    waits(stores.get(0), "left in the folder");
    move(stores.get(0), stores.get(1));

    heardFrom(stores.get(1), "left in the folder");
    waits(stores.get(1), "left in the table");
    delete(folder.resolve("bridge").resolve("spool"));
    heardFrom(stores.get(1), "left in the table");
    waits(stores.get(1), "moved in the table");
    move(stores.get(1), stores.get(2));
    heardFrom(stores.get(2), "moved in the table");

    assertThat(alice.heardTexts()).hasSize(4);
  }

  private void heardFrom(StoreSettings store, String text) throws Exception {
    try (var bridge = TestBridge.open(config(store), Clock.systemUTC())) {
      await().atMost(PATIENCE).until(() -> alice.heardTexts().contains(text));
      assertThat(bridge.captured()).isEmpty();
    }
  }

  /** As if the daemon had died behind the 250. */
  private void waits(StoreSettings store, String text) throws Exception {
    var clock = Clock.systemUTC();
    try (var database = Database.open(store)) {
      var jdbi = StoredText.jdbi(database.source());
      database.govern(jdbi);
      try (var spool =
          StoredSpool.open(config(store).data().resolve("spool"), database, jdbi, clock)) {
        var octets =
            ("From: Bob <" + BOB + ">\r\nSubject: Re: Moving\r\n\r\n" + text + "\r\n").getBytes();
        var received = new Received(clock.instant(), "192.0.2.1", "mx", true, Verdict.unchecked());
        spool.accept(
            new AcceptedMail(Envelope.of(BOB, List.of(alice.mailbox())), octets, received));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
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
