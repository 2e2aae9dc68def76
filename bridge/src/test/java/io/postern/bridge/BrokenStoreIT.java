package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** H2 closes its database when a write fails, as it does on a full disk. */
@Timeout(180)
class BrokenStoreIT {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;
  private final UntilStopped stopped = new UntilStopped();
  private final List<Bridge> bridges = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Path key;
  private LocalNode node;
  private Config config;
  private TestPeer alice;
  private CompletableFuture<Void> daemon;

  @BeforeEach
  void start() throws Exception {
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    node = LocalNode.open(NodeSettings.of(free, folder.resolve("node")));
    var url = "http://127.0.0.1:" + node.port();
    key = Files.writeString(folder.resolve("vault.key"), "11".repeat(32));
    config =
        new TestConfig(folder.resolve("data"), new NetworkSettings.At(URI.create(url)))
            .vault(key)
            .get();
    Files.createDirectories(config.data());
    try (var store = OpenedStore.open(config, Clock.systemUTC().instant())) {
      store.client().jdbi().useHandle(h -> store.client().seeds().insert(h, new byte[32]));
    }
    log.start();
    ((Logger) LoggerFactory.getLogger(Daemon.class)).addAppender(log);
    alice = new TestPeer(folder, url);
    daemon = CompletableFuture.runAsync(this::run);
  }

  @AfterEach
  void stop() throws Exception {
    stopped.tell();
    daemon.join();
    stopped.close();
    ((Logger) LoggerFactory.getLogger(Daemon.class)).detachAppender(log);
    alice.close();
    node.close();
  }

  private void run() {
    try {
      new Daemon(config, Clock.systemUTC(), bridges::add).run(stopped);
    } catch (BridgeException | InterruptedException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void mail(Bridge by, String text) {
    TestBridge.mail(
        by.smtpAddress().getPort(),
        BOB,
        alice.mailbox(),
        "From: <bob@example.org>",
        "Message-ID: <" + text + "@example.org>",
        "",
        text);
  }

  /** As H2 does by itself when the disk is full. */
  private void breakStore() throws Exception {
    try (var connection = DriverManager.getConnection(config.store().url(), "sa", "")) {
      var session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      session.getDatabase().getStore().getMvStore().closeImmediately();
    }
  }

  @Test
  void theDaemonOpensEverythingAnewAndGoesOn() throws Exception {
    await().atMost(Duration.ofSeconds(60)).until(() -> bridges.size() == 1);
    mail(bridges.get(0), "before");
    await().atMost(Duration.ofSeconds(60)).until(() -> alice.heardTexts().size() == 1);

    breakStore();
    await().atMost(Duration.ofSeconds(60)).until(() -> bridges.size() == 2);
    mail(bridges.get(1), "after");

    await().atMost(Duration.ofSeconds(60)).until(() -> alice.heardTexts().size() == 2);
    assertThat(alice.heardTexts()).element(0).asString().contains("before");
    assertThat(alice.heardTexts()).element(1).asString().contains("after");
  }

  @Test
  void aStartThatFailsIsTriedAgain() throws Exception {
    await().atMost(Duration.ofSeconds(60)).until(() -> bridges.size() == 1);
    var aside = Files.move(key, folder.resolve("aside.key"));

    breakStore();
    await().atMost(Duration.ofSeconds(60)).until(() -> said("vault.keyFile"));
    Files.move(aside, key);

    await().atMost(Duration.ofSeconds(60)).until(() -> bridges.size() == 2);
  }

  private boolean said(String words) {
    return log.list.stream().anyMatch(line -> line.getFormattedMessage().contains(words));
  }
}
