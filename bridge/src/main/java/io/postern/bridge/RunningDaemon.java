package io.postern.bridge;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The daemon that serves a configuration, as its commands ask it: by its status page. */
final class RunningDaemon {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final URI base;

  /**
   * @param web where its status page listens
   */
  RunningDaemon(InetSocketAddress web) {
    this.base = URI.create("http://" + Words.of(web));
  }

  /**
   * @param path with its query
   * @throws BridgeException if no daemon answers
   */
  HttpResponse<String> get(String path) throws BridgeException, InterruptedException {
    try {
      var request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).build();
      return HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .build()
          .send(request, BodyHandlers.ofString());
    } catch (IOException unreachable) {
      throw new BridgeException(
          "no daemon answers at " + base + "; start it with: postern run", unreachable);
    }
  }
}
