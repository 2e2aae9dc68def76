package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Body;
import io.postern.mapping.Journey;
import io.postern.mapping.Reject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPageTest {
  private static final int NOWHERE = 1;

  /** A daemon that does something when it is asked for its health. */
  private record Asked(Supplier<Health> answer) implements StatusSource {
    @Override
    public Backups backups() {
      return KnownStatus.well().backups();
    }

    @Override
    public Health health() {
      return answer.get();
    }

    @Override
    public List<Inbox> inboxes() {
      return List.of();
    }

    @Override
    public List<Journey> lastJourneys(int count) {
      return List.of();
    }

    @Override
    public List<Journey> journeys(String name) {
      return List.of();
    }

    @Override
    public List<Reject> rejects(String name, int count) {
      return List.of();
    }

    @Override
    public Suppressions suppressions() {
      return KnownSuppressions.of();
    }

    @Override
    public DeadLetters deadLetters() {
      return KnownDeadLetters.of();
    }

    @Override
    public boolean hasWholeMail(String journey) {
      return false;
    }

    @Override
    public Optional<Body> wholeMail(String journey) {
      return Optional.empty();
    }
  }

  @TempDir Path folder;

  @Test
  void showsHealthInboxesAndJourneys() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var page = browser.get("/").body();

      assertThat(page)
          .contains("Postern 0.1.0", "2 h 5 min", "bridge.example, second.example")
          .contains("<dd>local, connected</dd>", "<dd>3</dd>", "<dd>4</dd>", "<dd>5</dd>")
          .contains("bob@mail.example", KnownStatus.INBOX_ID, KnownStatus.ADDRESS)
          .contains("01J0SPOOL", "mail to XMTP", "delivered", "alice@bridge.example")
          .contains("href=\"/journeys/installation%2Fmessage\"");
    }
  }

  @Test
  void saysWhereThereIsNothing() throws Exception {
    try (var browser = Browser.open(KnownStatus.withJourneys(), folder, NOWHERE)) {
      assertThat(browser.get("/").body()).contains("None yet");
      assertThat(browser.get("/journeys").body()).contains("None yet");
      assertThat(browser.get("/mails").body()).contains("None yet");
    }
  }

  @Test
  void tellsAProbeThatAllIsWell() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.get("/health");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("ok\n");
    }
  }

  @Test
  void tellsAProbeWhatIsWrong() throws Exception {
    var health = KnownStatus.health(false, List.of("the disk is full"));
    try (var browser = Browser.open(KnownStatus.withHealth(health))) {
      var answer = browser.get("/health");

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("not connected to the network\nthe disk is full\n");
      assertThat(browser.get("/").body()).contains("In trouble", "the disk is full");
    }
  }

  @Test
  void tellsPeopleOnlyWhatARestartDoesNotMend() throws Exception {
    var health = KnownStatus.health(true, List.of(), List.of("a chat has come apart"));
    try (var browser = Browser.open(KnownStatus.withHealth(health))) {
      assertThat(browser.get("/health").statusCode()).isEqualTo(200);
      assertThat(browser.get("/").body()).contains("a chat has come apart");
    }
  }

  @Test
  void failsAloneWhenTheDaemonCannotTell() throws Exception {
    var source =
        new Asked(
            () -> {
              throw new IllegalStateException("secret detail");
            });
    try (var browser = Browser.open(source)) {
      var answer = browser.get("/health");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).doesNotContain("secret detail");
      assertThat(browser.get("/journeys").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/health", "/journeys", "/journeys/01J0SPOOL", "/postern.css", "/nothing"})
  void sendsTheHeadersThatKeepAPageToItself(String path) throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var headers = browser.get(path).headers();

      assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
          .startsWith("default-src 'none';")
          .contains("frame-ancestors 'none'")
          .doesNotContain("script-src", "unsafe", "http:", "*");
      assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(headers.firstValue("Referrer-Policy")).contains("same-origin");
      assertThat(headers.firstValue("Cache-Control")).contains("no-store");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/journeys", "/journeys/01J0SPOOL", "/mails", "/nothing"})
  void needsNoScriptAndNothingFromElsewhere(String path) throws Exception {
    try (var browser = Browser.open(KnownStatus.well(), folder, NOWHERE)) {
      var page = browser.get(path).body();

      assertThat(page)
          .doesNotContainIgnoringCase("<script")
          .doesNotContain("http:", "https:", "//");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/postern.css/",
        "/health/x",
        "/..",
        "/../postern.css",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/postern.css%00",
        "/JteoverviewGenerated.class",
      })
  void findsNoFileByAPath(String path) throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.raw("GET " + path + " HTTP/1.1", "Host: " + browser.host());

      assertThat(answer).startsWith("HTTP/1.1 404 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/journeys/%", "/journeys/%zz", "/?name=%", "/?a=1&a=2"})
  void refusesAMalformedAddress(String path) throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.raw("GET " + path + " HTTP/1.1", "Host: " + browser.host());

      assertThat(answer).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void refusesAnAddressThatIsTooLong() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.get("/journeys/" + "a".repeat(9000));

      assertThat(answer.statusCode()).isEqualTo(414);
    }
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.method("HEAD", "/health");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Length")).contains("3");
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void finishesTheRequestUnderWayWhenItIsClosed() throws Exception {
    var asked = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var source =
        new Asked(
            () -> {
              asked.countDown();
              await(goOn);
              return KnownStatus.well().health();
            });
    var browser = Browser.open(source);
    var answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return browser.get("/health").body();
              } catch (Exception failed) {
                throw new AssertionError(failed);
              }
            });
    await(asked);

    var closed = CompletableFuture.runAsync(browser::close);
    goOn.countDown();

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("ok\n");
    closed.get(10, TimeUnit.SECONDS);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }
}
