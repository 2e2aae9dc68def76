package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RejectPagesTest {
  private static final KnownStatus TWO =
      KnownStatus.withRejects(
          KnownStatus.reject("bob@mail.example", "Not today"),
          KnownStatus.reject("eve@evil.example", "Never"));

  @Test
  void showsWhatWasRefused() throws Exception {
    try (var browser = Browser.open(TWO)) {
      var page = browser.get("/rejects").body();

      assertThat(page)
          .contains("2026-11-25 10:00:00 UTC", "192.0.2.1", "mx.mail.example")
          .contains("&lt;bounces@mail.example&gt;", "bob@mail.example")
          .contains("alice@bridge.example, carol@bridge.example and 3 more")
          .contains("&lt;1@mail.example&gt;", "1234", "550 5.7.1", "Not today", "Never");
    }
  }

  @Test
  void findsANameAndShowsItInItsBox() throws Exception {
    try (var browser = Browser.open(TWO)) {
      var page = browser.get("/rejects?name=+eve@evil.example+").body();

      assertThat(page).contains("Never", "value=\"eve@evil.example\"").doesNotContain("Not today");
    }
  }

  @Test
  void saysThatThereIsNothing() throws Exception {
    try (var browser = Browser.open(KnownStatus.withRejects())) {
      assertThat(browser.get("/rejects").body()).contains("Nothing was refused");
      assertThat(browser.get(StatusPage.rejectsPath("x")).body()).contains("nothing was refused");
      assertThat(browser.get("/rejects/x").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void writesRejectsAsText() throws Exception {
    try (var browser = Browser.open(TWO)) {
      var answer = browser.get(StatusPage.rejectsPath("bob@mail.example"));

      assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
      assertThat(answer.body())
          .isEqualTo(
              """
              2026-11-25 10:00:00 UTC  550 5.7.1 Not today
                client 192.0.2.1 (mx.mail.example)
                path   <bounces@mail.example>
                to     alice@bridge.example, carol@bridge.example and 3 more
                from   bob@mail.example
                mail   <1@mail.example>, 1234 octets
              """);
    }
  }

  @Test
  void letsNoWordSteerTheTerminal() throws Exception {
    var reject = KnownStatus.reject("bob@mail.example", "a\u001b[2Jb\nforged\u202ec");
    try (var browser = Browser.open(KnownStatus.withRejects(reject))) {
      assertThat(browser.get(StatusPage.rejectsPath("")).body())
          .contains("a [2Jb forgedc\n")
          .doesNotContain("\u001b", "\u202e");
      assertThat(browser.get("/rejects").body()).doesNotContain("\u001b", "\u202e");
    }
  }
}
