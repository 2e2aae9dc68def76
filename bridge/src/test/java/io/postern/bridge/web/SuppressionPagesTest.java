package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Mailbox;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuppressionPagesTest {
  private static final String PATH = "/suppressions";
  private static final Mailbox BOB = KnownStatus.mailbox("bob@mail.example");
  private static final Mailbox CAROL = KnownStatus.mailbox("carol@mail.example");

  private KnownSuppressions list;
  private Browser browser;

  @BeforeEach
  void open() throws Exception {
    list =
        KnownSuppressions.of(
            KnownSuppressions.bounced(BOB, "5.1.1 no such user"), KnownSuppressions.blocked(CAROL));
    browser = Browser.open(KnownStatus.withSuppressions(list));
  }

  @AfterEach
  void close() {
    browser.close();
  }

  private Map<String, String> form(String action, String mailbox) {
    return Map.of("token", browser.token(), "action", action, "mailbox", mailbox);
  }

  private void assertUnchanged() {
    assertThat(list.mailboxes()).containsExactly(BOB.toString(), CAROL.toString());
  }

  @Test
  void showsWhoIsSuppressedAndWhy() throws Exception {
    browser.enter();
    assertThat(browser.get("/").body()).contains("href=\"/suppressions\"");
    assertThat(browser.get(PATH).body())
        .contains("2026-11-25 10:00:00 UTC", BOB.toString(), "every peer")
        .contains("there is no such mailbox", "5.1.1 no such user")
        .contains(CAROL.toString(), KnownStatus.INBOX_ID, "the person has blocked this peer");
  }

  @Test
  void findsANameAndShowsItInItsBox() throws Exception {
    browser.enter();
    assertThat(browser.get(PATH + "?name=+carol+").body())
        .contains(CAROL.toString(), "value=\"carol\"")
        .doesNotContain(BOB.toString());
  }

  @Test
  void saysThatThereIsNobody() throws Exception {
    browser.enter();
    assertThat(browser.get(PATH + "?name=dave").body()).contains("No such mailbox is suppressed");
    assertThat(browser.get(PATH + "?name=dave&format=text").body())
        .isEqualTo("no mailbox is suppressed\n");
    assertThat(browser.get(PATH + "/x").statusCode()).isEqualTo(404);
  }

  @Test
  void writesTheListAsText() throws Exception {
    browser.enter();
    var answer = browser.get(StatusPage.suppressionsPath());

    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    assertThat(answer.body())
        .isEqualTo(
            "2026-11-25 10:00:00 UTC  bob@mail.example  every peer: there is no such mailbox"
                + " (5.1.1 no such user)\n"
                + "2026-11-25 10:00:00 UTC  carol@mail.example  "
                + KnownStatus.INBOX_ID
                + ": the person has blocked this peer (by mail)\n");
  }

  @Test
  void letsNoWordSteerTheTerminal() throws Exception {
    var steering = KnownSuppressions.bounced(BOB, "a\u001b[2Jb\nforged\u202ec");
    try (var other = Browser.open(KnownStatus.withSuppressions(KnownSuppressions.of(steering)))) {
      other.enter();
      assertThat(other.get(StatusPage.suppressionsPath()).body())
          .contains("(a [2Jb forgedc)\n")
          .doesNotContain("\u001b", "\u202e")
          .hasLineCount(1);
    }
  }

  @Test
  void listsTheNewestOfMany() throws Exception {
    browser.enter();
    IntStream.range(0, SuppressionPages.LISTED)
        .forEach(i -> list.add(new Mailbox("x" + i, "a.example")));

    var page = browser.get(PATH).body();

    assertThat(page.split("<tr>")).hasSize(2 + SuppressionPages.LISTED);
    assertThat(page).contains("Only the newest are listed");
  }

  @Test
  void listsNobodyToABrowserThatHasNotShownTheToken() throws Exception {
    var page = browser.get(PATH);
    var text = browser.get(StatusPage.suppressionsPath());
    var other = browser.get(PATH + "?name=carol&token=" + "0".repeat(32));

    assertThat(page.statusCode()).isEqualTo(403);
    assertThat(page.body()).contains("<input id=\"token\"");
    assertThat(text.statusCode()).isEqualTo(403);
    assertThat(page.body() + text.body() + other.body())
        .doesNotContain(browser.token(), BOB.toString(), CAROL.toString());
  }

  @Test
  void hasFormsForWhatTheOperatorMayChange() throws Exception {
    browser.enter();

    var open = browser.get(PATH).body();

    assertThat(open).contains("value=\"add\"").doesNotContain("<input id=\"token\"");
    assertThat(open.split("value=\"remove\"")).as("a button, at the bounce only").hasSize(2);
    assertThat(open)
        .contains("name=\"mailbox\" value=\"" + BOB + "\"")
        .doesNotContain("name=\"mailbox\" value=\"" + CAROL + "\"");
  }

  @Test
  void putsAMailboxInAndShowsIt() throws Exception {
    var answer = browser.post(PATH, form("add", " dave@mail.example "));

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location"))
        .contains("/suppressions?name=dave%40mail.example");
    assertThat(list.mailboxes()).contains("dave@mail.example");
  }

  @Test
  void takesAMailboxOut() throws Exception {
    assertThat(browser.post(PATH, form("remove", "BOB@mail.example")).statusCode()).isEqualTo(303);

    assertThat(list.mailboxes()).containsExactly(CAROL.toString());
  }

  @Test
  void tellsACommandWhatBecameOfIt() throws Exception {
    var path = StatusPage.suppressionsPath();

    assertThat(browser.post(path, form("add", "dave@mail.example")).body())
        .isEqualTo("dave@mail.example is mailed no more\n");
    assertThat(browser.post(path, form("remove", "dave@mail.example")).body())
        .isEqualTo("dave@mail.example is mailed again\n");
    assertThat(browser.post(path, form("remove", CAROL.toString())).body())
        .isEqualTo("it was not on the list\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bob", "a@b@c", "a\r\nb@mail.example", "<bob@mail.example>"})
  void refusesWhatIsNoMailbox(String mailbox) throws Exception {
    var answer = browser.post(PATH, form("add", mailbox));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("is not an address");
    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "drop", "ADD"})
  void refusesAnActionThatItDoesNotKnow(String action) throws Exception {
    assertThat(browser.post(PATH, form(action, BOB.toString())).statusCode()).isEqualTo(400);

    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "00000000000000000000000000000000"})
  void changesNothingWithoutTheTokenEvenForAKnownBrowser(String token) throws Exception {
    browser.enter();
    var form = new HashMap<>(form("remove", BOB.toString()));
    form.put("token", token);
    var answer = browser.post(PATH, form);
    form.remove("token");
    var tokenless = browser.post(StatusPage.suppressionsPath(), form);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(tokenless.statusCode()).isEqualTo(403);
    assertThat(answer.body() + tokenless.body()).doesNotContain(browser.token());
    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://evil.example", "null", "http://localhost:%d"})
  void changesNothingForAForeignOrigin(String origin) throws Exception {
    browser.enter();

    var answer =
        browser.post(origin.formatted(browser.port()), PATH, form("remove", BOB.toString()));

    assertThat(answer.statusCode()).isEqualTo(403);
    assertUnchanged();
  }

  @Test
  void changesNothingForReading() throws Exception {
    browser.enter();
    var fields = "action=remove&mailbox=" + BOB;

    assertThat(browser.get(PATH + "?" + fields).statusCode()).isEqualTo(200);
    assertThat(browser.get(PATH + "?" + fields + "&token=" + browser.token()).statusCode())
        .isEqualTo(303);
    assertThat(browser.method("HEAD", PATH + "?" + fields).statusCode()).isEqualTo(200);
    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE"})
  void changesNothingByOtherMethods(String method) throws Exception {
    browser.enter();

    var answer = browser.method(method, PATH);

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, POST");
    assertUnchanged();
  }
}
