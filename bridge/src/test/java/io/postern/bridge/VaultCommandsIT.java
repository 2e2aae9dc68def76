package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.ConfigReader;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.MessageStore.Message;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
import picocli.CommandLine;

/** A vault is made, kept, lost, and brought back; a peer sees the inbox go on. */
class VaultCommandsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox CAROL = new Mailbox("carol", "example.org");

  @TempDir Path folder;
  private LocalNode node;
  private TestPeer alice;
  private Path config;
  private int mails;

  @BeforeEach
  void open() throws Exception {
    node =
        LocalNode.open(
            NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node")));
    alice = new TestPeer(folder, url());
    config = config(folder.resolve("data"), folder.resolve("vault.key"));
  }

  @AfterEach
  void close() {
    alice.close();
    node.close();
  }

  private String url() {
    return "http://127.0.0.1:" + node.port();
  }

  private Path config(Path data, Path key) throws IOException {
    int web;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      web = socket.getLocalPort();
    }
    var file = Files.createTempFile(folder, "postern", ".yml");
    Files.writeString(
        file,
        String.join(
            "\n",
            "domains: [" + TestBridge.DOMAIN + "]",
            "network: {url: '" + url() + "'}",
            "data: " + data,
            "smtp: {listen: '127.0.0.1:0'}",
            "web: {listen: '127.0.0.1:" + web + "'}",
            "deliver: {via: capture}",
            "provision: open",
            "quiet: 200ms",
            "vault: {keyFile: " + key + "}",
            ""));
    return file;
  }

  /** A person who types one answer. */
  private record Typing(String answer) implements Terminal {
    @Override
    public void say(String line) {}

    @Override
    public Optional<String> ask(String question) {
      return Optional.of(answer);
    }

    @Override
    public void clear() {}
  }

  private String vault(String typed, String... arguments) {
    var out = new StringWriter();
    var line =
        new CommandLine(new VaultCommand(), new Factory(new Typing(typed)))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out));
    line.setExecutionExceptionHandler(
        (failed, failing, parsed) -> {
          failing.getErr().println(failed.getMessage());
          return 1;
        });
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(1, List.of("--config", config.toString()));
    int status = line.execute(all.toArray(String[]::new));
    return status + " " + out;
  }

  /** Gives the command that asks somebody to ask. */
  private record Factory(Terminal person) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      return type == VaultRestoreCommand.class
          ? type.cast(new VaultRestoreCommand(() -> Optional.of(person)))
          : CommandLine.defaultFactory().create(type);
    }
  }

  /** The words, as a program reads them. */
  private String create() {
    return vault("", "create", "--yes-print")
        .lines()
        .filter(line -> line.split(" ").length == 24)
        .findFirst()
        .orElseThrow();
  }

  private TestBridge daemon() throws Exception {
    return TestBridge.open(ConfigReader.read(config), Clock.systemUTC());
  }

  private void mails(TestBridge bridge, Mailbox from, String text) {
    var sent =
        bridge.mail(
            from,
            alice.mailbox(),
            "From: <" + from + ">",
            "Message-ID: <" + ++mails + "@example.org>",
            "",
            text);
    assertThat(sent).isInstanceOf(Delivery.Delivered.class);
    await().atMost(PATIENCE).until(() -> heard(text));
  }

  private boolean heard(String text) {
    return alice.heardTexts().stream().anyMatch(heard -> heard.endsWith(text));
  }

  /** The inbox that wrote last to Alice. */
  private InboxId writer() {
    return alice.messages().stream()
        .filter(message -> !message.sender().equals(alice.inbox().id()))
        .max(Comparator.comparingLong(Message::sentAtNs))
        .orElseThrow()
        .sender();
  }

  private List<InstallationId> installations(InboxId inbox) throws Exception {
    return alice.client().state(inbox).installations();
  }

  private void wreck() throws IOException {
    try (var files = Files.walk(folder.resolve("data"))) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void awaitReinstalled(InboxId inbox, List<InstallationId> before) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> !installations(inbox).equals(before) && nothingIsSaidOfRestoring());
  }

  private boolean nothingIsSaidOfRestoring() throws Exception {
    var daemon = new RunningDaemon(ConfigReader.read(config).web().listen());
    return !daemon.get("/").body().contains("restored inboxes");
  }

  @Test
  void whatIsBackedUpComesBackAndIsAnotherInstallation() throws Exception {
    var file = folder.resolve("one.backup");
    InboxId bob;
    List<InstallationId> before;
    create();
    try (var bridge = daemon()) {
      mails(bridge, BOB, "Before.");
      bob = writer();
      before = installations(bob);
      alice.answer("I hear you.");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);

      assertThat(vault("", "backup", file.toString()))
          .startsWith("0 made " + file + ": 1 inboxes, ");
      assertThat(vault("", "backup", file.toString())).startsWith("1 ").contains("there already");
      mails(bridge, CAROL, "I come after the backup.");
    }
    var carol = writer();
    wreck();

    assertThat(vault("", "restore", file.toString()))
        .startsWith("0 restored")
        .contains("1 inbox")
        .contains("0 mails wait in " + folder.resolve("data").resolve("spool"));
    assertThat(vault("", "restore", file.toString())).startsWith("1 ").contains("not empty");
    try (var bridge = daemon()) {
      awaitReinstalled(bob, before);
      var after = installations(bob);

      assertThat(after).hasSize(1).doesNotContainAnyElementsOf(before);
      mails(bridge, BOB, "After.");
      assertThat(writer()).isEqualTo(bob);
      alice.answer("So you are back.");
      await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
      mails(bridge, CAROL, "Do you know me?");
      assertThat(writer()).as("an inbox of her own, and not the one of before").isNotIn(bob, carol);
      assertThat(installations(carol)).hasSize(1);
    }
    assertThat(opened(before.get(0))).as("what is left of the old installation").isEmpty();
  }

  /** The tables in which an installation is named, but for history: that is the inbox's. */
  private List<String> opened(InstallationId installation) throws Exception {
    try (var store = OpenedStore.open(ConfigReader.read(config), Clock.systemUTC().instant())) {
      return store
          .client()
          .jdbi()
          .withHandle(
              handle -> {
                var named = new ArrayList<String>();
                var tables =
                    handle
                        .createQuery(
                            "select table_name from information_schema.columns where"
                                + " column_name = 'installation_id' and table_schema = 'public'"
                                + " and lower(data_type) like 'binary%'")
                        .mapTo(String.class)
                        .list();
                assertThat(tables).contains("mls_group", "key_package", "hosted_inbox", "message");
                for (var table : tables) {
                  long rows =
                      handle
                          .createQuery(
                              "select count(*) from " + table + " where installation_id = ?")
                          .bind(0, installation.octets())
                          .mapTo(Long.class)
                          .one();
                  if (rows > 0) {
                    named.add(table);
                  }
                }
                return named;
              });
    }
  }

  @Test
  void theWordsOpenABackupWithoutTheVaultsKey() throws Exception {
    var file = folder.resolve("one.backup");
    var words = create();
    InboxId bob;
    try (var bridge = daemon()) {
      mails(bridge, BOB, "Before.");
      bob = writer();
    }
    assertThat(vault("", "backup", file.toString())).startsWith("0 made " + file);
    var before = installations(bob);
    wreck();
    Files.delete(folder.resolve("vault.key"));

    assertThat(vault("", "restore", file.toString())).startsWith("1 ").contains("--words");
    assertThat(vault("zoo zoo", "restore", "--words", file.toString())).startsWith("1 ");
    assertThat(vault(words, "restore", "--words", file.toString()))
        .startsWith("0 made " + folder.resolve("vault.key"))
        .doesNotContain(words.split(" ")[0] + " " + words.split(" ")[1]);
    try (var bridge = daemon()) {
      awaitReinstalled(bob, before);
      mails(bridge, BOB, "After.");
      assertThat(writer()).isEqualTo(bob);
    }
  }

  @Test
  void anotherKeyOpensTheVaultAndTheOldOneDoesNot() throws Exception {
    create();
    var key = folder.resolve("vault.key");
    var next = folder.resolve("next.key");
    var passphrase = folder.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery\n");

    assertThat(vault("", "rekey")).startsWith("2 ");
    assertThat(vault("", "rekey", "--key-file", key.toString())).startsWith("1 ");
    assertThat(vault("", "rekey", "--key-file", next.toString()))
        .startsWith("0 the vault opens with " + next + " only");
    assertThat(vault("", "backup", folder.resolve("one.backup").toString()))
        .startsWith("1 vault: ")
        .contains("does not open with this vault key");
    Files.move(next, key, StandardCopyOption.REPLACE_EXISTING);
    assertThat(vault("", "backup", folder.resolve("two.backup").toString())).startsWith("0 made");

    assertThat(vault("", "rekey", "--passphrase-file", passphrase.toString())).startsWith("0 ");
    assertThat(vault("", "backup", folder.resolve("three.backup").toString()))
        .startsWith("1 ")
        .contains("vault.passphraseFile");
    Files.writeString(
        config,
        Files.readString(config).replaceAll("keyFile: .*}", "passphraseFile: " + passphrase + "}"));
    try (var bridge = daemon()) {
      mails(bridge, BOB, "By a passphrase.");
    }
    var four = folder.resolve("four.backup");
    assertThat(vault("", "backup", four.toString())).startsWith("0 made");
    wreck();
    assertThat(vault("", "restore", four.toString())).startsWith("0 restored");
  }

  @Test
  void theWordsAloneReserveWhatIsSomebodys() throws Exception {
    var words = create();
    InboxId bob;
    try (var bridge = daemon()) {
      mails(bridge, BOB, "Before.");
      bob = writer();
    }
    wreck();

    assertThat(vault(words, "restore", "--words"))
        .startsWith("0 wallet 0 ")
        .contains(bob.toString());
    try (var bridge = daemon()) {
      mails(bridge, CAROL, "Who am I?");
      assertThat(writer()).isNotEqualTo(bob);
      assertThat(installations(bob)).hasSize(1);
    }
    assertThat(vault("", "create", "--yes-print")).startsWith("1 ").contains("were shown before");
  }
}
