package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.out.Deliver;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern check}: reads, resolves, connects, and exits; changes nothing. */
@Command(name = "check", description = "Reads the configuration, tries what it names, and exits.")
final class CheckCommand implements Callable<Integer> {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String NOBODY = "0x0000000000000000000000000000000000000000";

  @Mixin private ConfigOption option;
  @Spec private CommandSpec spec;

  private boolean failed;

  /** Something to try; throws what went wrong. */
  private interface Attempt {
    void run() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    var config = option.read();
    var out = spec.commandLine().getOut();
    out.println("ok      configuration: domains " + String.join(", ", config.domains()));
    attempt(out, "data " + config.data(), () -> checkData(config));
    attempt(
        out,
        "smtp.listen " + config.smtp().host() + ":" + config.smtp().port(),
        () -> bind(new InetSocketAddress(config.smtp().host(), config.smtp().port())));
    attempt(out, "web.listen " + config.web().listen(), () -> bind(config.web().listen()));
    if (config.network() instanceof NetworkSettings.Local) {
      attempt(out, "node.listen " + config.node().listen(), () -> bind(config.node().listen()));
    } else {
      var url = Networks.url(config.network());
      attempt(out, "network " + url, () -> ask(url));
    }
    if (config.deliver() instanceof Deliver.Smarthost host) {
      attempt(
          out,
          "deliver smarthost " + host.host() + ":" + host.port(),
          () -> connect(host.host(), host.port()));
    }
    if (config.deliver() instanceof Deliver.Imap host) {
      attempt(
          out,
          "deliver imap " + host.host() + ":" + host.port(),
          () -> connect(host.host(), host.port()));
    }
    out.flush();
    return failed ? 1 : 0;
  }

  private void attempt(PrintWriter out, String what, Attempt attempt) {
    try {
      attempt.run();
      out.println("ok      " + what);
    } catch (Exception wrong) {
      failed = true;
      out.println("failed  " + what + ": " + wrong.getMessage());
    }
  }

  private static void checkData(Config config) throws IOException {
    var existing = config.data().toAbsolutePath();
    while (Files.notExists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isWritable(existing)) {
      throw new IOException(existing + " cannot be written to");
    }
  }

  private static void bind(InetSocketAddress address) throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(address);
    }
  }

  private static void connect(String host, int port) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
    }
  }

  private static void ask(URI url) throws IOException, NodeException {
    try (var node = V3Node.open(V3Settings.at(url), Clock.systemUTC())) {
      node.inboxIds(List.of(new EthereumAddress(NOBODY)));
    }
  }
}
