package io.postern.bridge.web;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** A status page on any free port, and what a browser or worse sends to it. */
final class Browser implements AutoCloseable {
  static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final int PATIENCE_MILLIS = 10_000;

  private final ExecutorService workers;
  private final StatusPage page;
  private final Optional<Capture> capture;
  private final HttpClient client = HttpClient.newHttpClient();
  private String cookie = "";

  private Browser(ExecutorService workers, StatusPage page, Optional<Capture> capture) {
    this.workers = workers;
    this.page = page;
    this.capture = capture;
  }

  /** Of a daemon that sends its mail. */
  static Browser open(StatusSource source) throws IOException {
    var workers = Executors.newFixedThreadPool(4);
    return new Browser(workers, StatusPage.open(ANY_PORT, source, workers), Optional.empty());
  }

  /** Of a daemon that captures its mail. */
  static Browser open(StatusSource source, Path folder, int smtpPort) throws IOException {
    var workers = Executors.newFixedThreadPool(4);
    var capture = Capture.open(new Deliver.Capture(folder));
    var smtp = new InetSocketAddress(InetAddress.getLoopbackAddress(), smtpPort);
    InstantSource clock = InstantSource.fixed(KnownStatus.BEGUN);
    var mails = new CapturedMails(capture, smtp, clock);
    return new Browser(
        workers, StatusPage.open(ANY_PORT, source, mails, workers), Optional.of(capture));
  }

  int port() {
    return page.address().getPort();
  }

  String host() {
    return "127.0.0.1:" + port();
  }

  String token() {
    return page.entrance().getQuery().substring("token=".length());
  }

  /** Captures a mail as the daemon does. */
  String capture(String octets, String... recipients) {
    var forwardPaths = List.of(recipients).stream().map(KnownStatus::mailbox).toList();
    Mailbox reversePath = KnownStatus.mailbox("verp@bridge.example");
    var delivery =
        capture
            .orElseThrow()
            .send(
                Envelope.of(reversePath, forwardPaths),
                octets.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    return ((Delivery.Delivered) delivery).reference();
  }

  /** Shows the token, so that the browser is known from then on. */
  void enter() throws Exception {
    var answer = get("/?token=" + token());
    cookie = answer.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  HttpResponse<byte[]> download(String path) throws Exception {
    return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<String> method(String method, String path) throws Exception {
    return send(request(path).method(method, HttpRequest.BodyPublishers.noBody()));
  }

  /** As a form on our own page is sent. */
  HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
    return post("http://" + host(), path, form);
  }

  HttpResponse<String> post(String origin, String path, Map<String, String> form) throws Exception {
    return send(
        request(path)
            .header("Origin", origin)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(encode(form))));
  }

  private static String encode(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpRequest.Builder request(String path) {
    var request = HttpRequest.newBuilder(URI.create("http://" + host() + path));
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /**
   * Sends lines as they are.
   *
   * @return all that comes back until the server hangs up
   */
  String raw(String... lines) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      var request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    page.close();
    workers.shutdown();
  }
}
