package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.config.VaultSettings;
import io.postern.mls.crypto.Secret;
import io.postern.node.LocalNode;
import io.postern.node.NodeException;
import io.postern.smtp.Spool;
import io.postern.xmtp.client.SeedScan;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.Vault;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern vault restore [FILE] [--words]}: puts a backup, or the seed alone, into an empty
 * store. The next {@code postern run} then gives each inbox another installation.
 */
@Command(name = "restore", description = "Puts a backup, or the seed alone, into an empty store.")
final class VaultRestoreCommand implements Callable<Integer> {
  /** 24 words of at most eight letters are shorter. */
  private static final int MAX_WORDS = 1000;

  private final Supplier<Optional<Terminal>> terminal;

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "A backup.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--words",
      description =
          "The words of the seed open the backup, in place of the vault's key; without FILE, the"
              + " seed is made from them.")
  private boolean words;

  VaultRestoreCommand() {
    this(Terminal::ofProcess);
  }

  VaultRestoreCommand(Supplier<Optional<Terminal>> terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    if (file.isEmpty() && !words) {
      throw new BridgeException("name a backup, or say --words to begin with the seed alone");
    }
    var settings = config.read();
    if (file.isPresent() && Files.notExists(file.get())) {
      throw new BridgeException(file.get() + " is not there");
    }
    var waiting = waiting(settings.data().resolve("spool"));
    var entropy = words ? Optional.of(typedEntropy()) : Optional.<byte[]>empty();
    try {
      var said =
          file.isPresent()
              ? restore(settings, file.get(), entropy)
              : scan(settings, entropy.orElseThrow());
      var out = spec.commandLine().getOut();
      said.forEach(out::println);
      out.println(waiting);
      if (settings.store() instanceof StoreSettings.PostgreSql) {
        out.println(
            "mails that waited in the database before are still there; docs/backup.md says how to"
                + " take them along");
      }
      out.flush();
      return 0;
    } finally {
      entropy.ifPresent(octets -> Arrays.fill(octets, (byte) 0));
    }
  }

  private byte[] typedEntropy() throws BridgeException, IOException {
    var person = terminal.get();
    var typed =
        person.isPresent() ? person.get().ask("The words of the seed: ").orElse("") : firstLine();
    person.ifPresent(Terminal::clear);
    try {
      var mnemonic = Mnemonic.parse(typed.substring(0, Math.min(typed.length(), MAX_WORDS)));
      try {
        return mnemonic.entropy().toOctets();
      } finally {
        mnemonic.erase();
      }
    } catch (IdentityException mistyped) {
      throw new BridgeException(mistyped.getMessage(), mistyped);
    }
  }

  /** So that nobody leaves behind what was accepted from others. */
  private static String waiting(Path folder) throws IOException {
    int mails = 0;
    if (Files.exists(folder)) {
      try (var spool = Spool.open(folder, Clock.systemUTC())) {
        mails = spool.size();
      }
    }
    return mails
        + " mails wait in "
        + folder
        + "; if the data folder was moved aside, put its spool and reports back before you start";
  }

  private static String firstLine() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var line = in.readLine();
    return line == null ? "" : line;
  }

  private List<String> restore(Config settings, Path backup, Optional<byte[]> entropy)
      throws BridgeException, IOException, SQLException {
    try (var in = Files.newInputStream(backup)) {
      var data = new DataInputStream(in);
      BackupHeader header;
      try {
        header = BackupHeader.read(data);
      } catch (BackupException | IOException unfit) {
        throw new BridgeException(backup + ": " + Words.of(unfit), unfit);
      }
      var key = entropy.isPresent() ? byWords(header, entropy.get()) : byMaster(settings, header);
      try (var store = opened(settings, entropy.isPresent())) {
        store.database().govern(store.client().jdbi());
        var restore = new Restore(store.client());
        restore.begin();
        return told(restore.run(data, header, key));
      } finally {
        key.erase();
      }
    }
  }

  private static List<String> told(Restore.Summary summary) {
    return List.of(
        "restored what was there on "
            + summary.madeAt()
            + ": "
            + summary.inboxes()
            + " inboxes, "
            + summary.messages()
            + " messages",
        "each inbox gets another installation, and loses the old one, when you start: postern run");
  }

  private static Secret byWords(BackupHeader header, byte[] entropy) throws BridgeException {
    try {
      return header.openByWords(entropy);
    } catch (Vault.VaultException others) {
      throw new BridgeException("these are the words of another seed than the backup's", others);
    }
  }

  private static Secret byMaster(Config settings, BackupHeader header) throws BridgeException {
    boolean named = settings.vault() instanceof VaultSettings.PassphraseFile;
    if (named != header.stretch().isPresent()) {
      throw new BridgeException(
          "the backup is of a vault that opens with a "
              + (named
                  ? "key file; name a copy of it at vault.keyFile"
                  : "passphrase; name its file at vault.passphraseFile")
              + ", or add --words");
    }
    var vault =
        settings.vault() instanceof VaultSettings.KeyFile keyFile
            ? new VaultSettings.KeyFile(keyFile.file(), false)
            : settings.vault();
    Secret master;
    try {
      master = VaultFile.master(vault, header.stretch());
    } catch (BridgeException absent) {
      throw new BridgeException(
          "the backup opens with the vault's key of its day, or with --words: "
              + absent.getMessage(),
          absent);
    }
    try {
      return header.openByMaster(master);
    } catch (Vault.VaultException another) {
      throw new BridgeException(
          "the backup does not open with what vault names; put the key of its day there, or add"
              + " --words",
          another);
    } finally {
      master.erase();
    }
  }

  /** The store; with a new key file if the words are to replace the one that is lost. */
  private OpenedStore opened(Config settings, boolean keyMayBeMade)
      throws BridgeException, IOException, SQLException {
    Files.createDirectories(settings.data());
    if (keyMayBeMade
        && settings.vault() instanceof VaultSettings.KeyFile keyFile
        && Files.notExists(keyFile.file())) {
      VaultFile.make(keyFile.file());
      var err = spec.commandLine().getErr();
      err.println("made " + keyFile.file() + "; keep a copy where the backups are not");
      err.flush();
    }
    return OpenedStore.openForRestore(settings, Clock.systemUTC().instant());
  }

  private List<String> scan(Config settings, byte[] entropy)
      throws BridgeException, IOException, SQLException, NodeException, XmtpException {
    try (var store = opened(settings, true);
        var network = Network.of(settings, Clock.systemUTC())) {
      store.database().govern(store.client().jdbi());
      var restore = new Restore(store.client());
      restore.begin();
      // The scan needs a seed, and what it finds becomes true with it, or not at all.
      store.client().jdbi().useTransaction(h -> store.client().seeds().insert(h, entropy));
      var found = new SeedScan(store.client(), network.node()).run();
      var wallets = found.stream().map(SeedScan.Found::index).collect(Collectors.toSet());
      long now = TimeUnit.MILLISECONDS.toNanos(Clock.systemUTC().millis());
      restore.reserve(wallets, now);
      var said = new ArrayList<String>();
      for (var one : found) {
        said.add("wallet " + one.index() + "  " + one.wallet() + "  inbox " + one.inbox());
      }
      said.add(
          found.isEmpty()
              ? "the seed is here, and the network knows no inbox of it"
              : "the seed is here; these wallets are somebody's, and are never given to anybody"
                  + " else: whose they are only a backup knows");
      return said;
    }
  }

  /** The network that the configuration names, if need be the embedded node. */
  private record Network(Optional<LocalNode> local, V3Node node) implements AutoCloseable {
    static Network of(Config settings, Clock clock) throws NodeException, IOException {
      if (!(settings.network() instanceof NetworkSettings.Local)) {
        return new Network(Optional.empty(), node(Networks.url(settings.network()), clock));
      }
      var local = LocalNode.open(settings.node());
      try {
        var url = URI.create("http://127.0.0.1:" + local.port());
        return new Network(Optional.of(local), node(url, clock));
      } catch (IOException | RuntimeException failed) {
        local.close();
        throw failed;
      }
    }

    private static V3Node node(URI url, Clock clock) throws IOException {
      return V3Node.open(V3Settings.at(url), clock);
    }

    @Override
    public void close() {
      node.close();
      local.ifPresent(LocalNode::close);
    }
  }
}
