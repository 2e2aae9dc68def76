package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.postern.interop.TestAuthority;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.node.RateLimits;
import io.postern.node.RateLimits.Bucket;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.MessageStore.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The network as the public one is: by TLS, and with limits on each client. Its certificate is of
 * an authority of one's own, which the daemon trusts as every Java program does that is told to:
 * {@code -Djavax.net.ssl.trustStore}. Network document, sections 1 and 10.
 */
class NetworkLimitsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final EthereumAddress NOBODY = new EthereumAddress("0x" + "0".repeat(40));

  /** Fewer than the mails, but more than the client puts into one request. */
  private static final Bucket FEW = new Bucket(60, 60);

  private static final int MAILS = 75;

  @TempDir Path folder;
  private TestAuthority authority;

  @BeforeEach
  void makeAuthority() throws Exception {
    authority = TestAuthority.in(folder.resolve("authority"), "Test Authority");
  }

  @Test
  void mailAndAnswerTravelByTlsWithinThePublicLimits() throws Exception {
    try (var node = node(RateLimits.ofPublicNetwork());
        var alice = peer(node);
        var daemon = new Daemon(node)) {
      assertThat(daemon.mail(alice, 1)).isInstanceOf(Delivery.Delivered.class);
      await().atMost(PATIENCE).until(() -> heard(alice).contains("mail 1"));

      alice.answer("by TLS");

      await().atMost(PATIENCE).until(() -> mailedLines().contains("by TLS"));
    }
  }

  /** The network refills only for whole minutes without any request: who asks on gets nothing. */
  @Test
  void holdsBackForAMinuteWhenTheNetworkSaysTooOftenAndLosesNothing() throws Exception {
    var reads = RateLimits.ofPublicNetwork().reads();
    try (var node = node(new RateLimits(reads, FEW));
        var alice = peer(node);
        var daemon = new Daemon(node)) {
      for (int i = 1; i <= MAILS; i++) {
        assertThat(daemon.mail(alice, i)).isInstanceOf(Delivery.Delivered.class);
      }

      var all = IntStream.rangeClosed(1, MAILS).mapToObj(i -> "mail " + i).toList();
      await().atMost(PATIENCE).until(() -> heard(alice).size() == all.size());
      assertThat(heard(alice)).isEqualTo(all);
      assertThat(longestGap(alice)).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
      alice.answer("after the silence");
      await().atMost(PATIENCE).until(() -> mailedLines().contains("after the silence"));
    }
  }

  @Test
  void saysThatTheCertificateIsOfAnUnknownAuthority() throws Exception {
    var other = TestAuthority.in(folder.resolve("other"), "Other Authority");
    try (var node = node(RateLimits.ofPublicNetwork());
        var network = V3Node.open(trusting(other.certificate(), node), Clock.systemUTC())) {
      var failed =
          catchThrowableOfType(NodeException.class, () -> network.inboxIds(List.of(NOBODY)));

      assertThat(failed.kind()).isEqualTo(NodeException.Kind.UNREACHABLE);
      assertThat(failed).hasMessageContaining("unable to find valid certification path");
    }
  }

  @Test
  void asksWhomItTrusts() throws Exception {
    try (var node = node(RateLimits.ofPublicNetwork());
        var network = V3Node.open(trusting(authority.certificate(), node), Clock.systemUTC())) {
      assertThat(network.inboxIds(List.of(NOBODY))).isEmpty();
    }
  }

  private LocalNode node(RateLimits limits) throws Exception {
    var tls = authority.forLocalhost();
    return LocalNode.open(
        new NodeSettings(
            new InetSocketAddress("127.0.0.1", 0),
            folder.resolve("node"),
            Optional.of(new NodeSettings.Tls(tls.certificate(), tls.key())),
            Optional.of(limits),
            Optional.empty()));
  }

  private static String url(LocalNode node) {
    return "https://localhost:" + node.port();
  }

  private static V3Settings trusting(Path certificate, LocalNode node) {
    var settings = V3Settings.at(URI.create(url(node)));
    return new V3Settings(settings.url(), Optional.of(certificate), settings.callTimeout());
  }

  /** A peer in this process; the trust store is read when its connection is prepared. */
  private TestPeer peer(LocalNode node) throws Exception {
    System.setProperty("javax.net.ssl.trustStore", authority.trustStore().toString());
    System.setProperty("javax.net.ssl.trustStorePassword", TestAuthority.STORE_PASSWORD);
    try {
      return new TestPeer(folder, url(node));
    } finally {
      System.clearProperty("javax.net.ssl.trustStore");
      System.clearProperty("javax.net.ssl.trustStorePassword");
    }
  }

  /** The last line of each text: what stands before it is who writes and the subject. */
  private static List<String> heard(TestPeer peer) {
    return peer.heardTexts().stream()
        .map(text -> text.substring(text.lastIndexOf('\n') + 1))
        .toList();
  }

  /** The longest time, by the network's clock, in which nothing came. */
  private static Duration longestGap(TestPeer peer) {
    var times = peer.messages().stream().map(Message::sentAtNs).sorted().toList();
    var longest = Duration.ZERO;
    for (int i = 1; i < times.size(); i++) {
      var gap = Duration.ofNanos(times.get(i) - times.get(i - 1));
      longest = gap.compareTo(longest) > 0 ? gap : longest;
    }
    return longest;
  }

  private List<String> mailedLines() throws Exception {
    var captured = Capture.open(new Deliver.Capture(folder.resolve("bridge").resolve("captured")));
    var lines = new ArrayList<String>();
    for (Mail mail : TestBridge.captured(captured)) {
      TestBridge.said(mail).lines().forEach(lines::add);
    }
    return lines;
  }

  /** A daemon in a process of its own, started as its operator would. */
  private final class Daemon implements AutoCloseable {
    private final Process process;
    private final int smtpPort;

    private Daemon(LocalNode node) throws Exception {
      var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      var errors = Files.createTempFile(folder, "daemon", ".log");
      process =
          new ProcessBuilder(
                  java,
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Djavax.net.ssl.trustStore=" + authority.trustStore(),
                  "-Djavax.net.ssl.trustStorePassword=" + TestAuthority.STORE_PASSWORD,
                  "-cp",
                  System.getProperty("java.class.path"),
                  CrashingDaemon.class.getName(),
                  folder.resolve("bridge").toString(),
                  url(node),
                  "NONE",
                  "jdbc:h2:file:" + folder.resolve("bridge").resolve("postern"))
              .redirectError(errors.toFile())
              .start();
      var out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      var line = out.readLine();
      assertThat(line).as(() -> text(errors)).startsWith("ready ");
      smtpPort = Integer.parseInt(line.substring("ready ".length()));
    }

    private Delivery mail(TestPeer to, int number) {
      return TestBridge.mail(
          smtpPort,
          BOB,
          to.mailbox(),
          "From: Bob <" + BOB + ">",
          "To: " + to.mailbox(),
          "Subject: " + (number == 1 ? "" : "Re: ") + "Limits",
          "Message-ID: <limits" + number + "@example.org>",
          "",
          "mail " + number);
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}
