package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.config.VaultSettings;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.ClientSchema;
import io.postern.xmtp.store.ClientStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code postern chat}: a small XMTP client in the terminal, with an identity and a database of its
 * own, for trying the bridge from the other side.
 */
@Command(name = "chat", description = "A small XMTP client, to try the bridge from the other side.")
final class ChatCommand implements Callable<Integer> {
  private static final int SESSIONS = 1;

  @Mixin private ConfigOption option;
  @Spec private CommandSpec spec;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "Which of your chat identities to use; made when it is new.")
  private String name = "me";

  @Override
  public Integer call() throws Exception {
    if (!name.matches("[a-z0-9-]{1,32}")) {
      throw new BridgeException("--as " + name + ": write 1 to 32 of a-z, 0-9 and -");
    }
    var config = option.read();
    var folder = config.data().resolve("chat").resolve(name);
    try {
      Files.createDirectories(folder);
    } catch (IOException unusable) {
      throw new BridgeException(
          "the folder " + folder + " cannot be made: " + Words.of(unusable), unusable);
    }
    var keyFile = new VaultSettings.KeyFile(folder.resolve("vault.key"), true);
    var out = spec.commandLine().getOut();
    try (var database = Database.open(store(folder.toAbsolutePath().toString()));
        var workers = Workers.open(SESSIONS);
        var node = V3Node.open(V3Settings.at(url(config)), Clock.systemUTC())) {
      ClientSchema.migrate(database.source());
      var vault =
          VaultFile.open(keyFile, Jdbi.create(database.source()), Clock.systemUTC().instant());
      var store = ClientStore.on(database.source(), vault);
      database.govern(store.jdbi());
      var chat = new Chat(store, config.domains().get(0), out);
      try (var client =
          XmtpClient.open(
              store,
              node,
              workers.lanes(),
              workers.scheduler(),
              Clock.systemUTC(),
              chat::arrived)) {
        chat.begin(client);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null && chat.typed(line)) {
          out.flush();
        }
        chat.end();
      }
    } catch (XmtpException failed) {
      throw new BridgeException(
          "the XMTP network at "
              + url(config)
              + " cannot be used: "
              + failed.getMessage()
              + "; on this machine it runs with: postern run",
          failed);
    }
    return 0;
  }

  private static StoreSettings store(String folder) {
    return new StoreSettings.H2File("jdbc:h2:file:" + folder + "/chat");
  }

  private static URI url(Config config) {
    if (config.network() instanceof NetworkSettings.Local) {
      return URI.create("http://" + Words.of(config.node().listen()));
    }
    return Networks.url(config.network());
  }
}
