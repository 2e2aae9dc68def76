package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFormTest {
  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"hidden\" name=\"([a-z]+)\" value=\"([^\"]*)\">");

  private static final String MAIL =
      """
      From: "vitalik.eth (via XMTP)" <0x1@bridge.example>
      To: Bob <bob@mail.example>
      Subject: Re: AW: Plans
      Date: Wed, 25 Nov 2026 09:00:00 +0000
      Message-ID: <X-2@bridge.example>
      References: <c-0@bridge.example> <x-1@bridge.example>

      Hello Bob
      """;

  @TempDir Path folder;
  private ScriptedSmtp smtp;
  private Browser browser;

  @BeforeEach
  void open() throws Exception {
    open("250 2.0.0 taken as 01J");
  }

  private void open(String lastReply) throws Exception {
    smtp = ScriptedSmtp.answering(lastReply);
    browser = Browser.open(KnownStatus.well(), folder, smtp.port());
  }

  @AfterEach
  void close() throws Exception {
    browser.close();
    smtp.close();
  }

  /** Fills in the form that the page shows. */
  private Map<String, String> form(String id, String text) throws Exception {
    browser.enter();
    var form = new HashMap<String, String>();
    var hidden = HIDDEN.matcher(browser.get("/mails/" + id).body());
    while (hidden.find()) {
      form.put(hidden.group(1), hidden.group(2));
    }
    form.put("text", text);
    return form;
  }

  private HttpResponse<String> answer(String id, String text) throws Exception {
    return browser.post("/mails/" + id + "/answer", form(id, text));
  }

  @Test
  void submitsOneMailAsTheRecipientsProgramWould() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = answer(id, "Grüße zurück\r\n.\r\nBob");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("Taken", "taken as 01J");
    assertThat(smtp.commands())
        .containsExactly(
            "EHLO localhost",
            "MAIL FROM:<bob@mail.example>",
            "RCPT TO:<0x1@bridge.example>",
            "DATA");
    assertThat(smtp.mails()).hasSize(1);
    var mail = MailReader.read(smtp.mails().get(0).getBytes(StandardCharsets.UTF_8));
    assertThat(mail.from()).hasToString("[Bob <bob@mail.example>]");
    assertThat(mail.to()).hasToString("[vitalik.eth (via XMTP) <0x1@bridge.example>]");
    assertThat(mail.subject()).isEqualTo("Re: Plans");
    assertThat(mail.inReplyTo()).hasToString("[<X-2@bridge.example>]");
    assertThat(mail.references())
        .hasToString("[<c-0@bridge.example>, <x-1@bridge.example>, <X-2@bridge.example>]");
    assertThat(mail.date()).contains(KnownStatus.BEGUN);
    assertThat(mail.automatic()).isFalse();
    assertThat(mail.bodies()).hasSize(1);
    assertThat(mail.bodies().get(0).plain().orElseThrow().strip())
        .isEqualTo("Grüße zurück\n.\nBob");
  }

  @Test
  void answersWhereTheMailAsksFor() throws Exception {
    var mail = MAIL.replace("To: Bob", "Reply-To: Team <g-1@bridge.example>\nTo: Bob");
    var id = browser.capture(mail, "bob@mail.example");

    answer(id, "Hello");

    assertThat(smtp.commands()).contains("RCPT TO:<g-1@bridge.example>");
    assertThat(smtp.mails().get(0)).contains("To: Team <g-1@bridge.example>");
  }

  @Test
  void answersAsWhoeverTheMailWasDeliveredTo() throws Exception {
    var mail = MAIL.replace("To: Bob", "To: Carol <carol@mail.example>, Bob");
    var id = browser.capture(mail, "bob@mail.example");

    answer(id, "Hello");

    assertThat(smtp.commands()).contains("MAIL FROM:<bob@mail.example>");
    assertThat(smtp.mails().get(0)).contains("From: Bob <bob@mail.example>");
  }

  @Test
  void beginsAThreadWhereTheMailHasNoId() throws Exception {
    var mail = MAIL.replaceAll("(?m)^(Message-ID|References): .*\n", "");
    var id = browser.capture(mail, "bob@mail.example");

    answer(id, "Hello");

    assertThat(smtp.mails().get(0)).doesNotContain("In-Reply-To", "References");
  }

  @Test
  void givesTheSameMailIdToAFormThatIsSentTwiceAndAnotherToTheNext() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");
    var form = form(id, "Hello");

    browser.post("/mails/" + id + "/answer", form);
    browser.post("/mails/" + id + "/answer", form);
    answer(id, "Hello");

    assertThat(smtp.mails()).hasSize(3);
    assertThat(mailId(0)).isEqualTo(mailId(1)).isNotEqualTo(mailId(2));
  }

  private MailId mailId(int mail) throws Exception {
    return MailReader.read(smtp.mails().get(mail).getBytes(StandardCharsets.UTF_8))
        .id()
        .orElseThrow();
  }

  @Test
  void showsTheRefusalOfTheSmtpListener() throws Exception {
    close();
    open("550 5.7.26 the author may not speak");
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = answer(id, "Hello");

    assertThat(page.statusCode()).isEqualTo(502);
    assertThat(page.body()).contains("Not taken", "5.7.26", "the author may not speak");
  }

  @Test
  void saysThatTheSmtpListenerCannotBeReached() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");
    var form = form(id, "Hello");
    smtp.close();

    var page = browser.post("/mails/" + id + "/answer", form);

    assertThat(page.statusCode()).isEqualTo(502);
    assertThat(page.body()).contains("Not taken", "4.4.1");
  }

  @Test
  void letsNoSubjectOrNameBecomeAHeaderField() throws Exception {
    var mail =
        MAIL.replace("Subject: Re: AW: Plans", "Subject: =?utf-8?Q?a=0D=0ABcc:_eve@evil.example?=")
            .replace("To: Bob <", "To: =?utf-8?Q?b=0AX-Forged:_yes?= <");
    var id = browser.capture(mail, "bob@mail.example");

    answer(id, "Hello");

    var header = smtp.mails().get(0).split("\n\n")[0];
    assertThat(header).doesNotContainPattern("(?m)^(Bcc|X-Forged):");
    assertThat(smtp.commands()).filteredOn(line -> line.startsWith("RCPT")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \r\n\t "})
  void refusesAnEmptyAnswer(String text) throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = answer(id, text);

    assertThat(page.statusCode()).isEqualTo(400);
    assertThat(smtp.commands()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0123456789ABCDEF0123456789ABCDEF", "<a>@b\r\nBcc: x"})
  void refusesAFormThatIsNotOurs(String formId) throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");
    var form = form(id, "Hello");
    form.put("form", formId);

    var page = browser.post("/mails/" + id + "/answer", form);

    assertThat(page.statusCode()).isEqualTo(400);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void refusesAFormThatIsTooLarge() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = answer(id, "a".repeat(Request.MAX_FORM));

    assertThat(page.statusCode()).isEqualTo(413);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void takesAFormOfAllMostTheLimit() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var page = answer(id, "a".repeat(Request.MAX_FORM - 200));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(smtp.mails()).hasSize(1);
  }

  @Test
  void refusesAFormOfAnotherType() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");

    var answer =
        browser.raw(
            "POST /mails/" + id + "/answer HTTP/1.1",
            "Host: " + browser.host(),
            "Origin: http://" + browser.host(),
            "Content-Type: text/plain",
            "Content-Length: 0");

    assertThat(answer).startsWith("HTTP/1.1 415 ");
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void hasNoFormWhereThereIsNobodyToAnswer() throws Exception {
    var id = browser.capture("To: bob@mail.example\n\nA notice\n", "bob@mail.example");
    browser.enter();

    assertThat(browser.get("/mails/" + id).body())
        .contains("names nobody to answer")
        .doesNotContain("<textarea");
    var form = Map.of("token", browser.token(), "form", "0".repeat(32), "text", "Hello");
    assertThat(browser.post("/mails/" + id + "/answer", form).statusCode()).isEqualTo(409);
    assertThat(smtp.commands()).isEmpty();
  }

  @Test
  void existsOnlyWhereMailIsCaptured() throws Exception {
    var id = browser.capture(MAIL, "bob@mail.example");
    try (var sending = Browser.open(KnownStatus.well())) {
      sending.enter();
      var form = Map.of("token", sending.token(), "form", "0".repeat(32), "text", "Hello");

      assertThat(sending.post("/mails/" + id + "/answer", form).statusCode()).isEqualTo(404);
      assertThat(sending.get("/mails").statusCode()).isEqualTo(404);
      assertThat(sending.get("/mails/" + id).statusCode()).isEqualTo(404);
      assertThat(sending.get("/").body()).doesNotContain("/mails");
    }
    assertThat(smtp.commands()).isEmpty();
  }
}
