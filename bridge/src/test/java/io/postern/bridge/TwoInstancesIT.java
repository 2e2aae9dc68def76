package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.config.ConfigReader;
import io.postern.interop.PostgresDatabase;
import io.postern.interop.PostgresServer;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Two programs as two machines would run them, each with its own data folder, on one PostgreSQL.
 * However the one that carries goes away, the other carries within half a minute; each mail is one
 * message and each message in one mail. docs/adr/0018.
 */
@Timeout(300)
class TwoInstancesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);
  private static final int TOLD_TO_STOP = 128 + 15;
  private static final int BURST = 30;
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Pattern READY =
      Pattern.compile("ready smtp=127\\.0\\.0\\.1:(\\d+) status=(http://\\S+/)\\?token=\\S+");
  private static final Pattern STANDBY = Pattern.compile("standby status=(http://\\S+/)");

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<String> accepted = new CopyOnWriteArrayList<>();
  private final List<Capture> captured = new ArrayList<>();
  private PostgresDatabase database;
  private LocalNode node;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    database = PostgresServer.require().newDatabase();
    Files.writeString(folder.resolve("password"), database.password());
    Files.writeString(folder.resolve("vault.key"), "11".repeat(32));
    // Once: opening it clears away what is being written.
    for (var name : List.of("a", "b")) {
      captured.add(Capture.open(new Deliver.Capture(folder.resolve(name).resolve("captured"))));
    }
    var listen = new InetSocketAddress("127.0.0.1", 0);
    node = LocalNode.open(NodeSettings.of(listen, folder.resolve("node")));
    alice = new TestPeer(folder, "http://127.0.0.1:" + node.port());
    try (var store =
        OpenedStore.open(ConfigReader.read(config("a")), Clock.systemUTC().instant())) {
      store.client().jdbi().useHandle(h -> store.client().seeds().insert(h, new byte[32]));
    }
    log.start();
    clientLog().addAppender(log);
  }

  @AfterEach
  void close() {
    clientLog().detachAppender(log);
    alice.close();
    node.close();
  }

  private static Logger clientLog() {
    var logger = (Logger) LoggerFactory.getLogger("io.postern.xmtp.client");
    logger.setLevel(Level.INFO);
    return logger;
  }

  @Test
  void theOtherCarriesOnWhereOneIsKilledAndThenWhereOneIsStopped() throws Exception {
    try (var a = carrying("a");
        var b = new Instance("b")) {
      b.awaitStandby();
      assertThat(get(b.page, "health").statusCode()).isEqualTo(200);
      await()
          .atMost(PATIENCE)
          .until(() -> get(b.page, "health").body().startsWith("standby: a.example carries"));
      var asked = new RunningDaemon(new InetSocketAddress("127.0.0.1", b.page.getPort()));
      assertThatThrownBy(asked::isRunning).hasMessageContaining("a.example carries");
      assertThat(get(b.page, "ready").statusCode()).isEqualTo(503);
      assertThat(get(a.page, "ready").statusCode()).isEqualTo(200);
      accept(a, "first");
      await().atMost(PATIENCE).until(() -> heard().contains("first"));
      alice.answer("to the first");
      await().atMost(PATIENCE).until(() -> mailed().contains("to the first"));

      var burst = CompletableFuture.runAsync(() -> burst(a));
      await().atMost(PATIENCE).until(() -> accepted.size() > BURST / 2);
      a.process.destroyForcibly();
      burst.join();
      alice.answer("while nobody carries");
      b.awaitReady(HALF_A_MINUTE);

      accept(b, "to the other");
      await().atMost(PATIENCE).until(() -> heard().contains("to the other"));
      alice.answer("to the last");
      await().atMost(PATIENCE).until(() -> mailed().contains("to the last"));

      try (var again = new Instance("a")) {
        again.awaitStandby();
        b.process.destroy();
        again.awaitReady(HALF_A_MINUTE);
        assertThat(b.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(b.process.exitValue()).isEqualTo(TOLD_TO_STOP);

        accept(again, "the last");
        await().atMost(PATIENCE).until(() -> heard().containsAll(accepted));
      }
    }

    assertThat(heard()).doesNotHaveDuplicates().containsAll(accepted);
    assertThat(mailed())
        .containsExactlyInAnyOrder("to the first", "while nobody carries", "to the last");
    assertThatAllWasReadable();
  }

  /** What the server does when it restarts, or an operator by mistake. */
  @Test
  void theOneWhoseHoldIsCutStopsAndOneOfTheTwoCarries() throws Exception {
    try (var a = carrying("a");
        var b = new Instance("b")) {
      b.awaitStandby();
      accept(a, "first");
      await().atMost(PATIENCE).until(() -> heard().contains("first"));

      var burst = CompletableFuture.runAsync(() -> burst(a));
      await().atMost(PATIENCE).until(() -> accepted.size() > BURST / 2);
      cutHold();
      burst.join();
      b.awaitReady(HALF_A_MINUTE);
      a.awaitStandby();

      accept(b, "to the other");
      alice.answer("an answer");
      await().atMost(PATIENCE).until(() -> mailed().contains("an answer"));
      b.process.destroyForcibly();
      a.awaitReady(HALF_A_MINUTE);
      await().atMost(PATIENCE).until(() -> heard().containsAll(accepted));
    }

    assertThat(heard()).doesNotHaveDuplicates();
    assertThat(mailed()).containsExactly("an answer");
    assertThatAllWasReadable();
  }

  /** As a virtual machine that is paused: the server hears nothing of it, and it knows nothing. */
  @Test
  void theOneThatStandsStillIsReplacedAndStandsByWhenItWakes() throws Exception {
    try (var a = carrying("a");
        var b = new Instance("b")) {
      b.awaitStandby();
      accept(a, "first");
      await().atMost(PATIENCE).until(() -> heard().contains("first"));
      var burst = CompletableFuture.runAsync(() -> burst(a));
      await().atMost(PATIENCE).until(() -> accepted.size() > BURST / 2);

      a.signal("STOP");
      b.awaitReady(HALF_A_MINUTE);
      accept(b, "to the other");
      await().atMost(PATIENCE).until(() -> heard().contains("to the other"));
      alice.answer("while it stands still");
      await().atMost(PATIENCE).until(() -> mailed().contains("while it stands still"));
      a.signal("CONT");
      burst.join();
      a.awaitStandby();
      accept(b, "to the other again");
      await().atMost(PATIENCE).until(() -> heard().contains("to the other again"));
      b.process.destroy();
      a.awaitReady(HALF_A_MINUTE);
      await().atMost(PATIENCE).until(() -> heard().containsAll(accepted));
    }

    assertThat(heard()).doesNotHaveDuplicates();
    assertThat(mailed()).containsExactly("while it stands still");
    assertThatAllWasReadable();
  }

  @Test
  void whoCouldNotCarryInItsPlaceDoesNotStandBy() throws Exception {
    try (var a = carrying("a")) {

      refused(config("b"), "domains: \\[.*\\]", "domains: [b.example]")
          .contains("domains are [b.example], but a.example")
          .contains("write the same in both configurations");
      refused(config("b"), "network: .*", "network: {url: \"http://127.0.0.1:1\"}")
          .contains("network is http://127.0.0.1:1, but a.example");
      refused(config("b"), "network: .*", "network: local").contains("a node of its own");
      var other = Files.writeString(folder.resolve("other.key"), "22".repeat(32));
      refused(config("b"), "vault: .*", "vault: {keyFile: " + other + "}")
          .contains("vault: ")
          .doesNotContain("2222");
      refused(config("b"), "vault: .*", "vault: {keyFile: " + folder.resolve("absent") + "}")
          .contains("is not there; take the one");
      onServer(
          "insert into mapping_schema_history (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " values (9999, '9999', 'of tomorrow', 'SQL', 'V9999__x.sql', 'x', 1, true)");
      refused(config("b"), "^", "")
          .contains("a newer program has brought the tables to version 9999");
      assertThat(a.process.isAlive()).isTrue();
    }
  }

  /** The first: of two that start at once either may carry. */
  private Instance carrying(String name) throws IOException {
    var instance = new Instance(name);
    boolean carries = false;
    try {
      instance.awaitReady();
      carries = true;
      return instance;
    } finally {
      if (!carries) {
        instance.close();
      }
    }
  }

  private AbstractStringAssert<?> refused(Path config, String line, String instead)
      throws Exception {
    var text = Files.readString(config).replaceFirst("(?m)" + line, instead);
    Files.writeString(config, text);
    try (var b = new Instance(config)) {
      assertThat(b.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(b.process.exitValue()).as(b.errors()).isEqualTo(1);
      return assertThat(b.errors());
    }
  }

  private void onServer(String sql) throws Exception {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void cutHold() throws Exception {
    onServer(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
            + " and database = (select oid from pg_database where datname = current_database())");
  }

  /** The network's reader finds no key for what was made with one that has been used. */
  private void assertThatAllWasReadable() {
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.startsWith("message not"));
  }

  /** The last line of each text: what stands before it is who writes and the subject. */
  private List<String> heard() {
    return alice.heardTexts().stream()
        .map(text -> text.substring(text.lastIndexOf('\n') + 1))
        .toList();
  }

  /** All that has left, by either; a mail that left twice would be there twice. */
  private List<String> mailed() throws Exception {
    var lines = new ArrayList<String>();
    var ids = new ArrayList<String>();
    for (var each : captured) {
      for (Mail mail : TestBridge.captured(each)) {
        TestBridge.said(mail).lines().forEach(lines::add);
        ids.add(mail.id().map(MailId::value).orElseThrow());
      }
    }
    assertThat(ids).doesNotHaveDuplicates();
    return lines;
  }

  private void accept(Instance by, String text) {
    assertThat(mail(by, text)).isInstanceOf(Delivery.Delivered.class);
    accepted.add(text);
  }

  /** Until one is not taken. */
  private void burst(Instance by) {
    for (int i = 0; i < BURST; i++) {
      if (!(mail(by, "burst " + i) instanceof Delivery.Delivered)) {
        return;
      }
      accepted.add("burst " + i);
    }
  }

  private Delivery mail(Instance by, String text) {
    return TestBridge.mail(
        by.smtpPort,
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: " + (accepted.isEmpty() ? "" : "Re: ") + "Two",
        "Message-ID: <" + text.replace(' ', '.') + "@example.org>",
        "",
        text);
  }

  private static HttpResponse<String> get(URI page, String path) throws Exception {
    var request = HttpRequest.newBuilder(page.resolve(path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  private Path config(String name) throws IOException {
    var file = folder.resolve(name + ".yml");
    Files.writeString(
        file,
        """
        domains: [bridge.localhost]
        network: {url: "http://127.0.0.1:%d"}
        data: %s
        smtp: {listen: "127.0.0.1:0", hostname: %s.example}
        web: {listen: "127.0.0.1:0"}
        deliver: {via: capture}
        quiet: 200ms
        provision: open
        vault: {keyFile: %s}
        store: {url: "%s", user: %s, passwordFile: %s, connections: 8}
        """
            .formatted(
                node.port(),
                folder.resolve(name),
                name,
                folder.resolve("vault.key"),
                database.url(),
                database.user(),
                folder.resolve("password")));
    return file;
  }

  /** {@code postern run} in a process of its own. */
  private final class Instance implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private int smtpPort;
    private URI page;

    /** How many lines of its output have been waited for. */
    private int seen;

    private Instance(String name) throws IOException {
      this(config(name));
    }

    private Instance(Path config) throws IOException {
      errors = Files.createTempFile(folder, "instance", ".log");
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Dlogback.configurationFile=logback.xml",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  "run",
                  "--config",
                  config.toString())
              .redirectError(errors.toFile())
              .start();
      var reader = new Thread(this::read);
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (var in =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        in.lines().forEach(out::add);
      } catch (IOException gone) {
        throw new AssertionError(gone);
      }
    }

    private String awaitLine(Duration patience) {
      await().atMost(patience).until(() -> out.size() > seen || !process.isAlive());
      assertThat(out).as("lines said, errors %s", errors()).hasSizeGreaterThan(seen);
      return out.get(seen++);
    }

    private void awaitReady() {
      awaitReady(PATIENCE);
    }

    private void awaitReady(Duration patience) {
      var match = READY.matcher(awaitLine(patience));
      assertThat(match.matches()).as("ready: %s", out).isTrue();
      smtpPort = Integer.parseInt(match.group(1));
      page = URI.create(match.group(2));
    }

    private void awaitStandby() {
      var match = STANDBY.matcher(awaitLine(PATIENCE));
      assertThat(match.matches()).as("standby: %s", out).isTrue();
      page = URI.create(match.group(1));
    }

    private void signal(String name) throws Exception {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
    }

    private String errors() {
      try {
        return Files.readString(errors);
      } catch (IOException unreadable) {
        throw new AssertionError(unreadable);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
