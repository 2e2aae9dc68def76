package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.postern.config.FilterSettings;
import io.postern.config.FilterSettings.OnFailure;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mail, and what a scripted rspamd says of it. */
class RspamdFilterTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final TestDns dns = new TestDns();
  @TempDir Path folder;
  private HttpServer rspamd;
  private volatile int status = 200;
  private volatile String answer = "{\"action\": \"no action\"}";
  private volatile boolean silent;
  private volatile Headers asked;
  private volatile byte[] mail;

  @BeforeEach
  void open() throws Exception {
    rspamd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    rspamd.createContext("/checkv2", this::check);
    rspamd.setExecutor(threads);
    rspamd.start();
  }

  @AfterEach
  void close() {
    over.countDown();
    rspamd.stop(0);
    threads.shutdownNow();
  }

  private void check(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked = exchange.getRequestHeaders();
      mail = exchange.getRequestBody().readAllBytes();
      if (silent) {
        over.await();
      }
      var octets = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private GateServer server(Duration timeout, OnFailure onFailure) throws IOException {
    var url = URI.create("http://127.0.0.1:" + rspamd.getAddress().getPort() + "/checkv2");
    var settings = FilterSettings.of(new FilterSettings.Rspamd(url)).withOnFailure(onFailure);
    return new GateServer(
        folder, new FilterGate(new RspamdFilter(url, timeout, dns, Clock.systemUTC()), settings));
  }

  private GateServer server() throws IOException {
    return server(Duration.ofSeconds(20), OnFailure.DEFER);
  }

  private static void assertRefused(Delivery delivery, String words) {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo("5.7.1");
              assertThat(refused.advice()).contains(words);
            });
  }

  private static void assertLater(Delivery delivery, String words) {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Deferred.class,
            deferred -> {
              assertThat(deferred.status()).isEqualTo("4.7.1");
              assertThat(deferred.reason()).contains(words);
            });
  }

  @Test
  void tellsHowTheMailCame() throws Exception {
    try (var server = server()) {
      var both = List.of(GateServer.ALICE, new Mailbox("carol", "bridge.example"));
      var body = "x".repeat(70).repeat(100_000);
      assertThat(
              server.mail(
                  Envelope.of(GateServer.BOB, both), "Subject: s", "", body.substring(0, 900)))
          .isInstanceOf(Delivery.Delivered.class);
    }

    assertThat(asked.getFirst("IP")).isEqualTo("127.0.0.1");
    assertThat(asked.getFirst("Helo")).isEqualTo("client.example.org");
    assertThat(asked.getFirst("From")).isEqualTo("<bob@example.org>");
    assertThat(asked.get("Rcpt"))
        .containsExactlyInAnyOrder("alice@bridge.example", "carol@bridge.example");
    assertThat(asked.getFirst("Queue-Id")).hasSize(26);
    assertThat(asked.getFirst("Content-Length")).isEqualTo(String.valueOf(mail.length));
    assertThat(new String(mail, StandardCharsets.UTF_8))
        .startsWith("Subject: s\r\n\r\nxxx")
        .endsWith("x\r\n");
  }

  @Test
  void namesNobodyElseForAnAddressBeyondAscii() throws Exception {
    try (var server = server()) {
      var recipients =
          List.of(
              GateServer.ALICE,
              new Mailbox("j\u00f6rg", "bridge.example"),
              new Mailbox("carol", "br\u00fccke.example"));
      var sender = new Mailbox("b\u00f6b", "example.org");
      assertThat(server.mail(Envelope.of(sender, recipients), "Subject: s", ""))
          .isInstanceOf(Delivery.Delivered.class);
    }

    assertThat(asked.get("Rcpt"))
        .containsExactlyInAnyOrder("alice@bridge.example", "carol@xn--brcke-lva.example");
    assertThat(asked).doesNotContainKey("From");
  }

  @Test
  void sendsALargeMailWhole() throws Exception {
    var line = "x".repeat(76);
    var lines = new String[50_000];
    Arrays.fill(lines, line);
    lines[0] = "Subject: large";
    lines[1] = "";
    try (var server = server()) {
      assertThat(server.mail(lines)).isInstanceOf(Delivery.Delivered.class);
    }

    assertThat(new String(mail, StandardCharsets.US_ASCII))
        .isEqualTo(String.join("\r\n", lines) + "\r\n");
  }

  @Test
  void tellsTheNameOfTheClientIfItLeadsBack() throws Exception {
    dns.ptr("127.0.0.1", "forged.example.org", "a\r\nX: y", "mx.example.org")
        .a("forged.example.org", "8.8.8.8")
        .a("mx.example.org", "8.8.8.8", "127.0.0.1");
    try (var server = server()) {
      server.mail("Subject: s", "");
    }

    assertThat(asked.get("Hostname")).containsExactly("mx.example.org");
  }

  @Test
  void tellsOfNoNameThatLeadsElsewhereAndOfNoLoginThatWasNot() throws Exception {
    dns.ptr("127.0.0.1", "forged.example.org").silent("forged.example.org");
    try (var server = server()) {
      server.mail("Subject: s", "");
    }

    assertThat(asked).doesNotContainKeys("Hostname", "User");
  }

  @Test
  void tellsOfReportsToo() throws Exception {
    answer = "{\"action\": \"reject\"}";
    try (var server = server()) {
      assertRefused(
          server.mail(Envelope.fromNobody(List.of(GateServer.ALICE)), "Subject: report", ""),
          "The mail filter refuses this mail");
    }

    assertThat(asked.getFirst("From")).isEqualTo("<>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"reject", "discard"})
  void whatItRejectsIsRefused(String action) throws Exception {
    answer = "{\"action\": \"" + action + "\", \"messages\": {\"smtp_message\": \"Spam, see x\"}}";
    try (var server = server()) {
      assertRefused(server.mail("Subject: s", ""), "Spam, see x");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soft reject", "greylist"})
  void whatItPutsOffComesAgain(String action) throws Exception {
    answer = "{\"action\": \"" + action + "\"}";
    try (var server = server()) {
      assertLater(server.mail("Subject: s", ""), "try again later");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"add header", "rewrite subject"})
  void whatItWouldMarkIsTakenWithAWarning(String action) throws Exception {
    answer = "{\"action\": \"" + action + "\", \"score\": 7.5}";
    try (var server = server()) {
      assertThat(server.mail("Subject: s", "")).isInstanceOf(Delivery.Delivered.class);
      assertThat(server.verdict().caution())
          .isEqualTo("⚠ The mail filter takes this mail for unwanted");
      assertThat(server.verdict().authenticatedDomain()).isEqualTo("example.org");
    }
  }

  @Test
  void whatItHasNothingAgainstIsTaken() throws Exception {
    try (var server = server()) {
      assertThat(server.mail("Subject: s", "")).isInstanceOf(Delivery.Delivered.class);
      assertThat(server.verdict().caution()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "500 | {\"action\": \"no action\"}",
        "404 | no such path",
        "302 | {\"action\": \"no action\"}",
        "200 | ``",
        "200 | not json",
        "200 | {\"action\": ",
        "200 | []",
        "200 | {}",
        "200 | {\"action\": \"something new\"}",
        "200 | {\"action\": {\"a\": 1}}",
      })
  void whatCannotBeUnderstoodIsNoAnswer(int code, String text) throws Exception {
    status = code;
    answer = text == null ? "" : text;
    try (var server = server()) {
      assertLater(server.mail("Subject: s", ""), "The mail filter cannot be asked now");
    }
  }

  @Test
  void anAnswerWithoutEndIsNoAnswer() throws Exception {
    answer = "{\"action\": \"no action\", \"x\": \"" + "x".repeat(300_000) + "\"}";
    try (var server = server()) {
      assertLater(server.mail("Subject: s", ""), "cannot be asked");
    }
  }

  @Test
  void deepNestingIsNoAnswer() throws Exception {
    answer = "[".repeat(100_000);
    try (var server = server()) {
      assertLater(server.mail("Subject: s", ""), "cannot be asked");
    }
  }

  @Test
  void whoeverIsSilentIsNotWaitedForWithoutEnd() throws Exception {
    silent = true;
    try (var server = server(Duration.ofMillis(300), OnFailure.DEFER)) {
      assertLater(server.mail("Subject: s", ""), "cannot be asked");
    }
  }

  @Test
  void whereTheOperatorWantsItMailIsTakenWithoutTheFilter() throws Exception {
    rspamd.stop(0);
    try (var server = server(Duration.ofSeconds(20), OnFailure.ACCEPT)) {
      assertThat(server.mail("Subject: s", "")).isInstanceOf(Delivery.Delivered.class);
    }
  }

  @Test
  void itsWordsForgeNoReplyAndNoWarning() throws Exception {
    var words = "x\\r\\n250 2.0.0 taken\\u0000\\u0085\\u202e" + "y".repeat(2_000);
    answer = "{\"action\": \"reject\", \"messages\": {\"smtp_message\": \"" + words + "\"}}";
    try (var server = server()) {
      assertRefused(server.mail("Subject: s", ""), "x 250 2.0.0 taken yyy");
      answer = answer.replace("\"reject\"", "\"add header\"");
      server.mail("Subject: s", "");
      assertThat(server.verdict().caution())
          .startsWith("⚠ x 250 2.0.0 taken yyy")
          .hasSizeLessThan(210);
    }
  }
}
