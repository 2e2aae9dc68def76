package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StandbyPageTest {
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private StandbyPage page;

  @BeforeEach
  void open() throws Exception {
    page = StandbyPage.open(Browser.ANY_PORT, () -> "mx1.example carries", workers);
  }

  @AfterEach
  void close() {
    page.close();
    workers.shutdownNow();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    var request =
        HttpRequest.newBuilder(page.entrance().resolve(path))
            .method(method, BodyPublishers.noBody())
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  @Test
  void isWellButNotReadyAndSaysWhoCarries() throws Exception {
    for (var path : new String[] {"/", "/health"}) {
      assertThat(send("GET", path).statusCode()).isEqualTo(200);
    }
    for (var path : new String[] {"/ready", "/journeys/x", "/health/x", "/suppressions"}) {
      assertThat(send("GET", path).statusCode()).isEqualTo(503);
    }
    assertThat(send("POST", "/").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/").body()).isEqualTo("standby: mx1.example carries; ask there\n");
  }

  @Test
  void answersByItsOwnNameOnly() throws Exception {
    var request = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    try (var raw = new Socket("127.0.0.1", page.entrance().getPort())) {
      raw.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

      var status = new String(raw.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);

      assertThat(status).isEqualTo("HTTP/1.1 421");
    }
  }
}
