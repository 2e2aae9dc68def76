package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Policies by HTTPS from a host on the loopback with an authority of its own. */
class HttpsStsSourceTest {
  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final String TEXT = "version: STSv1\nmode: none\nmax_age: 1\n";
  private static final Predicate<InetAddress> ANY = address -> true;

  private TinyDns dns;
  private HttpsServer server;
  private int status = 200;
  private String type = "text/plain; charset=utf-8";
  private String text = TEXT;
  private volatile String asked = "";

  @BeforeEach
  void start() throws Exception {
    dns = new TinyDns().address("mta-sts.example.org", "127.0.0.1");
    serve("mta-sts.example.org");
  }

  @AfterEach
  void stop() {
    server.stop(0);
    dns.close();
  }

  private void serve(String name) throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(AUTHORITY.server(name).server()));
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked = exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Host");
    var octets = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.getResponseHeaders().add("Location", "/.well-known/mta-sts.txt");
    exchange.sendResponseHeaders(status, 0);
    try (var out = exchange.getResponseBody()) {
      out.write(octets);
    }
  }

  private String fetch(Predicate<InetAddress> reachable) throws IOException {
    return fetch(reachable, server.getAddress().getPort(), Duration.ofSeconds(30));
  }

  private String fetch(Predicate<InetAddress> reachable, int port, Duration timeout)
      throws IOException {
    return new HttpsStsSource(
            new DnsJava(dns.resolver(), Duration.ofSeconds(30)),
            AUTHORITY.client(),
            reachable,
            port,
            timeout)
        .fetch("example.org");
  }

  @Test
  void fetchesThePolicyFromTheHostOfItsName() throws Exception {
    assertThat(fetch(ANY)).isEqualTo(TEXT);

    assertThat(asked)
        .isEqualTo("/.well-known/mta-sts.txt mta-sts.example.org:" + server.getAddress().getPort());
  }

  @Test
  void goesOnToTheNextAddress() throws Exception {
    dns.close();
    dns = new TinyDns().address("mta-sts.example.org", "127.0.0.2");
    dns.address("mta-sts.example.org", "127.0.0.1");

    assertThat(fetch(ANY)).isEqualTo(TEXT);
  }

  @Test
  void connectsToNoPrivateAddress() {
    assertThatThrownBy(() -> fetch(PublicAddress::isPublic))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no public address");
    assertThat(asked).isEmpty();
  }

  @Test
  void believesNoCertificateOfAnotherName() throws Exception {
    server.stop(0);
    serve("example.org");

    assertThatThrownBy(() -> fetch(ANY)).isInstanceOf(IOException.class);
    assertThat(asked).isEmpty();
  }

  @Test
  void believesNoOtherAuthority() {
    var source =
        new HttpsStsSource(
            new DnsJava(dns.resolver(), Duration.ofSeconds(30)),
            new TestAuthority().client(),
            ANY,
            server.getAddress().getPort(),
            Duration.ofSeconds(30));

    assertThatThrownBy(() -> source.fetch("example.org")).isInstanceOf(IOException.class);
    assertThat(asked).isEmpty();
  }

  @Test
  void followsNoRedirectAndTakesNoErrorPage() {
    for (int answer : new int[] {301, 302, 307, 404, 500, 204}) {
      status = answer;

      assertThatThrownBy(() -> fetch(ANY)).as("%d", answer).isInstanceOf(IOException.class);
    }
  }

  @Test
  void takesPlainTextOnly() {
    type = "text/html";

    assertThatThrownBy(() -> fetch(ANY)).hasMessageContaining("text/plain");
  }

  @Test
  void readsNoMoreThanItsLimit() {
    text = "x".repeat(HttpsStsSource.MAX_OCTETS + 1);

    assertThatThrownBy(() -> fetch(ANY)).hasMessageContaining("more than 65536 octets");
  }

  @Test
  void doesNotWaitForAHostThatSaysNothing() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> fetch(ANY, silent.getLocalPort(), Duration.ofMillis(300)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void saysThatTheDnsDoesNotAnswer() throws Exception {
    dns.fails("mta-sts.example.org", 2);

    assertThatThrownBy(() -> fetch(ANY)).hasMessageContaining("the DNS cannot say");
  }
}
