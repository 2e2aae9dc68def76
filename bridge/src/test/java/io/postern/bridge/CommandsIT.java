package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.PostgresServer;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is typed: each command in a process of its own. */
class CommandsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int TOLD_TO_STOP = 128 + 15;
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Pattern READY =
      Pattern.compile(
          "ready smtp=127\\.0\\.0\\.1:(\\d+) node=127\\.0\\.0\\.1:(\\d+)"
              + " status=http://127\\.0\\.0\\.1:(\\d+)/\\?token=\\S+");

  @TempDir Path folder;

  /** A running program, and what it has said so far. */
  private final class Program implements AutoCloseable {
    private final Process process;
    private final List<String> out = Collections.synchronizedList(new ArrayList<>());
    private final Path errors;
    private final Thread reader;

    Program(String... arguments) throws IOException {
      errors = Files.createTempFile(folder, "program", ".err");
      var command = new ArrayList<String>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      // The tests' logging goes to standard output, where the program's own words go.
      command.add("-Dlogback.configurationFile=logback.xml");
      command.add(Main.class.getName());
      command.addAll(List.of(arguments));
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(errors.toFile())
              .start();
      reader = new Thread(this::read);
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

    String awaitLine(String regex) {
      await()
          .atMost(PATIENCE)
          .until(() -> line(regex) != null || !process.isAlive() && !reader.isAlive());
      assertThat(line(regex)).as("a line %s in %s, errors %s", regex, out, errors()).isNotNull();
      return line(regex);
    }

    private String line(String regex) {
      synchronized (out) {
        return out.stream().filter(line -> line.matches(regex)).findFirst().orElse(null);
      }
    }

    void type(String line) throws IOException {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** Waits for its end. */
    int status() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      reader.join();
      return process.exitValue();
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

  /** A configuration of the local profile; port 0 is any that is free. */
  private Path config(int smtp, int node, int web) throws IOException {
    var file = Files.createTempFile(folder, "postern", ".yml");
    Files.writeString(
        file,
        "network: local\n"
            + "data: "
            + folder.resolve("data")
            + "\nsmtp: {listen: \"127.0.0.1:"
            + smtp
            + "\"}\nnode: {listen: \"127.0.0.1:"
            + node
            + "\"}\nweb: {listen: \"127.0.0.1:"
            + web
            + "\"}\nquiet: 500ms\n");
    return file;
  }

  private Program program(String command, Path config, String... more) throws IOException {
    var arguments = new ArrayList<>(List.of(command, "--config", config.toString()));
    arguments.addAll(List.of(more));
    return new Program(arguments.toArray(String[]::new));
  }

  /** Its ports: smtp, node, web. */
  private static int[] ports(Program daemon) {
    var match = READY.matcher(daemon.awaitLine("ready .*"));
    assertThat(match.matches()).as("the form of the line").isTrue();
    return new int[] {
      Integer.parseInt(match.group(1)),
      Integer.parseInt(match.group(2)),
      Integer.parseInt(match.group(3))
    };
  }

  private static Delivery mail(int port, String to, String id, String text) throws Exception {
    return TestBridge.mail(
        port,
        BOB,
        Mailbox.parse(to),
        "From: Bob <" + BOB + ">",
        "To: <" + to + ">",
        "Subject: Lunch?",
        "Message-ID: <" + id + "@example.org>",
        "",
        text);
  }

  @Test
  void theTourOfTheReadme() throws Exception {
    try (var daemon = program("run", config(0, 0, 0))) {
      var ports = ports(daemon);
      var config = config(ports[0], ports[1], ports[2]);
      String address;
      try (var chat = program("chat", config)) {
        var line = chat.awaitLine("mail to \\S+ reaches you here");
        address = line.substring("mail to ".length(), line.indexOf(" reaches"));

        assertThat(mail(ports[0], address, "1", "Shall we meet at noon?"))
            .isInstanceOf(Delivery.Delivered.class);
        chat.awaitLine(".*Shall we meet at noon\\?");
        chat.type("Noon is fine.");
        await().atMost(PATIENCE).until(() -> captured().contains("Noon is fine."));

        chat.type("/quit");
        assertThat(chat.status()).isZero();
      }

      // What comes while the chat is closed is shown when it opens: it waits for no lock of its
      // own.
      mail(ports[0], address, "2", "Are you there?");
      try (var journey = program("journey", config, "<2@example.org>")) {
        assertThat(journey.status()).isZero();
        assertThat(journey.out).isNotEmpty();
      }
      try (var chat = program("chat", config)) {
        chat.awaitLine(".*Are you there\\?");
        chat.process.getOutputStream().close(); // The end of what is typed is the end of the chat.
        assertThat(chat.status()).isZero();
      }

      try (var unknown = program("journey", config, "<3@example.org>")) {
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.errors()).contains("no journey is known by the name <3@example.org>");
      }
      try (var rejects = program("rejects", config)) {
        assertThat(rejects.status()).isZero();
        assertThat(rejects.out).containsExactly("nothing was refused, or it has expired");
      }
      try (var check = program("check", config)) {
        assertThat(check.status()).isEqualTo(1);
        assertThat(check.out)
            .anyMatch(line -> line.matches("failed {2}smtp.listen 127.0.0.1:\\d+: .*in use.*"));
      }
      try (var second = program("run", config)) {
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.out).isEmpty();
        assertThat(second.errors()).contains("store.url").contains("another postern");
      }
    }
  }

  @Test
  void theSuppressedMailboxesAreChangedWhileTheDaemonRuns() throws Exception {
    var token = folder.resolve("data").resolve("status.token");
    Path config;
    String secret;
    try (var daemon = program("run", config(0, 0, 0))) {
      var ports = ports(daemon);
      config = config(ports[0], ports[1], ports[2]);
      secret = Files.readString(token).strip();
      assertThat(daemon.awaitLine("ready .*")).endsWith("token=" + secret);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
          .isEqualTo("rw-------");

      suppress(config, 0, "no mailbox is suppressed");
      suppress(config, 0, "bob@example.org is mailed no more", "bob@example.org");
      suppress(config, 0, ".* bob@example.org  every peer: the operator .*");
      suppress(config, 0, "bob@example.org is mailed again", "bob@example.org", "--remove");
      suppress(config, 0, "it was not on the list", "bob@example.org", "--remove");
      suppress(config, 0, "carol@example.org is mailed no more", "carol@example.org");
      assertThat(suppress(config, 1, "", "carol")).startsWith("carol is no mailbox: ");

      Files.writeString(token, "0".repeat(32));
      assertThat(suppress(config, 1, "", "carol@example.org", "--remove"))
          .startsWith(token + " is not of the daemon at http://127.0.0.1:" + ports[2])
          .contains("--config")
          .doesNotContain("0".repeat(32));
      Files.delete(token);
      assertThat(suppress(config, 1, "", "carol@example.org", "--remove"))
          .contains("its token cannot be read from " + token)
          .doesNotContain("\tat ");
      PrivateFile.replace(token, secret.getBytes(StandardCharsets.US_ASCII));

      daemon.process.destroy();
      assertThat(daemon.status()).isEqualTo(TOLD_TO_STOP);
      assertThat(daemon.errors())
          .contains("suppression action=add mailbox=carol@example.org")
          .doesNotContain(secret);
    }

    assertThat(token).doesNotExist();
    suppress(config, 0, ".* carol@example.org  every peer: the operator .*");
    suppress(config, 0, "carol@example.org is mailed again", "carol@example.org", "--remove");
  }

  @Test
  void theDeadLettersAreSettledWhileTheDaemonRuns() throws Exception {
    try (var daemon = program("run", config(0, 0, 0))) {
      var ports = ports(daemon);
      var config = config(ports[0], ports[1], ports[2]);

      for (var arguments : new String[][] {{}, {"--to", "example.org"}}) {
        try (var dead = program("dead", config, arguments)) {
          assertThat(dead.status()).as(dead.errors()).isZero();
          assertThat(dead.out).containsExactly("there are no dead letters");
        }
      }
      try (var dead = program("dead", config, "17")) {
        assertThat(dead.status()).isZero();
        assertThat(dead.out).containsExactly("there is no such dead letter; it may have expired");
      }
      try (var dead = program("dead", config, "--retry", "--all")) {
        assertThat(dead.status()).isZero();
        assertThat(dead.out).containsExactly("0 tried again");
      }
    }
  }

  /** Runs the command, which is to say one line, or nothing; what it says of errors. */
  private String suppress(Path config, int status, String line, String... arguments)
      throws Exception {
    try (var suppress = program("suppress", config, arguments)) {
      assertThat(suppress.status()).as(suppress.out + suppress.errors()).isEqualTo(status);
      if (line.isEmpty()) {
        assertThat(suppress.out).isEmpty();
      } else {
        assertThat(suppress.out).hasSize(1).allMatch(said -> said.matches(line));
      }
      return suppress.errors();
    }
  }

  private String captured() throws IOException {
    var all = new StringBuilder();
    try (var mails = Files.list(folder.resolve("data").resolve("captured"))) {
      for (var mail : mails.filter(file -> file.toString().endsWith(".eml")).toList()) {
        all.append(Files.readString(mail, StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }

  @Test
  void theDaemonSaysReadyOnceStopsCleanlyAndStartsAgain() throws Exception {
    var config = config(0, 0, 0);
    for (int i = 0; i < 2; i++) {
      try (var daemon = program("run", config)) {
        ports(daemon);

        daemon.process.destroy();

        assertThat(daemon.status()).isEqualTo(TOLD_TO_STOP);
        assertThat(daemon.out).hasSize(1);
        assertThat(daemon.errors()).contains("node stopped").doesNotContain("did not close");
      }
    }
  }

  @Test
  void theNodeAloneSaysReadyAndStopsCleanly() throws Exception {
    try (var node = program("node", config(0, 0, 0))) {
      node.awaitLine("ready node=127\\.0\\.0\\.1:[1-9]\\d*");

      node.process.destroy();

      assertThat(node.status()).isEqualTo(TOLD_TO_STOP);
      assertThat(node.out).hasSize(1);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void whereNothingRunsTheCommandsSaySo() throws Exception {
    int node = freePort();
    int web = freePort();
    var config = config(0, node, web);

    try (var journey = program("journey", config, "x")) {
      assertThat(journey.status()).isEqualTo(1);
      assertThat(journey.errors())
          .contains("no daemon answers at http://127.0.0.1:" + web)
          .contains("postern run")
          .doesNotContain("\tat ");
    }
    try (var chat = program("chat", config)) {
      assertThat(chat.status()).isEqualTo(1);
      assertThat(chat.errors())
          .contains("http://127.0.0.1:" + node + " cannot be used")
          .contains("postern run")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void checkTriesWhatTheConfigurationNames() throws Exception {
    try (var check = program("check", config(0, 0, 0))) {
      assertThat(check.status()).as(check.out + check.errors()).isZero();
      assertThat(check.out)
          .hasSizeGreaterThanOrEqualTo(6)
          .allMatch(line -> line.startsWith("ok      "));
    }
    assertThat(folder.resolve("data")).as("a check makes nothing").doesNotExist();

    var file = folder.resolve("data");
    Files.writeString(file, "a file");
    try (var check = program("check", config(0, 0, 0))) {
      assertThat(check.status()).isEqualTo(1);
      assertThat(check.out)
          .contains("failed  data " + file + ": " + file + " is a file, not a folder");
    }
  }

  @Test
  void checkSaysWhatIsWrongWithThePostgreSqlAndTheDatabaseIsMovedThere() throws Exception {
    var database = PostgresServer.require().newDatabase();
    var password = Files.writeString(folder.resolve("password"), "wrong");
    var h2 = config(0, 0, 0);
    var postgres = folder.resolve("postgres.yml");
    Files.writeString(
        postgres,
        Files.readString(h2)
            + "store: {url: \"%s\", user: %s, passwordFile: %s}\n"
                .formatted(database.url(), database.user(), password));

    try (var check = program("check", postgres)) {
      assertThat(check.status()).isEqualTo(1);
      assertThat(check.out)
          .anyMatch(
              line ->
                  line.startsWith("failed  store " + database.url())
                      && line.contains("look at store.user, store.passwordFile"));
    }
    Files.writeString(password, database.password());
    try (var check = program("check", postgres)) {
      assertThat(check.status()).as(check.out + check.errors()).isZero();
      assertThat(check.out).contains("ok      store " + database.url());
    }
    try (var suppress = program("suppress", h2, "bob@example.org")) {
      assertThat(suppress.status()).as(suppress.errors()).isZero();
    }
    var from = "--config=" + h2;
    try (var move = new Program("store", "move", from, database.url())) {
      assertThat(move.status()).isEqualTo(1);
      assertThat(move.errors()).contains("--user is missing");
    }
    var user = "--user=" + database.user();
    var file = "--password-file=" + password;
    try (var move = new Program("store", "move", from, user, file, database.url())) {
      assertThat(move.status()).as(move.errors()).isZero();
      assertThat(move.out).contains("suppression: 1 rows").anyMatch(l -> l.startsWith("moved; "));
    }
    try (var suppress = program("suppress", postgres)) {
      assertThat(suppress.status()).as(suppress.errors()).isZero();
      assertThat(suppress.out).anyMatch(line -> line.contains("bob@example.org"));
    }
    try (var run = program("run", h2)) {
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.errors()).contains("has been moved to " + database.url());
    }
  }

  @Test
  void checkReadsTheKeysThatSignMail() throws Exception {
    var config = config(0, 0, 0);
    var key = folder.resolve("dkim.pem");
    Files.writeString(
        config, "dkim: [{selector: s1, keyFile: " + key + "}]\n", StandardOpenOption.APPEND);
    try (var check = program("check", config)) {
      assertThat(check.status()).isEqualTo(1);
      assertThat(check.out).anyMatch(line -> line.startsWith("failed  dkim " + key));
    }

    try (var made = program("dkim", config, "--selector", "s1", key.toString())) {
      assertThat(made.status()).as(made.out + made.errors()).isZero();
      assertThat(made.out).anyMatch(line -> line.startsWith("s1._domainkey.bridge.localhost"));
    }
    try (var check = program("check", config)) {
      assertThat(check.status()).as(check.out + check.errors()).isZero();
      assertThat(check.out).contains("ok      dkim " + key);
    }
  }

  @Test
  void checkLooksAtTheCertificateAndTheLogins() throws Exception {
    var tls = SelfMadeTls.make().write(folder);
    var logins = folder.resolve("logins");
    var config = config(0, 0, 0);
    var smtp =
        "smtp: {hostname: localhost, tls: {certificate: %s, key: %s},"
            + " submission: {starttls: '127.0.0.1:0', logins: %s}, listen: 127.0.0.1:0}";
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("(?m)^smtp:.*$", smtp.formatted(tls.certificate(), tls.key(), logins)));
    try (var check = program("check", config)) {
      assertThat(check.status()).isEqualTo(1);
      assertThat(check.out)
          .contains("ok      smtp.tls " + tls.certificate())
          .anyMatch(line -> line.startsWith("failed  smtp.submission.logins " + logins));
    }

    try (var login = new Program("login", "bob@example.org")) {
      try (var in = login.process.getOutputStream()) {
        in.write("correct horse battery\n".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(login.status()).as(login.errors()).isZero();
      assertThat(login.out)
          .hasSize(1)
          .allMatch(line -> line.startsWith("bob@example.org:$argon2id$"));
      Files.write(logins, login.out);
    }
    Files.setPosixFilePermissions(logins, PosixFilePermissions.fromString("rw-------"));
    try (var check = program("check", config)) {
      assertThat(check.status()).as(check.out + check.errors()).isZero();
      assertThat(check.out).contains("ok      smtp.submission.logins " + logins);
    }
  }

  @Test
  void checkLooksForTheFilter() throws Exception {
    var config = config(0, 0, 0);
    var plain = Files.readString(config);
    int free = freePort();
    for (var filter :
        List.of("rspamd: 'http://127.0.0.1:" + free + "/checkv2'", "command: [/no/such/filter]")) {
      Files.writeString(config, plain + "filter: {" + filter + "}\n");
      try (var check = program("check", config)) {
        assertThat(check.status()).isEqualTo(1);
        assertThat(check.out)
            .anyMatch(line -> line.matches("failed {2}filter (http://.*|/no/such/filter): .*"));
      }
    }
  }

  @Test
  void checkTriesEachWayMailLeaves() throws Exception {
    int free = freePort();
    var config = config(0, 0, 0);
    Files.writeString(
        config,
        Files.readString(config)
            + "deliver: {via: smarthost, host: 127.0.0.1, port: "
            + free
            + ", tls: none}\n");

    try (var check = program("check", config)) {
      assertThat(check.status()).as(check.out + check.errors()).isEqualTo(1);
      assertThat(check.out)
          .anyMatch(line -> line.startsWith("failed  deliver smarthost 127.0.0.1:" + free + ": "));
    }
  }

  @Test
  void checkOpensTheFoldersThatAreWatched() throws Exception {
    int free = freePort();
    var config = config(0, 0, 0);
    var way =
        "{imap: {host: 127.0.0.1, port: %d, user: b, passwordFile: p, folder: Sent, tls: none}}";
    var receive = "receive: " + way.formatted(free) + "\n";
    var mapping = "mappings: [{address: b@x.example, inbox: hosted, " + receive.strip() + "}]\n";
    for (var setting : List.of(receive, mapping)) {
      Files.writeString(config, Files.readString(config(0, 0, 0)) + setting);

      try (var check = program("check", config)) {
        assertThat(check.status()).as(check.out + check.errors()).isEqualTo(1);
        assertThat(check.out)
            .anyMatch(
                line ->
                    line.startsWith("failed  receive imap 127.0.0.1:" + free + " folder Sent: "));
      }
    }
  }

  @Test
  void explainSaysWhichRuleApplies() throws Exception {
    try (var explain =
        program(
            "explain",
            config(0, 0, 0),
            "0x1a642f0e3c3af545e7acbd38b07251b3990914f1@bridge.localhost")) {
      assertThat(explain.status()).isZero();
      assertThat(explain.out).anyMatch(line -> line.contains("whoever holds the wallet"));
    }
    try (var explain = program("explain", config(0, 0, 0), "no mailbox")) {
      assertThat(explain.status()).isEqualTo(1);
      assertThat(explain.errors()).contains("no mailbox is no mailbox: ");
    }
  }

  @Test
  void aWrongConfigurationIsToldWithItsLine() throws Exception {
    var file = folder.resolve("wrong.yml");
    Files.writeString(file, "network: local\nquiet: soon\nsmpt: {}\n");

    for (var command : List.of("run", "check", "node", "chat")) {
      try (var program = program(command, file)) {
        assertThat(program.status()).isEqualTo(1);
        assertThat(program.out).isEmpty();
        assertThat(program.errors())
            .contains("wrong.yml:2: quiet")
            .contains("wrong.yml:3: ")
            .doesNotContain("\tat ");
      }
    }
  }

  @Test
  void whatIsNoCommandIsAnsweredWithTheCommands() throws Exception {
    try (var program = new Program("walk")) {
      assertThat(program.status()).isEqualTo(2);
      assertThat(program.errors()).contains("walk").contains("Usage: postern");
    }
    try (var program = new Program()) {
      assertThat(program.status()).isZero();
      assertThat(String.join("\n", program.out)).contains("Usage: postern").contains("run");
    }
  }
}
