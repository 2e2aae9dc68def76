package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailPagesTest {
  private static final int NOWHERE = 1;
  private static final String PIXEL = "iVBORw0KGgo=";

  private static final String MAIL =
      """
      From: "vitalik.eth (via XMTP)" <0x1@bridge.example>
      To: Bob <bob@mail.example>
      Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
      Date: Wed, 25 Nov 2026 10:00:00 +0000
      Message-ID: <x-1@bridge.example>
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: multipart/alternative; boundary=c

      --c
      Content-Type: text/plain

      Hello Bob
      --c
      Content-Type: text/html

      <p>Hello <b>Bob</b><img src="cid:pixel@bridge.example"></p><script>alert(1)</script>
      --c--
      --b
      Content-Type: image/png
      Content-ID: <pixel@bridge.example>
      Content-Disposition: inline; filename=pixel.png
      Content-Transfer-Encoding: base64

      %s
      --b
      Content-Type: text/html
      Content-Disposition: attachment; filename*=utf-8''b%%C3%%B6se%%20%%22datei%%22.html

      <script>alert(2)</script>
      --b--
      """
          .formatted(PIXEL);

  @TempDir Path folder;
  private Browser browser;

  @BeforeEach
  void open() throws Exception {
    browser = Browser.open(KnownStatus.well(), folder, NOWHERE);
  }

  @AfterEach
  void close() {
    browser.close();
  }

  @Test
  void listsWhatIsCaptured() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = browser.get("/mails").body();

    assertThat(page)
        .contains("vitalik.eth (via XMTP) &lt;0x1@bridge.example&gt;", "bob@mail.example", "Grüße")
        .contains("href=\"/mails/" + id + "\"");
    assertThat(browser.get("/").body()).contains("href=\"/mails\"");
  }

  @Test
  void listsAnUnreadableMailToo() throws Exception {
    var deep = new StringBuilder("From: a@bridge.example\n");
    for (int depth = 0; depth < 40; depth++) {
      deep.append("Content-Type: multipart/mixed; boundary=b").append(depth).append("\n\n--b");
      deep.append(depth).append('\n');
    }
    var id = browser.capture(deep.toString(), "bob@mail.example");

    assertThat(browser.get("/mails").body()).contains("unreadable");
    assertThat(browser.get("/mails/" + id).statusCode()).isEqualTo(422);
    assertThat(browser.get("/mails/" + id + "/mail.eml").statusCode()).isEqualTo(200);
  }

  @Test
  void showsAMailInASandboxedFrame() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = browser.get("/mails/" + id).body();

    assertThat(page)
        .contains(
            "<title>Grüße", "Hello Bob", "2026-11-25 10:00:00 UTC", "Bob &lt;bob@mail.example&gt;")
        .contains("Message-ID", "&lt;x-1@bridge.example&gt;", "verp@bridge.example")
        .contains("<iframe sandbox=\"\" src=\"/mails/" + id + "/html\"")
        .doesNotContain("allow-scripts", "allow-same-origin", "alert(1)");
  }

  @Test
  void servesTheHtmlWithAPolicyThatRunsAndLoadsNothing() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var html = browser.get("/mails/" + id + "/html");

    assertThat(html.body()).contains("<p>Hello <b>Bob</b>");
    assertThat(html.headers().firstValue("Content-Security-Policy"))
        .contains(
            "default-src 'none'; img-src data: cid:; style-src 'unsafe-inline'; form-action 'none';"
                + " base-uri 'none'; frame-ancestors 'self'; sandbox");
    assertThat(html.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(html.headers().firstValue("X-Frame-Options")).contains("SAMEORIGIN");
  }

  @Test
  void showsThePicturesOfTheMailInItsHtml() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var html = browser.get("/mails/" + id + "/html").body();

    assertThat(html).contains("<img src=\"data:image/png;base64," + PIXEL + "\">");
  }

  @Test
  void hasNoFrameForAMailWithoutHtml() throws Exception {
    var id =
        browser.capture("From: a@bridge.example\nTo: b@mail.example\n\nplain\n", "b@mail.example");

    var page = browser.get("/mails/" + id).body();

    assertThat(page).contains("plain").doesNotContain("<iframe");
  }

  @Test
  void handsOutAFileToBeKeptAndNeverShown() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var file = browser.get("/mails/" + id + "/files/2");

    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.body()).contains("alert(2)");
    assertDownload(file, "application/octet-stream");
    assertThat(file.headers().firstValue("Content-Disposition"))
        .contains(
            "attachment; filename=\"b_se _datei_.html\";"
                + " filename*=UTF-8''b%C3%B6se%20%22datei%22.html");
  }

  @Test
  void handsOutTheMailAsItIs() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var eml = browser.download("/mails/" + id + "/mail.eml");

    assertThat(eml.body()).isEqualTo(MAIL.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    assertDownload(eml, "message/rfc822");
    assertThat(eml.headers().firstValue("Content-Disposition").orElseThrow())
        .startsWith("attachment; filename=\"" + id + ".eml\"");
  }

  private static void assertDownload(HttpResponse<?> response, String type) {
    assertThat(response.headers().firstValue("Content-Type")).contains(type);
    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/files/0",
        "/files/3",
        "/files/-1",
        "/files/01",
        "/files/x",
        "/files/99999999999999999999",
        "/files/",
        "/files",
        "/files/1/2",
        "/files/..%2f1",
        "/other",
      })
  void hasNoOtherParts(String part) throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    assertThat(browser.get("/mails/" + id + part).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/mails/..%2fsecret",
        "/mails/../secret",
        "/mails/..%2fsecret/mail.eml",
        "/mails/%2e%2e/secret",
        "/mails//secret.eml",
        "/mails/secret",
        "/mails/%00",
        "/mails/00000000000000000000000000000000",
      })
  void findsNoMailOutsideOfItsFolder(String path) throws Exception {
    Files.writeString(folder.resolveSibling("secret.eml"), MAIL);
    Files.writeString(folder.resolve("secret.eml"), MAIL);

    var answer = browser.raw("GET " + path + " HTTP/1.1", "Host: " + browser.host());

    assertThat(answer).startsWith("HTTP/1.1 404 ").doesNotContain("vitalik");
  }
}
