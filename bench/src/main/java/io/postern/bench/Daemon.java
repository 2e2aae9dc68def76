package io.postern.bench;

import io.postern.bridge.Bridge;
import io.postern.bridge.BridgeException;
import io.postern.config.Config;
import io.postern.config.WebSettings;
import io.postern.mapping.Quiet;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Captured;
import io.postern.out.Deliver;
import io.postern.smtp.SmtpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * A daemon of the local profile on free ports, its limits on one client lifted and without quiet
 * time: each message is a mail of its own.
 */
final class Daemon implements AutoCloseable {
  private static final int SESSIONS = 200;
  private static final int MAILS_PER_MINUTE = 1_000_000;

  private final Bridge bridge;
  private final Capture capture;
  private final Path folder;
  private final String domain;

  private Daemon(Bridge bridge, Capture capture, Path folder, String domain) {
    this.bridge = bridge;
    this.capture = capture;
    this.folder = folder;
    this.domain = domain;
  }

  static Daemon open(Path data) throws IOException, BridgeException {
    var local = Config.localProfile(data);
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var domain = local.domains().get(0);
    var config =
        new Config(
            local.domains(),
            data,
            local.network(),
            NodeSettings.of(free, data.resolve("node")),
            SmtpSettings.of("127.0.0.1:0", domain)
                .withClientLimits(SESSIONS, SESSIONS, MAILS_PER_MINUTE),
            new WebSettings(free),
            local.deliver(),
            local.receive(),
            List.of(),
            List.of(),
            new Quiet(Duration.ZERO),
            local.keepMails(),
            local.receipts(),
            local.store(),
            local.provision(),
            local.invite(),
            List.of(),
            local.vault(),
            local.gates(),
            List.of());
    var deliver = (Deliver.Capture) config.deliver();
    var capture = Capture.open(deliver);
    return new Daemon(Bridge.open(config, Clock.systemUTC()), capture, deliver.folder(), domain);
  }

  String nodeUrl() {
    return "http://127.0.0.1:" + bridge.nodeAddress().orElseThrow().getPort();
  }

  URI statusPage() {
    return bridge.statusPage();
  }

  int smtpPort() {
    return bridge.smtpAddress().getPort();
  }

  /** Where mail reaches an XMTP address. */
  String addressOf(String wallet) {
    return wallet + "@" + domain;
  }

  /** How many mails have left. */
  long countCaptured() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".eml")).count();
    }
  }

  /** The mails that have left. */
  List<Captured> captured() throws IOException {
    return capture.list(Integer.MAX_VALUE);
  }

  byte[] octets(Captured mail) throws IOException {
    return capture.read(mail.id()).orElseThrow();
  }

  @Override
  public void close() {
    bridge.close();
  }
}
