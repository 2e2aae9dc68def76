package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JourneyPagesTest {
  @Test
  void showsEachStep() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var page = browser.get("/journeys/01J0SPOOL").body();

      assertThat(page)
          .contains("2026-11-25 10:00:00 UTC", "Spool", "taken from mx.mail.example")
          .contains("2026-11-25 10:00:02 UTC", "Node", "published")
          .contains("alice@bridge.example", "delivered");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/journeys/installation/message",
        "/journeys/installation%2Fmessage",
        "/journeys/INSTALLATION%2FMESSAGE",
        "/journeys?name=installation%2Fmessage",
        "/journeys?name=+installation/message+",
      })
  void findsAJourneyByItsName(String path) throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.get(path);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("one line").doesNotContain("taken from");
    }
  }

  @Test
  void findsAMailIdWithEveryCharacterThatOneMayHave() throws Exception {
    var id = "<a+b/c=d%&?#'\"~@mail.example>";
    var journey = KnownStatus.journey(id, "bob@mail.example", "found");
    try (var browser = Browser.open(KnownStatus.withJourneys(journey))) {
      var answer = browser.get(StatusPage.journeyPath(id));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("found");
    }
  }

  @Test
  void showsAllJourneysOfOneName() throws Exception {
    var first = KnownStatus.journey("twice", "a@mail.example", "the first");
    var second = KnownStatus.journey("twice", "b@mail.example", "the second");
    try (var browser = Browser.open(KnownStatus.withJourneys(first, second))) {
      assertThat(browser.get("/journeys/twice").body()).contains("the first", "the second");
      assertThat(browser.get(StatusPage.journeyPath("twice")).body())
          .contains("the first", "the second");
    }
  }

  @Test
  void offersTheWholeMailWhereItIsKept() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      assertThat(browser.get("/journeys/" + KnownStatus.KEPT).body())
          .contains("href=\"/journeys/01J0SPOOL/mail.eml\"");
      assertThat(browser.get("/journeys/installation%2Fmessage").body()).doesNotContain("mail.eml");

      assertThat(browser.get("/journeys/01J0SPOOL/mail.eml").statusCode()).isEqualTo(403);
      browser.enter();
      var mail = browser.get("/journeys/01J0SPOOL/mail.eml");
      assertThat(mail.body()).startsWith("Subject: whole");
      assertThat(mail.headers().firstValue("Content-Type")).contains("message/rfc822");
      assertThat(mail.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(mail.headers().firstValue("Content-Disposition").orElseThrow())
          .startsWith("attachment; filename=\"01J0SPOOL.eml\"");
      assertThat(browser.get("/journeys/other/mail.eml").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void writesAJourneyAsText() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      var answer = browser.get(StatusPage.journeyPath("01J0SPOOL"));

      assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
      assertThat(answer.body())
          .isEqualTo(
              """
              journey 01J0SPOOL
              kind    mail to XMTP
              begun   2026-11-25 10:00:00 UTC
              outcome delivered
                to alice@bridge.example: delivered
              2026-11-25 10:00:00 UTC  Spool  taken from mx.mail.example
              2026-11-25 10:00:02 UTC  Node  published
              """);
    }
  }

  @Test
  void letsNoWordSteerTheTerminal() throws Exception {
    var words = "a\u001b[2Jb\nforged line\r\u009bc\u202ed";
    var journey = KnownStatus.journey("id", "bob@mail.example", words);
    try (var browser = Browser.open(KnownStatus.withJourneys(journey))) {
      var text = browser.get(StatusPage.journeyPath("id")).body();

      assertThat(text).contains("a\ufffd[2Jb\ufffdforged line\ufffd\ufffdc\ufffdd\n");
    }
  }

  @Test
  void saysThatANameIsUnknown() throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      assertThat(browser.get("/journeys/unknown").statusCode()).isEqualTo(404);
      var text = browser.get(StatusPage.journeyPath("unknown"));
      assertThat(text.statusCode()).isEqualTo(404);
      assertThat(text.body()).startsWith("No journey has this name");
    }
  }
}
