package io.postern.bridge;

import io.postern.bridge.web.StatusPage;
import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.Provision;
import io.postern.config.WebSettings;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Dns;
import io.postern.mapping.Quiet;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Captured;
import io.postern.out.Deliver;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import io.postern.smtp.ListenerKind;
import io.postern.smtp.SmtpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A daemon of the local profile on free ports, and what a person's mail program does with it. */
final class TestBridge implements AutoCloseable {
  static final String DOMAIN = "bridge.localhost";

  private final Bridge bridge;
  private final Capture capture;

  private TestBridge(Bridge bridge, Capture capture) {
    this.bridge = bridge;
    this.capture = capture;
  }

  /** With a network of its own. */
  static TestBridge open(Path data) throws BridgeException, IOException {
    return open(config(data, new NetworkSettings.Local()));
  }

  /** On a network that is somewhere else. */
  static TestBridge open(Path data, String networkUrl) throws BridgeException, IOException {
    return open(config(data, new NetworkSettings.At(URI.create(networkUrl))));
  }

  private static TestBridge open(Config config) throws BridgeException, IOException {
    var capture = Capture.open((Deliver.Capture) config.deliver());
    return new TestBridge(Bridge.open(config, Clock.systemUTC()), capture);
  }

  /** By a clock of one's own. */
  static TestBridge open(Config config, Clock clock) throws BridgeException, IOException {
    var capture = Capture.open((Deliver.Capture) config.deliver());
    return new TestBridge(Bridge.open(config, clock), capture);
  }

  /** Where authors are verified. */
  static TestBridge verifying(Path data, Dns dns) throws BridgeException, IOException {
    return open(new TestConfig(data).provision(Provision.VERIFIED).get(), dns);
  }

  /** With settings of one's own, of which mail is captured. */
  static TestBridge open(Config config, Dns dns) throws BridgeException, IOException {
    var capture = Capture.open((Deliver.Capture) config.deliver());
    return new TestBridge(Bridge.open(config, dns, Clock.systemUTC(), checkpoint -> {}), capture);
  }

  /** One whose mail leaves by another's SMTP listener. */
  static TestBridge facing(Path data, String domain, int smtpPort, int otherPort)
      throws BridgeException, IOException {
    var capture = Capture.open((Deliver.Capture) Config.localProfile(data).deliver());
    var other = new Deliver.Smarthost("127.0.0.1", otherPort, Optional.empty(), TlsMode.NONE);
    var config = new TestConfig(data).at(domain, smtpPort, other).get();
    return new TestBridge(Bridge.open(config, Clock.systemUTC()), capture);
  }

  /** Where every client is a stranger, this machine too. */
  static TestBridge amongStrangers(Config config, Dns dns, Clock clock)
      throws BridgeException, IOException {
    var capture = Capture.open((Deliver.Capture) config.deliver());
    return new TestBridge(
        Bridge.open(config, dns, clock, checkpoint -> {}, client -> true), capture);
  }

  static Config config(Path data, NetworkSettings network) {
    var local = Config.localProfile(data);
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new Config(
        local.domains(),
        data,
        network,
        NodeSettings.of(free, data.resolve("node")),
        SmtpSettings.of("127.0.0.1:0", DOMAIN),
        new WebSettings(free),
        local.deliver(),
        local.receive(),
        List.of(),
        List.of(),
        new Quiet(Duration.ofMillis(200)),
        local.keepMails(),
        local.receipts(),
        StoreOfTest.of(data),
        local.provision(),
        local.invite(),
        List.of(),
        local.vault(),
        local.gates(),
        List.of());
  }

  String nodeUrl() {
    return "http://127.0.0.1:" + bridge.nodeAddress().orElseThrow().getPort();
  }

  int smtpPort() {
    return bridge.smtpAddress().getPort();
  }

  /** Where people send from their own mail programs. */
  int submissionPort(ListenerKind kind) {
    return bridge.submissionPort(kind).orElseThrow();
  }

  /** Sends a mail and answers what SMTP said. */
  Delivery mail(Mailbox from, Mailbox to, String... lines) {
    return mail(smtpPort(), from, to, lines);
  }

  static Delivery mail(int port, Mailbox from, Mailbox to, String... lines) {
    return mail(port, Envelope.of(from, List.of(to)), lines);
  }

  static Delivery mail(int port, Envelope envelope, String... lines) {
    var smtp =
        new SmarthostSender(
            new Deliver.Smarthost("127.0.0.1", port, Optional.empty(), TlsMode.NONE),
            "client.localhost");
    var text = String.join("\r\n", lines) + "\r\n";
    return smtp.send(envelope, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Where the mails that left were to come back to, in the order in which they were made. */
  List<Mailbox> returnPaths() throws IOException {
    return capture.list(10_000).stream()
        .sorted(Comparator.comparing(Captured::at))
        .map(captured -> captured.envelope().reversePath().orElseThrow())
        .toList();
  }

  /** The mails that left, in the order in which they were made. */
  List<Mail> captured() throws IOException, MailException {
    return captured(capture);
  }

  /** The return path of the first mail that was captured. */
  Mailbox firstReturnPath() throws IOException {
    return capture.list(10_000).stream()
        .min(Comparator.comparing(Captured::at))
        .flatMap(captured -> captured.envelope().reversePath())
        .orElseThrow();
  }

  static List<Mail> captured(Capture capture) throws IOException, MailException {
    var mails = new ArrayList<Mail>();
    var list = new ArrayList<>(capture.list(10_000));
    list.sort(Comparator.comparing(Captured::at));
    for (var captured : list) {
      mails.add(MailReader.read(capture.read(captured.id()).orElseThrow()));
    }
    return mails;
  }

  /** What a peer says in a mail, without what stands below it: how they are blocked. */
  static String said(Mail mail) {
    return mail.bodies().get(0).plain().orElseThrow().split("(?m)^-- $", 2)[0].strip();
  }

  /** The status page, as text. */
  String status() throws IOException, InterruptedException {
    return page("/");
  }

  /** What happened to a mail or message of this name, as text. */
  String journey(String name) throws IOException, InterruptedException {
    return page(StatusPage.journeyPath(name));
  }

  /** A page of the status page, as text. */
  String page(String path) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(bridge.statusPage().resolve(path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  @Override
  public void close() {
    bridge.close();
  }
}
