package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadPagesTest {
  private static final String PATH = "/dead";

  private KnownDeadLetters letters;
  private Browser browser;

  @BeforeEach
  void open() throws Exception {
    letters =
        KnownDeadLetters.of(
            KnownDeadLetters.letter("17", "bob@a.example", "5.4.7 4.4.1 no answer"),
            KnownDeadLetters.letter("18", "carol@b.example", "5.4.7 <b>a\u001b[2J\u202e"));
    browser = Browser.open(KnownStatus.withDeadLetters(letters));
  }

  @AfterEach
  void close() {
    browser.close();
  }

  private Map<String, String> form(String action, String id, String to) {
    return Map.of("token", browser.token(), "action", action, "id", id, "to", to);
  }

  @Test
  void showsNothingWithoutTheToken() throws Exception {
    var page = browser.get(PATH);
    var text = browser.get(StatusPage.deadPath("17", ""));

    assertThat(page.statusCode()).isEqualTo(403);
    assertThat(page.body()).contains("<input id=\"token\"").doesNotContain("bob@a.example");
    assertThat(text.statusCode()).isEqualTo(403);
    assertThat(text.body()).doesNotContain("bob@a.example");
  }

  @Test
  void showsWhatWasGivenUpToWhomAndWhy() throws Exception {
    browser.enter();

    var page = browser.get(PATH).body();

    assertThat(page)
        .contains("2026-11-25 10:00:00 UTC", KnownStatus.INBOX_ID, "bob@a.example", "1234")
        .contains("5.4.7 4.4.1 no answer", "&lt;b&gt;a")
        .doesNotContain("<b>");
    assertThat(browser.get(PATH + "?to=b.example").body())
        .contains("carol@b.example")
        .doesNotContain("bob@a.example");
    assertThat(browser.get(PATH + "?to=c.example").body()).contains("no such dead letters");
    assertThat(browser.get(PATH + "/17").body()).contains("bob@a.example");
    assertThat(browser.get(PATH + "/17/x").statusCode()).isEqualTo(404);
  }

  @Test
  void writesTheListAndOneOfItAsTextThatSteersNoTerminal() throws Exception {
    browser.enter();

    assertThat(browser.get(StatusPage.deadPath("", "")).body())
        .contains("2026-11-25 10:00:00 UTC  17  from inbox ", " to bob@a.example: 5.4.7 4.4.1")
        .doesNotContain("\u001b", "\u202e")
        .hasLineCount(2);
    assertThat(browser.get(StatusPage.deadPath("18", "")).body())
        .contains("dead letter 18\n", "to        carol@b.example\n", ", 17 times")
        .doesNotContain("\u001b", "\u202e");
    assertThat(browser.get(StatusPage.deadPath("../x", "")).body()).startsWith("there is no such");
  }

  @Test
  void settlesThemForWhoKnowsTheToken() throws Exception {
    var path = StatusPage.deadPath("", "");

    assertThat(browser.post(path, form("retry", "17", "")).body()).isEqualTo("it is tried again\n");
    assertThat(browser.post(path, form("retry", "17", "")).body()).startsWith("there is no such");
    assertThat(browser.post(path, form("drop", "18", "")).body()).isEqualTo("it is forgotten\n");
    assertThat(browser.post(path, form("retryAll", "", "a.example")).body())
        .isEqualTo("0 tried again\n");
    assertThat(browser.post(PATH, form("retryAll", "", "")).statusCode()).isEqualTo(303);
    assertThat(letters.done)
        .containsExactly("retry 17", "retry 17", "drop 18", "retryAll a.example", "retryAll ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "00000000000000000000000000000000"})
  void changesNothingWithoutTheToken(String token) throws Exception {
    browser.enter();
    var form = new HashMap<>(form("drop", "17", ""));
    form.put("token", token);

    assertThat(browser.post(PATH, form).statusCode()).isEqualTo(403);
    assertThat(browser.post("http://evil.example", PATH, form("drop", "17", "")).statusCode())
        .isEqualTo(403);
    assertThat(browser.post(PATH, form("forget", "17", "")).statusCode()).isEqualTo(400);
    assertThat(browser.method("DELETE", PATH + "/17").statusCode()).isEqualTo(405);
    assertThat(letters.done).isEmpty();
  }
}
