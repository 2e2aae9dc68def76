package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.postern.out.PublicAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server on the loopback, with a certificate of its own. */
class RemoteFilesTest {
  private static final int LIMIT = 1000;
  private static final byte[] FILE = "a file".getBytes(StandardCharsets.UTF_8);
  private static final Duration LONG = Duration.ofMinutes(1);

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private SelfMadeTls tls;
  private HttpsServer server;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void open() throws Exception {
    tls = SelfMadeTls.make();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.context()));
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    threads.shutdownNow();
    scheduler.shutdownNow();
  }

  private void at(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          try (exchange) {
            answer.to(exchange);
          }
        });
  }

  private static void give(HttpExchange exchange, byte[] octets) throws IOException {
    exchange.sendResponseHeaders(200, octets.length);
    exchange.getResponseBody().write(octets);
  }

  private static Answer redirect(String to) {
    return exchange -> {
      exchange.getResponseHeaders().add("Location", to);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  private URI uri(String path) {
    return URI.create("https://localhost:" + server.getAddress().getPort() + path);
  }

  private RemoteFiles files(Predicate<InetAddress> allowed, Duration longest) {
    return new RemoteFiles(allowed, tls.context().getSocketFactory(), scheduler, longest);
  }

  private byte[] fetch(String path) throws IOException {
    return files(address -> true, LONG).fetch(uri(path), LIMIT);
  }

  @Test
  void fetchesAFileAndLooksAtTheAddressFirst() throws Exception {
    at("/file", exchange -> give(exchange, FILE));
    List<InetAddress> seen = new ArrayList<>();

    var octets =
        files(
                address -> {
                  assertThat(requests).isEmpty();
                  return seen.add(address);
                },
                LONG)
            .fetch(uri("/file"), LIMIT);

    assertThat(octets).isEqualTo(FILE);
    assertThat(seen).hasSize(1).allMatch(InetAddress::isLoopbackAddress);
    assertThat(requests).containsExactly("GET /file");
  }

  @Test
  void tellsNothingAboutUs() throws Exception {
    var names = Collections.synchronizedList(new ArrayList<String>());
    at(
        "/file",
        exchange -> {
          names.addAll(exchange.getRequestHeaders().keySet());
          give(exchange, FILE);
        });

    fetch("/file");

    assertThat(names)
        .isSubsetOf("Host", "User-agent", "Accept", "Connection", "Pragma", "Cache-control");
  }

  @Test
  void connectsToNoPrivateAddress() throws Exception {
    try (var listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      listener.configureBlocking(false);
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      var files = files(PublicAddress::isPublic, LONG);

      for (var host : List.of("localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]")) {
        assertThatThrownBy(() -> files.fetch(URI.create("https://" + host + ":" + port), LIMIT))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("no public address");
      }

      assertThat(listener.accept()).as("a connection").isNull();
    }
  }

  @Test
  void aRedirectToAPrivateAddressIsRefused() {
    at("/file", redirect("https://127.0.0.2:" + server.getAddress().getPort() + "/secret"));
    at("/secret", exchange -> give(exchange, FILE));
    var first = InetAddress.getLoopbackAddress();

    assertThatThrownBy(() -> files(first::equals, LONG).fetch(uri("/file"), LIMIT))
        .hasMessageContaining("no public address");
    assertThat(requests).containsExactly("GET /file");
  }

  @Test
  void followsARedirectWithinHttps() throws Exception {
    at("/moved", redirect("/file"));
    at("/file", exchange -> give(exchange, FILE));

    assertThat(fetch("/moved")).isEqualTo(FILE);
  }

  @Test
  void refusesARedirectToHttp() {
    at("/file", redirect("http://localhost:" + server.getAddress().getPort() + "/file"));

    assertThatThrownBy(() -> fetch("/file")).hasMessageContaining("only https");
  }

  @Test
  void refusesOtherSchemesWithoutAnyConnection() {
    for (var where : List.of("http://localhost/", "file:///etc/passwd", "ftp://localhost/", "x")) {
      assertThatThrownBy(() -> files(address -> true, LONG).fetch(URI.create(where), LIMIT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("only https");
    }
  }

  @Test
  void leavesARedirectLoop() {
    at("/a", redirect("/b"));
    at("/b", redirect("/a"));

    assertThatThrownBy(() -> fetch("/a")).hasMessageContaining("too many redirects");
    assertThat(requests).hasSize(4);
  }

  @Test
  void refusesARedirectToNowhere() {
    at("/file", redirect("https://exa mple/%%"));

    assertThatThrownBy(() -> fetch("/file")).hasMessageContaining("redirects to no address");
  }

  @Test
  void refusesWhatSaysThatItIsTooLargeBeforeReadingIt() {
    at(
        "/large",
        exchange -> {
          exchange.sendResponseHeaders(200, LIMIT + 1L);
          exchange.getResponseBody().write(new byte[1]);
          exchange.getResponseBody().flush();
        });

    assertThatThrownBy(() -> fetch("/large")).isInstanceOf(RemoteFiles.TooLargeException.class);
  }

  @Test
  void stopsReadingWhatTurnsOutTooLarge() {
    at(
        "/large",
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // Chunked: no length is declared.
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(new byte[LIMIT]);
          }
        });

    assertThatThrownBy(() -> fetch("/large")).isInstanceOf(RemoteFiles.TooLargeException.class);
  }

  @Test
  void takesAFileOfExactlyTheLimit() throws Exception {
    at("/file", exchange -> give(exchange, new byte[LIMIT]));

    assertThat(fetch("/file")).hasSize(LIMIT);
  }

  @Test
  void saysWhatTheHostAnswered() {
    assertThatThrownBy(() -> fetch("/absent")).hasMessage("the file's host answered 404");
  }

  @Test
  void cutsOffAHostThatDripsItsFile() {
    at(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          drip(exchange.getResponseBody()::write, exchange.getResponseBody()::flush);
        });

    assertThatThrownBy(
            () -> files(address -> true, Duration.ofMillis(300)).fetch(uri("/slow"), LIMIT))
        .hasMessageContaining("too slow");
  }

  @Test
  void cutsOffAHostThatDripsItsHeader() throws Exception {
    try (var listener = tls.context().getServerSocketFactory().createServerSocket(0)) {
      var serving =
          CompletableFuture.runAsync(
              () -> {
                try (var socket = listener.accept()) {
                  var out = socket.getOutputStream();
                  out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
                  drip(out::write, out::flush);
                } catch (IOException cutOff) {
                  requests.add("cut off");
                }
              },
              threads);
      var where = URI.create("https://localhost:" + listener.getLocalPort() + "/");

      assertThatThrownBy(() -> files(address -> true, Duration.ofMillis(300)).fetch(where, LIMIT))
          .hasMessageContaining("too slow");
      serving.get(30, TimeUnit.SECONDS);
      assertThat(requests).containsExactly("cut off");
    }
  }

  private interface Octet {
    void write(int octet) throws IOException;
  }

  private interface Flush {
    void flush() throws IOException;
  }

  /** An octet now and then, until the client has gone. */
  private static void drip(Octet out, Flush flush) throws IOException {
    try {
      for (int i = 0; i < 10_000; i++) {
        out.write('a');
        flush.flush();
        TimeUnit.MILLISECONDS.sleep(20); // What a slow host does, not a wait of the test.
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void trustsNoCertificateThatTheSystemDoesNot() {
    at("/file", exchange -> give(exchange, FILE));
    var files =
        new RemoteFiles(
            address -> true, (SSLSocketFactory) SSLSocketFactory.getDefault(), scheduler, LONG);

    assertThatThrownBy(() -> files.fetch(uri("/file"), LIMIT)).hasMessageContaining("no valid TLS");
    assertThat(requests).isEmpty();
  }

  @Test
  void namesNoHostInItsMessages() {
    server.stop(0);

    assertThatThrownBy(() -> fetch("/file"))
        .hasMessage("the file's host cannot be reached")
        .hasMessageNotContaining("localhost");
  }
}
