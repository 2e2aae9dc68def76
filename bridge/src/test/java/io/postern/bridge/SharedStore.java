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
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.LoggerFactory;

/**
 * Any number of programs on one PostgreSQL, each as on a machine of its own, and what they share:
 * the database, the network, and Alice, who hears what people write to any of them.
 *
 * <pre>{@code
 * try (var shared = new SharedStore(folder)) {
 *   var a = shared.carrying("a");
 *   var b = shared.run("b", "quiet: 1s");
 *   b.awaitStandby();
 *   shared.accept(b, "hello");
 *   await().until(() -> shared.heard().contains("hello"));
 *   shared.alice.answer("and back");
 *   shared.awaitMailed("and back");
 * }
 * }</pre>
 */
final class SharedStore implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(120);
  static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);
  static final int BURST = 30;
  static final Mailbox BOB = new Mailbox("bob", "example.org");

  private static final Duration PACE = Duration.ofMillis(300);

  private final Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<DaemonProcess> started = new ArrayList<>();

  /** By the program that sends. */
  private final Map<String, Capture> captured = new HashMap<>();

  /** What was answered 250, by the last line of each. */
  final List<String> accepted = new CopyOnWriteArrayList<>();

  final TestPeer alice;
  private final PostgresDatabase database;
  private final LocalNode node;

  SharedStore(Path folder) throws Exception {
    this.folder = folder;
    database = PostgresServer.require().newDatabase();
    Files.writeString(folder.resolve("password"), database.password());
    Files.writeString(folder.resolve("vault.key"), "11".repeat(32));
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

  /** All that was started ends, too. */
  @Override
  public void close() {
    clientLog().detachAppender(log);
    started.forEach(DaemonProcess::close);
    alice.close();
    node.close();
  }

  private static Logger clientLog() {
    var logger = (Logger) LoggerFactory.getLogger("io.postern.xmtp.client");
    logger.setLevel(Level.INFO);
    return logger;
  }

  /**
   * Starts a program.
   *
   * @param lines of its configuration; each takes the place of the one with the same key
   */
  DaemonProcess run(String name, String... lines) throws IOException {
    var program =
        DaemonProcess.start(config(name, lines), Files.createTempFile(folder, name + "-", ".log"));
    started.add(program);
    return program;
  }

  /** The first: of two that start at once either may carry. */
  DaemonProcess carrying(String name, String... lines) throws IOException {
    var program = run(name, lines);
    program.awaitReady();
    return program;
  }

  private Path config(String name, String... lines) throws IOException {
    var text =
        """
        domains: [bridge.localhost]
        network: {url: "http://127.0.0.1:%d"}
        data: %s
        %s
        web: {listen: "127.0.0.1:0"}
        deliver: {via: capture}
        quiet: 200ms
        provision: open
        vault: {keyFile: %s}
        %s
        """
            .formatted(
                node.port(),
                folder.resolve(name),
                smtp(name, 0),
                folder.resolve("vault.key"),
                store(databasePort()));
    var byKey = new LinkedHashMap<String, String>();
    text.lines().forEach(line -> byKey.put(key(line), line));
    List.of(lines).forEach(line -> byKey.put(key(line), line));
    if (!captured.containsKey(name)) {
      // Once: opening it clears away what is being written.
      captured.put(
          name, Capture.open(new Deliver.Capture(folder.resolve(name).resolve("captured"))));
    }
    return Files.write(folder.resolve(name + ".yml"), byKey.values());
  }

  private static String key(String line) {
    return line.substring(0, line.indexOf(':'));
  }

  /** The line of a program that takes mail there; port 0 is any. */
  static String smtp(String name, int port) {
    return "smtp: {listen: \"127.0.0.1:%d\", hostname: %s.example}".formatted(port, name);
  }

  /** The line of a program that reaches the database there. */
  String store(int port) {
    var url = database.url().replace(":" + databasePort() + "/", ":" + port + "/");
    return "store: {url: \"%s\", user: %s, passwordFile: %s, connections: 8}"
        .formatted(url, database.user(), folder.resolve("password"));
  }

  int databasePort() {
    return URI.create(database.url().substring("jdbc:".length())).getPort();
  }

  static HttpResponse<String> get(DaemonProcess program, String path) throws Exception {
    var request = HttpRequest.newBuilder(program.page().resolve(path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  void onServer(String sql) throws Exception {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * @param table and a {@code where}, if need be
   */
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

  /** Says something to one who has written to her, and carries that to their mailbox. */
  void answer(Mailbox person, String text) throws Exception {
    var bindings = new BindingStore(Jdbi.create(database.source()));
    var inbox = ((Binding.Hosted) bindings.find(person).orElseThrow()).inbox();
    var said = EncodedMessage.of(new Text(text), UUID.randomUUID().toString());
    alice.inbox().findDm(inbox).orElseThrow().send(said);
  }

  /** All that has left, by any of them; a mail that left twice would be there twice. */
  List<String> mailed() throws Exception {
    var lines = new ArrayList<String>();
    var ids = new ArrayList<String>();
    for (var each : captured.values()) {
      for (Mail mail : TestBridge.captured(each)) {
        TestBridge.said(mail).lines().forEach(lines::add);
        ids.add(mail.id().map(MailId::value).orElseThrow());
      }
    }
    assertThat(ids).doesNotHaveDuplicates();
    return lines;
  }

  /** Of all that has left. */
  List<Envelope> envelopes() throws Exception {
    var envelopes = new ArrayList<Envelope>();
    for (var each : captured.values()) {
      each.list(10_000).forEach(mail -> envelopes.add(mail.envelope()));
    }
    return envelopes;
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

  void accept(DaemonProcess by, String text) {
    accept(by, BOB, text);
  }

  void accept(DaemonProcess by, Mailbox author, String text) {
    assertThat(mail(by, author, text)).isInstanceOf(Delivery.Delivered.class);
    accepted.add(lastLine(text));
  }

  /** Until one is not taken. */
  void burst(DaemonProcess by) {
    for (int i = 0; i < BURST; i++) {
      if (!(mail(by, "burst " + i) instanceof Delivery.Delivered)) {
        return;
      }
      accepted.add("burst " + i);
    }
  }

  Delivery mail(DaemonProcess by, String text) {
    return mail(by, BOB, text);
  }

  /**
   * To Alice.
   *
   * @param text its last line is what no other mail says
   */
  Delivery mail(DaemonProcess by, Mailbox author, String text) {
    return TestBridge.mail(
        by.smtpPort(),
        author,
        alice.mailbox(),
        "From: <" + author + ">",
        "To: " + alice.mailbox(),
        "Subject: " + (accepted.isEmpty() ? "" : "Re: ") + "Two",
        "Message-ID: <" + lastLine(text).replace(' ', '.') + "@example.org>",
        "",
        text);
  }

  private static String lastLine(String text) {
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  Load load(DaemonProcess by, String name) {
    return load(by, BOB, name);
  }

  Load load(DaemonProcess by, Mailbox author, String name) {
    return new Load(by, author, name);
  }

  /** Mail after mail, until it is closed. What is not taken is not sent again. */
  final class Load implements AutoCloseable {
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    private Load(DaemonProcess by, Mailbox author, String name) {
      long pace = PACE.toMillis();
      sender.scheduleWithFixedDelay(() -> send(by, author, name), 0, pace, TimeUnit.MILLISECONDS);
    }

    private void send(DaemonProcess by, Mailbox author, String name) {
      var text = name + " " + sent.incrementAndGet();
      if (mail(by, author, text) instanceof Delivery.Delivered) {
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
}
