package io.postern.bridge;

import io.postern.bridge.web.StandbyPage;
import io.postern.bridge.web.StatusPage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The daemon that serves a configuration, as its commands ask it: by its status page. */
final class RunningDaemon {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int HTTP = 80;
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;

  private final URI base;

  /**
   * @param web where its status page listens
   */
  RunningDaemon(InetSocketAddress web) {
    // It answers by this name only; HTTP leaves its own port out of names (RFC 9110 §4.2.3).
    var host =
        web.getAddress() instanceof Inet6Address ? "[::1]" : web.getAddress().getHostAddress();
    this.base = URI.create("http://" + host + (web.getPort() == HTTP ? "" : ":" + web.getPort()));
  }

  /**
   * @throws BridgeException if something is there that does not speak HTTP, or not in time, or a
   *     daemon that stands by: another has the database
   */
  boolean isRunning() throws BridgeException, InterruptedException {
    try {
      var health = send(HttpRequest.newBuilder(base.resolve("/health"))).body();
      if (health.startsWith(StandbyPage.STANDBY)) {
        throw new BridgeException("the daemon at " + base + " says: " + health.strip());
      }
      return true;
    } catch (ConnectException | HttpConnectTimeoutException nobody) {
      return false;
    } catch (IOException unusable) {
      throw new BridgeException(
          "what listens at " + base + " does not answer: " + Words.of(unusable), unusable);
    }
  }

  /**
   * @param path with its query
   * @throws BridgeException if no daemon answers
   */
  HttpResponse<String> get(String path) throws BridgeException, InterruptedException {
    return ask(HttpRequest.newBuilder(base.resolve(path)));
  }

  /**
   * Sends a form as its own page would.
   *
   * @throws BridgeException if no daemon answers
   */
  HttpResponse<String> post(String path, Map<String, String> form)
      throws BridgeException, InterruptedException {
    var fields =
        form.entrySet().stream()
            .map(field -> field.getKey() + "=" + encode(field.getValue()))
            .collect(Collectors.joining("&"));
    return ask(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Origin", base.toString())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(fields)));
  }

  /**
   * Asks as its owner, who may read the token that lies in the data folder.
   *
   * @param path with its query
   * @return what it says
   * @throws BridgeException if no daemon answers, or not the one of that folder
   */
  String read(Path data, String path) throws BridgeException, InterruptedException {
    var proof = StatusPage.proof(base.getPort() < 0 ? HTTP : base.getPort(), TokenFile.read(data));
    var request = HttpRequest.newBuilder(base.resolve(path));
    return said(data, ask(request.header(proof.getKey(), proof.getValue())));
  }

  /** Changes something as its owner. Parameters and result as for {@link #read}. */
  String change(Path data, String path, Map<String, String> form)
      throws BridgeException, InterruptedException {
    var fields = new HashMap<>(form);
    fields.put("token", TokenFile.read(data));
    return said(data, post(path, fields));
  }

  private String said(Path data, HttpResponse<String> answer) throws BridgeException {
    if (answer.statusCode() == FORBIDDEN) {
      throw new BridgeException(
          TokenFile.in(data)
              + " is not of the daemon at "
              + this
              + "; name the configuration of that one with --config, or its folder with --data");
    }
    if (answer.statusCode() != OK) {
      throw new BridgeException(
          "what listens at "
              + this
              + " answers "
              + answer.statusCode()
              + ": it is no postern of this version, or its log says what is wrong");
    }
    return answer.body();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpResponse<String> ask(HttpRequest.Builder request)
      throws BridgeException, InterruptedException {
    try {
      return send(request);
    } catch (IOException unreachable) {
      throw new BridgeException(
          "no daemon answers at " + base + "; start it with: postern run", unreachable);
    }
  }

  /** Straight to it, since a proxy would learn what is sent. */
  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HttpClient.newBuilder()
        .connectTimeout(TIMEOUT)
        .proxy(HttpClient.Builder.NO_PROXY)
        .build()
        .send(request.timeout(TIMEOUT).build(), BodyHandlers.ofString());
  }

  /** Its address. */
  @Override
  public String toString() {
    return base.toString();
  }
}
