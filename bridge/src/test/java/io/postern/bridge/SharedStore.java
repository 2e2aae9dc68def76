package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * What several programs on one PostgreSQL share, each of them as on a machine of its own: the
 * database, the network, and Alice, who hears what Bob writes to any of them.
 */
final class SharedStore implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(120);
  static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);
  static final int BURST = 30;
  static final Mailbox BOB = new Mailbox("bob", "example.org");

  private static final Duration PACE = Duration.ofMillis(300);
  private static final Pattern READY =
      Pattern.compile("ready smtp=127\\.0\\.0\\.1:(\\d+) status=(http://\\S+/)\\?token=\\S+");
  private static final Pattern STANDBY =
      Pattern.compile("standby( smtp=127\\.0\\.0\\.1:(\\d+))? status=(http://\\S+/)");

  private final Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<Capture> captured = new ArrayList<>();

  /** What was answered 250, by the last line of each. */
  final List<String> accepted = new CopyOnWriteArrayList<>();

  final PostgresDatabase database;
  final TestPeer alice;
  private final LocalNode node;

  SharedStore(Path folder) throws Exception {
    this.folder = folder;
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

  @Override
  public void close() {
    clientLog().detachAppender(log);
    alice.close();
    node.close();
  }

  private static Logger clientLog() {
    var logger = (Logger) LoggerFactory.getLogger("io.postern.xmtp.client");
    logger.setLevel(Level.INFO);
    return logger;
  }

  /** The first: of two that start at once either may carry. */
  Instance carrying(String name) throws IOException {
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

  void onServer(String sql) throws Exception {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long count(String table) throws Exception {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select count(*) from " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  void cutHold() throws Exception {
    onServer(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
            + " and database = (select oid from pg_database where datname = current_database())");
  }

  /** The network's reader finds no key for what was made with one that has been used. */
  void assertThatAllWasReadable() {
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.startsWith("message not"));
  }

  /** The last line of each text: what stands before it is who writes and the subject. */
  List<String> heard() {
    return alice.heardTexts().stream().map(SharedStore::lastLine).toList();
  }

  /** All that has left, by either; a mail that left twice would be there twice. */
  List<String> mailed() throws Exception {
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

  /**
   * Until it has left, and that is noted: of one that is killed in between it leaves once more,
   * with the same Message-ID. docs/adr/0018.
   */
  void awaitMailed(String line) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> mailed().contains(line) && count("outbox_bundle where state = 'BUNDLED'") == 0);
  }

  void accept(Instance by, String text) {
    assertThat(mail(by, text)).isInstanceOf(Delivery.Delivered.class);
    accepted.add(lastLine(text));
  }

  /** Until one is not taken. */
  void burst(Instance by) {
    for (int i = 0; i < BURST; i++) {
      if (!(mail(by, "burst " + i) instanceof Delivery.Delivered)) {
        return;
      }
      accepted.add("burst " + i);
    }
  }

  Delivery mail(Instance by, String text) {
    return TestBridge.mail(
        by.smtpPort,
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: " + (accepted.isEmpty() ? "" : "Re: ") + "Two",
        "Message-ID: <" + lastLine(text).replace(' ', '.') + "@example.org>",
        "",
        text);
  }

  private static String lastLine(String text) {
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  Load load(Instance on, String name) {
    return new Load(on, name);
  }

  /** Mail after mail, until it is closed. What is not taken is not sent again. */
  final class Load implements AutoCloseable {
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    private Load(Instance on, String name) {
      long pace = PACE.toMillis();
      sender.scheduleWithFixedDelay(() -> send(on, name), 0, pace, TimeUnit.MILLISECONDS);
    }

    private void send(Instance on, String name) {
      var text = name + " " + sent.incrementAndGet();
      if (mail(on, text) instanceof Delivery.Delivered) {
        accepted.add(text);
        taken.incrementAndGet();
      }
    }

    /** From now on. */
    void awaitTaken(int mails) {
      int before = taken.get();
      await().atMost(PATIENCE).until(() -> taken.get() >= before + mails);
    }

    @Override
    public void close() {
      sender.shutdown();
      await().atMost(PATIENCE).until(sender::isTerminated);
    }
  }

  static HttpResponse<String> get(URI page, String path) throws Exception {
    var request = HttpRequest.newBuilder(page.resolve(path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  Path config(String name) throws IOException {
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
  final class Instance implements AutoCloseable {
    final Process process;
    private final Path errors;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private volatile int smtpPort;
    URI page;

    /** How many lines of its output have been waited for. */
    private int seen;

    Instance(String name) throws IOException {
      this(config(name));
    }

    Instance(Path config) throws IOException {
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
        in.lines().forEach(this::read);
      } catch (IOException gone) {
        throw new AssertionError(gone);
      }
    }

    private void read(String line) {
      var carries = READY.matcher(line);
      var standsBy = STANDBY.matcher(line);
      if (carries.matches()) {
        smtpPort = Integer.parseInt(carries.group(1));
      } else if (standsBy.matches() && standsBy.group(1) != null) {
        smtpPort = Integer.parseInt(standsBy.group(2));
      }
      out.add(line);
    }

    private String awaitLine(Duration patience) {
      await().atMost(patience).until(() -> out.size() > seen || !process.isAlive());
      assertThat(out).as("lines said, errors %s", errors()).hasSizeGreaterThan(seen);
      return out.get(seen++);
    }

    void awaitReady() {
      awaitReady(PATIENCE);
    }

    void awaitReady(Duration patience) {
      var match = READY.matcher(awaitLine(patience));
      assertThat(match.matches()).as("ready: %s", out).isTrue();
      page = URI.create(match.group(2));
    }

    /** It takes mail meanwhile. */
    void awaitStandby() {
      while (!awaitStandbyLine()) {
        assertThat(out).as("lines").hasSizeLessThan(10);
      }
    }

    /** It takes none, or none yet. */
    void awaitStandbyWithoutMail() {
      assertThat(awaitStandbyLine()).as("takes mail: %s", out).isFalse();
    }

    private boolean awaitStandbyLine() {
      var match = STANDBY.matcher(awaitLine(PATIENCE));
      assertThat(match.matches()).as("standby: %s", out).isTrue();
      page = URI.create(match.group(3));
      return match.group(1) != null;
    }

    int smtpPort() {
      return smtpPort;
    }

    void signal(String name) throws Exception {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
    }

    String errors() {
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
