package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Mailbox;
import io.postern.mapping.Reject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What strangers choose is text on every page, wherever it stands. */
class EscapingTest {
  private static final int NOWHERE = 1;
  private static final String HARMLESS = "harmless";

  @TempDir Path folder;

  static Stream<String> attacks() {
    return Stream.of(
        "<script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "</title><script>alert(1)</script>",
        "</textarea><script>alert(1)</script>",
        "\" onmouseover=alert(1) x=\"",
        "<svg/onload=alert(1)>",
        "--><script>alert(1)</script><!--",
        "${1+1}<b>",
        "<iframe src=javascript:alert(1)>");
  }

  /** A tag of ours; all of our attributes' values stand in double quotes. */
  private static final Pattern TAG =
      Pattern.compile("<!?/?[A-Za-z][^\\s>]*((?:\\s+[^\\s=>\"]+(?:=\"[^\"]*\")?)*)\\s*>");

  /** The page's tags with the names of their attributes: what a browser makes elements of. */
  private static List<String> skeleton(String page) {
    var tags = TAG.matcher(page);
    var names = new ArrayList<String>();
    int end = 0;
    while (tags.find()) {
      assertThat(page.substring(end, tags.start())).as("between tags").doesNotContain("<", ">");
      names.add(tags.group().replaceAll("=\"[^\"]*\"", ""));
      end = tags.end();
    }
    return names;
  }

  /** The attack has changed nothing but words and values. */
  private static void assertHarmless(String page, String pageWithoutIt) {
    assertThat(skeleton(page)).isEqualTo(skeleton(pageWithoutIt)).hasSizeGreaterThan(20);
    assertThat(page).doesNotContainIgnoringCase("=\"javascript:");
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void escapesWhatTheDaemonSays(String attack) throws Exception {
    try (var attacked = Browser.open(saying(attack));
        var other = Browser.open(saying(HARMLESS))) {
      assertHarmless(attacked.get("/").body(), other.get("/").body());
      assertHarmless(attacked.get("/journeys").body(), other.get("/journeys").body());
      assertHarmless(attacked.get("/rejects").body(), other.get("/rejects").body());
      attacked.enter();
      other.enter();
      assertHarmless(attacked.get("/dead").body(), other.get("/dead").body());
      var forms = attacked.get("/suppressions").body();
      assertThat(forms).contains("value=\"remove\"");
      assertHarmless(forms, other.get("/suppressions").body());
      var page = attacked.get("/journeys/" + encoded(attack));
      assertThat(page.statusCode()).isEqualTo(200);
      assertHarmless(page.body(), other.get("/journeys/" + HARMLESS).body());
    }
  }

  private static KnownStatus saying(String words) {
    var health =
        new Health(
            words,
            words,
            Duration.ZERO,
            List.of(words),
            words,
            false,
            0,
            0,
            0,
            0,
            List.of(words),
            List.of(words));
    var inbox = new Inbox(new Mailbox(words, "mail.example"), words, words);
    var journey = KnownStatus.journey(words, quoted(words) + "@mail.example", words);
    var reject =
        new Reject(
            KnownStatus.BEGUN,
            words,
            words,
            words,
            List.of(words),
            9,
            words,
            words,
            "",
            1,
            550,
            words,
            words);
    var suppression = KnownSuppressions.bounced(new Mailbox(words, "mail.example"), words);
    return new KnownStatus(
        health,
        List.of(inbox),
        List.of(journey),
        List.of(reject),
        KnownSuppressions.of(suppression),
        KnownDeadLetters.of(KnownDeadLetters.letter("17", words, words)));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void escapesWhatTheBrowserAsksFor(String attack) throws Exception {
    try (var browser = Browser.open(KnownStatus.well())) {
      for (var path :
          List.of("/journeys/", "/journeys?name=", "/rejects?name=", "/suppressions?name=", "/")) {
        assertHarmless(
            browser.get(path + encoded(attack)).body(), browser.get(path + HARMLESS).body());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void escapesWhatAMailSays(String attack) throws Exception {
    try (var attacked = Browser.open(KnownStatus.well(), folder.resolve("a"), NOWHERE);
        var other = Browser.open(KnownStatus.well(), folder.resolve("b"), NOWHERE)) {
      var id = attacked.capture(mail(attack), quoted(attack) + "@mail.example");
      var otherId = other.capture(mail(HARMLESS), HARMLESS + "@mail.example");
      attacked.enter();
      other.enter();

      assertHarmless(attacked.get("/mails").body(), other.get("/mails").body());
      var page = attacked.get("/mails/" + id);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("<textarea");
      assertHarmless(page.body(), other.get("/mails/" + otherId).body());
    }
  }

  private static String mail(String attack) {
    return """
    From: %1$s <peer@bridge.example>
    Reply-To: %1$s <peer@bridge.example>
    To: %1$s@mail.example
    Subject: %2$s
    X-Attack: %2$s
    Message-ID: <x-1@bridge.example>
    Content-Type: multipart/mixed; boundary=b

    --b
    Content-Type: text/plain

    %2$s

    --b
    Content-Type: application/octet-stream
    Content-Disposition: attachment; filename=%1$s

    x
    --b--
    """
        .formatted(quoted(attack), attack);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
