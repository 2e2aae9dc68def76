package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in. design.md §6. */
class GuardTest {
  private static final String FORM_ID = "0123456789abcdef0123456789abcdef";
  private static final String MAIL =
      "From: peer@bridge.example\nTo: bob@mail.example\nMessage-ID: <x-1@bridge.example>\n\nHello\n";

  @TempDir Path folder;
  private ScriptedSmtp smtp;
  private Browser browser;
  private String answerPath;

  @BeforeEach
  void open() throws Exception {
    smtp = ScriptedSmtp.answering("250 2.0.0 taken");
    browser = Browser.open(KnownStatus.well(), folder, smtp.port());
    answerPath = "/mails/" + browser.capture(MAIL, "bob@mail.example") + "/answer";
  }

  @AfterEach
  void close() throws Exception {
    browser.close();
    smtp.close();
  }

  private Map<String, String> form() {
    return Map.of("token", browser.token(), "form", FORM_ID, "text", "Hello back");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:%d", "localhost:%d", "LocalHost:%d", "[::1]:%d"})
  void answersByItsOwnNames(String host) throws Exception {
    var answer = browser.raw("GET / HTTP/1.1", "Host: " + host.formatted(browser.port()));

    assertThat(answer).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example:%d",
        "evil.example",
        "127.0.0.1",
        "localhost:1",
        "127.0.0.1:%d.evil.example",
        "localhost.:%d",
        "127.1:%d",
        "",
      })
  void refusesARebindingHost(String host) throws Exception {
    var answer = browser.raw("GET / HTTP/1.1", "Host: " + host.formatted(browser.port()));

    assertThat(answer).startsWith("HTTP/1.1 421 ").doesNotContain(KnownStatus.INBOX_ID);
  }

  @Test
  void refusesTwoHosts() throws Exception {
    var answer = browser.raw("GET / HTTP/1.1", "Host: " + browser.host(), "Host: evil.example");

    assertThat(answer).startsWith("HTTP/1.1 421 ");
  }

  @Test
  void refusesNoHost() throws Exception {
    var answer = browser.raw("GET / HTTP/1.0");

    assertThat(answer).startsWith("HTTP/1.1 421 ");
  }

  @Test
  void refusesAWholeAddressInTheRequestLine() throws Exception {
    var answer = browser.raw("GET http://evil.example/ HTTP/1.1", "Host: " + browser.host());

    assertThat(answer).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void refusesARebindingHostAlsoOnTheProbe() throws Exception {
    var answer = browser.raw("GET /health HTTP/1.1", "Host: evil.example:" + browser.port());

    assertThat(answer).startsWith("HTTP/1.1 421 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "null",
        "https://127.0.0.1:%d",
        "http://127.0.0.1",
        "http://localhost:%d",
        "http://127.0.0.1:%d.evil.example",
      })
  void refusesAForeignOrigin(String origin) throws Exception {
    browser.enter();

    var answer = browser.post(origin.formatted(browser.port()), answerPath, form());

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void refusesAPostWithoutOriginAndReferer() throws Exception {
    var answer = postRaw("X-Nothing: here");

    assertThat(answer).startsWith("HTTP/1.1 403 ");
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void refusesAForeignReferer() throws Exception {
    var answer = postRaw("Referer: http://127.0.0.1:" + browser.port() + ".evil.example/");

    assertThat(answer).startsWith("HTTP/1.1 403 ");
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void takesOurOwnRefererWhereThereIsNoOrigin() throws Exception {
    var answer = postRaw("Referer: http://" + browser.host() + "/mails/1");

    assertThat(answer).startsWith("HTTP/1.1 200 ");
    assertThat(smtp.mails()).hasSize(1);
  }

  private String postRaw(String field) throws Exception {
    var body = "token=" + browser.token() + "&form=" + FORM_ID + "&text=Hello";
    return browser.raw(
        "POST " + answerPath + " HTTP/1.1",
        "Host: " + browser.host(),
        field,
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: " + body.length(),
        "Connection: close",
        "",
        body);
  }

  static Stream<String> wrongTokens() {
    return Stream.of("", "0", "0".repeat(32), "0".repeat(1000), "é".repeat(16));
  }

  @ParameterizedTest
  @MethodSource("wrongTokens")
  void refusesAFormWithAWrongTokenEvenFromAKnownBrowser(String token) throws Exception {
    browser.enter();
    var form = new HashMap<>(form());
    form.put("token", token);

    var answer = browser.post(answerPath, form);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void refusesAFormWithoutAToken() throws Exception {
    browser.enter();
    var form = new HashMap<>(form());
    form.remove("token");

    var answer = browser.post(answerPath, form);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void refusesAWrongTokenInTheAddress() throws Exception {
    var answer = browser.get("/?token=" + "0".repeat(32));

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  void takesTheTokenOutOfTheAddressAndIntoACookieThatStaysHere() throws Exception {
    var answer = browser.get("/journeys?name=a%26b&token=" + browser.token());

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location")).contains("/journeys?name=a%26b");
    assertThat(answer.headers().firstValue("Set-Cookie"))
        .contains(
            "postern-"
                + browser.port()
                + "="
                + browser.token()
                + "; Path=/; HttpOnly; SameSite=Strict");
    assertThat(answer.body()).doesNotContain(browser.token());
  }

  @Test
  void redirectsToNoOtherHost() throws Exception {
    var answer =
        browser.raw(
            "GET //evil.example/?token=" + browser.token() + " HTTP/1.1",
            "Host: " + browser.host());

    assertThat(answer).doesNotContain("Location: //").doesNotContain("Location: http");
  }

  @Test
  void showsTheTokenToNobodyWhoDoesNotKnowIt() throws Exception {
    var path = answerPath.substring(0, answerPath.length() - "/answer".length());

    var page = browser.get(path);

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).doesNotContain(browser.token()).doesNotContain("method=\"post\"");
  }

  @Test
  void makesANewTokenAtEachStart() throws Exception {
    try (var other = Browser.open(KnownStatus.well())) {
      assertThat(other.token()).matches("[0-9a-f]{32}").isNotEqualTo(browser.token());
    }
  }

  @Test
  void refusesToListenForOthers() {
    var everywhere = new InetSocketAddress("0.0.0.0", 0);

    assertThatThrownBy(() -> StatusPage.open(everywhere, KnownStatus.well(), Runnable::run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FROB"})
  void changesNothingByOtherMethods(String method) throws Exception {
    browser.enter();

    var answer = browser.method(method, "/");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE"})
  void answersNothingByOtherMethods(String method) throws Exception {
    browser.enter();

    var answer = browser.method(method, answerPath);

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, POST");
    assertThat(smtp.commands()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health", "/journeys", "/mails", "/postern.css"})
  void refusesAFormWhereThereIsNone(String path) throws Exception {
    var answer = browser.post(path, form());

    assertThat(answer.statusCode()).isEqualTo(405);
  }

  @Test
  void sendsNothingForReadingTheAddressOfTheForm() throws Exception {
    browser.enter();

    var answer = browser.get(answerPath);

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location").orElseThrow() + "/answer")
        .isEqualTo(answerPath);
    assertThat(smtp.commands()).isEmpty();
  }
}
