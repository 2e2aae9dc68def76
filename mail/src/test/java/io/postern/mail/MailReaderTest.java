package io.postern.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailReaderTest {
  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static Mail read(String... lines) throws MailException {
    return MailReader.read(String.join("\r\n", lines).getBytes(UTF_8));
  }

  private static String text(String... lines) throws MailException {
    return ReadableMail.of(read(lines)).text();
  }

  @Test
  void skimsALargeMailWithoutItsBodies() throws Exception {
    var line = "QUJD".repeat(19) + "\r\n";
    var mail =
        ("From: <bob@example.org>\r\nMessage-ID: <large@example.org>\r\n"
                + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
                + "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + line.repeat(50_000)
                + "\r\n--b\r\nContent-Type: image/gif\r\n\r\n"
                + line.repeat(10)
                + "\r\n--b--\r\n")
            .getBytes(UTF_8);

    var skimmed = MailReader.skim(new ByteArrayInputStream(mail), mail.length);

    var whole = MailReader.read(mail);
    assertThat(skimmed.header()).isEqualTo(whole.header());
    assertThat(skimmed.id()).isEqualTo(whole.id());
    assertThat(ReadableMail.of(skimmed).text()).isEqualTo("hello");
    assertThat(whole.attachments().stream().mapToInt(Attachment::size).sum())
        .isGreaterThan(MailReader.SKIMMED_OCTETS);
    assertThat(skimmed.attachments().stream().mapToInt(Attachment::size).sum())
        .isBetween(MailReader.SKIMMED_OCTETS / 2, MailReader.SKIMMED_OCTETS);
  }

  @Test
  void skimmingRefusesWhatReadingRefuses() {
    var fragment = "Content-Type: message/partial\r\n\r\nx".getBytes(UTF_8);

    assertThatThrownBy(() -> MailReader.skim(new ByteArrayInputStream(new byte[0]), 0))
        .hasMessageContaining("empty");
    assertThatThrownBy(
            () -> MailReader.skim(InputStream.nullInputStream(), (long) MailReader.MAX_OCTETS + 1))
        .hasMessageContaining("larger");
    assertThatThrownBy(() -> MailReader.skim(new ByteArrayInputStream(fragment), fragment.length))
        .hasMessageContaining("fragment");
  }

  @Test
  void aStreamThatFailsIsNoFaultOfTheMail() {
    var failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is gone");
          }
        };

    assertThatThrownBy(() -> MailReader.skim(failing, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is gone");
  }

  @Test
  void readsTheHeader() throws Exception {
    var mail =
        read(
            "From: =?utf-8?q?J=C3=B6rg?= <Joerg@Mail.Example>",
            "To: \"Smith, J.\" <j@x.example>, team: a@x.example, b@x.example;, broken@,",
            " carol@x.example (Carol)",
            "Date: Tue, 3 Feb 2026 10:00:00 +0100 (CET)",
            "Subject: =?utf-8?B?8J+T?= =?utf-8?B?jg==?= hi",
            "Message-Id: <A@x>",
            "In-Reply-To: <b@x>",
            "References: <c@x> <d@x>",
            " <B@x>",
            "",
            "x");

    assertThat(mail.from())
        .containsExactly(new NamedMailbox("Jörg", new Mailbox("Joerg", "mail.example")));
    assertThat(mail.to())
        .extracting(NamedMailbox::toString)
        .containsExactly(
            "Smith, J. <j@x.example>", "a@x.example", "b@x.example", "Carol <carol@x.example>");
    assertThat(mail.date()).contains(Instant.parse("2026-02-03T09:00:00Z"));
    assertThat(mail.subject()).isEqualTo("📎 hi");
    assertThat(mail.answeredIds())
        .extracting(MailId::value)
        .containsExactly("<b@x>", "<d@x>", "<c@x>");
    assertThat(mail.author()).isPresent();
  }

  @Test
  void readsAddressesWithMisplacedDots() throws Exception {
    assertThat(read("From: <a..b.@docomo.example>", "", "x").author().orElseThrow().mailbox())
        .isEqualTo(new Mailbox("a..b.", "docomo.example"));
  }

  @Test
  void namesNoAuthorIfTheMailNamesSeveral() throws Exception {
    assertThat(read("From: a@x.example, b@x.example", "", "x").author()).isEmpty();
    assertThat(read("From: a@x.example", "From: b@x.example", "", "x").author()).isEmpty();
    assertThat(read("Subject: x", "", "x").author()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "utf-8, UTF-8, 'Grüße, 日本'",
    "iso-8859-1, windows-1252, 'naïve €'",
    "x-nothing, UTF-8, 'Grüße'",
    "x-nothing, windows-1252, 'Grüße'",
    "us-ascii, UTF-8, 'Grüße'",
    "us-ascii, windows-1252, 'Grüße'",
    "utf-8, windows-1252, 'Grüße'",
    "gb2312, GB18030, '简体中文镕'",
    "iso-2022-jp, ISO-2022-JP, '日本語'",
    "koi8-r, KOI8-R, 'привет'",
    "'\"utf8\"', UTF-8, 'Grüße'"
  })
  void decodesALabelEvenIfWrong(String label, String charset, String text) throws Exception {
    var head = "Content-Type: text/plain; charset=" + label + "\r\n\r\n";
    var body = text.getBytes(Charset.forName(charset));
    var mail = Arrays.copyOf(head.getBytes(UTF_8), head.length() + body.length);
    System.arraycopy(body, 0, mail, head.length(), body.length);

    assertThat(MailReader.read(mail).bodies().get(0).plain().orElseThrow()).isEqualTo(text);
  }

  @Test
  void keepsUtf8ThatIsCutInsideALetter() throws Exception {
    var whole = "Content-Type: text/plain; charset=utf-8\r\n\r\n日本語日本語日本語日本語".getBytes(UTF_8);

    assertThat(MailReader.read(Arrays.copyOf(whole, whole.length - 1)).bodies().get(0).plain())
        .contains("日本語日本語日本語日本\ufffd");
  }

  @Test
  void readsRawUtf8AndLatinInHeaders() throws Exception {
    assertThat(read("Subject: Grüße", "", "x").subject()).isEqualTo("Grüße");
    assertThat(MailReader.read("Subject: Grüße\r\n\r\nx".getBytes(ISO_8859_1)).subject())
        .isEqualTo("Grüße");
  }

  @Test
  void readsFileNamesInEveryForm() throws Exception {
    for (var disposition :
        new String[] {
          "filename*=UTF-8''r%C3%A9sum%C3%A9.pdf",
          "filename*0*=UTF-8''r%C3%A9; filename*1*=sum%C3; filename*2*=%A9.pdf",
          "filename=\"=?utf-8?q?r=C3=A9sum=C3=A9.pdf?=\"",
          "filename=\"résumé.pdf\"",
          "filename=résumé.pdf",
          "filename=\"C:\\temp\\résumé.pdf\"",
          "filename=\"x.pdf\"; filename*=iso-8859-1'de'r%E9sum%E9.pdf"
        }) {
      var mail =
          read(
              "Content-Type: application/pdf",
              "Content-Disposition: attachment; " + disposition,
              "",
              "x");

      assertThat(mail.attachments())
          .extracting(Attachment::filename)
          .as(disposition)
          .containsExactly("résumé.pdf");
    }
  }

  @Test
  void prefersHtmlToAStub() throws Exception {
    var html = "<p>" + "A long story. ".repeat(50) + "</p>";

    assertThat(text(alternative("See HTML.", html))).startsWith("A long story.");
    assertThat(text(alternative("", "<p>Hi</p>"))).isEqualTo("Hi");
    assertThat(text(alternative("Hello", "<p>Hi</p>"))).isEqualTo("Hello");
  }

  private static String[] alternative(String plain, String html) {
    return new String[] {
      "Content-Type: multipart/alternative; boundary=b",
      "",
      "--b",
      "",
      plain,
      "--b",
      "Content-Type: text/x-amp-html",
      "",
      "<html amp>ignored</html>",
      "--b",
      "Content-Type: text/html",
      "",
      html,
      "--b--"
    };
  }

  @Test
  void joinsTextsAndKeepsFilesInOrder() throws Exception {
    var mail =
        read(
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "",
            "one",
            "--b",
            "Content-Type: image/png",
            "Content-Transfer-Encoding: base64",
            "",
            "AQ==",
            "--b",
            "",
            "two",
            "--b",
            "Content-Type: text/plain",
            "Content-Disposition: attachment",
            "",
            "three",
            "--b--");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("one\n\ntwo");
    assertThat(mail.attachments())
        .extracting(Attachment::filename)
        .containsExactly("image.png", "text.txt");
  }

  @Test
  void keepsAForwardedMailAsAFileWithALine() throws Exception {
    var mail =
        read(
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "",
            "see",
            "--b",
            "Content-Type: message/rfc822",
            "",
            "Subject: a/b",
            "From: Carol <c@x.example>",
            "",
            "inner",
            "--b--");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("see\n\n📎 Forwarded mail: a/b, from Carol");
    assertThat(mail.attachments()).hasSize(1);
    assertThat(mail.attachments().get(0).filename()).isEqualTo("a-b.eml");
    assertThat(mail.attachments().get(0).octets()).asString().startsWith("Subject: a/b");
  }

  @Test
  void refusesAFragment() {
    assertThatThrownBy(() -> read("Content-Type: message/partial; id=1; number=1", "", "x"))
        .isInstanceOfSatisfying(
            MailException.class, refused -> assertThat(refused.status()).isEqualTo("5.6.1"));
  }

  @Test
  void refusesPartsNestedTooDeep() {
    var mail = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      mail.append("Content-Type: multipart/mixed; boundary=b")
          .append(i)
          .append("\r\n\r\n--b")
          .append(i)
          .append("\r\n");
    }

    assertThatThrownBy(() -> MailReader.read(mail.toString().getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            MailException.class, refused -> assertThat(refused.status()).isEqualTo("5.6.0"));
  }

  @Test
  void refusesTooManyParts() {
    var mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n".repeat(600);

    assertThatThrownBy(() -> MailReader.read(mail.getBytes(UTF_8)))
        .isInstanceOf(MailException.class)
        .hasMessageContaining("500 parts");
  }

  @Test
  void refusesTooManyAndTooLongFields() {
    assertThatThrownBy(() -> MailReader.read("X: y\r\n".repeat(3000).getBytes(UTF_8)))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> MailReader.read(("X: " + "y".repeat(300_000)).getBytes(UTF_8)))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> MailReader.read(new byte[0])).isInstanceOf(MailException.class);
  }

  @Test
  void readsBareLineFeedsAsSomeScriptsSendThem() throws Exception {
    var mail =
        MailReader.read(
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n"
                .getBytes(UTF_8));

    assertThat(ReadableMail.of(mail).text()).isEqualTo("one");
  }

  @Test
  void dropsControlsFromTheText() throws Exception {
    assertThat(text("Content-Type: text/plain", "", "\ufeffa\0b\u001b[31mc\td\u202ee"))
        .isEqualTo("ab[31mc\tde");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: auto-replied (vacation)",
        "Precedence: bulk",
        "Precedence: list",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: All",
        "Subject: Automatic reply: lunch",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_?= : x"
      })
  void knowsMailOfMachines(String field) throws Exception {
    assertThat(read(field, "", "x").automatic()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Auto-Submitted: no", "Precedence: normal", "Subject: lunch"})
  void takesOthersForMailOfPeople(String field) throws Exception {
    assertThat(read(field, "", "x").automatic()).isFalse();
  }

  @Test
  void unwrapsSignedMailAndNamesEncryptedMail() throws Exception {
    assertThat(
            text(
                "Content-Type: text/plain",
                "",
                "-----BEGIN PGP SIGNED MESSAGE-----",
                "Hash: SHA256",
                "",
                "- --dash",
                "text",
                "-----BEGIN PGP SIGNATURE-----",
                "",
                "abc",
                "-----END PGP SIGNATURE-----"))
        .isEqualTo("--dash\ntext");
    var inline = read("Content-Type: text/plain", "", "-----BEGIN PGP MESSAGE-----", "", "abc");
    assertThat(ReadableMail.of(inline).text())
        .isEqualTo("🔒 This message is encrypted with OpenPGP and cannot be read here.");
    assertThat(inline.attachments()).hasSize(1);
    var smime =
        read(
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            "",
            "abc");
    assertThat(ReadableMail.of(smime).text()).contains("encrypted with S/MIME");
    assertThat(smime.attachments()).extracting(Attachment::filename).containsExactly("smime.p7m");
  }

  @Test
  void dropsPicturesOfQuotesAndSignaturesAndPixels() throws Exception {
    var html =
        "<p>new <img src='cid:mine'></p><img src='cid:pixel' width=1 height=1>"
            + "<div class=gmail_signature><img src='cid:logo'></div>"
            + "<blockquote type=cite>old <img src='cid:theirs'></blockquote>";
    var mail =
        new StringBuilder("In-Reply-To: <a@x>\r\nContent-Type: multipart/related; boundary=b\r\n");
    mail.append("\r\n--b\r\nContent-Type: text/html\r\n\r\n").append(html);
    for (var id : new String[] {"mine", "pixel", "logo", "theirs", "unused"}) {
      mail.append("\r\n--b\r\nContent-Type: image/png; name=")
          .append(id)
          .append("\r\nContent-ID: <")
          .append(id)
          .append(">\r\n\r\nx");
    }

    var read = MailReader.read(mail.append("\r\n--b--\r\n").toString().getBytes(UTF_8));

    assertThat(ReadableMail.of(read).files())
        .extracting(Attachment::filename)
        .containsExactly("mine", "unused");
    assertThat(read.attachments()).hasSize(5);
  }

  @Test
  void showsThePartsOfAMailWhoseTypesDisagree() throws Exception {
    for (var types :
        new String[] {
          "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b",
          "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain"
        }) {
      var mail = types + "\r\n\r\n--b\r\n\r\nhello\r\n--b--\r\n";

      assertThat(ReadableMail.of(MailReader.read(mail.getBytes(UTF_8))).text()).contains("hello");
    }
  }

  @Test
  void makesAFileOfATextThatNobodyCouldRead() throws Exception {
    var head = "Content-Type: text/html\r\n\r\n";
    var mail = MailReader.read((head + "<p>x".repeat(300_000)).getBytes(UTF_8));

    assertThat(mail.bodies()).isEmpty();
    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("text.html");
  }

  @Test
  void deliversACalendarOnce() throws Exception {
    var calendar = "BEGIN:VCALENDAR\r\nEND:VCALENDAR";
    var mail =
        read(
            "Content-Type: multipart/mixed; boundary=a",
            "",
            "--a",
            "Content-Type: multipart/alternative; boundary=b",
            "",
            "--b",
            "",
            "Invited",
            "--b",
            "Content-Type: text/calendar; method=request",
            "",
            calendar,
            "--b--",
            "--a",
            "Content-Type: application/ics; name=invite.ics",
            "",
            calendar,
            "--a--");

    assertThat(mail.attachments())
        .extracting(Attachment::mediaType)
        .containsExactly("text/calendar; method=REQUEST");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void meetsRandomOctetsWithNoOtherExceptionThanItsOwn(long seed) {
    var random = new SplittableRandom(seed);
    var octets = new byte[random.nextInt(4000)];
    random.nextBytes(octets);
    var tokens =
        new String[] {
          "\r\n",
          "Content-Type: ",
          "multipart/mixed",
          ";",
          "boundary=b",
          "--b",
          ":",
          "=?utf-8?b?",
          "\"",
          "Content-Transfer-Encoding: base64",
          "message/delivery-status",
          "--b--"
        };
    for (int at = 0; at < octets.length - 50; at += random.nextInt(1, 60)) {
      var token = tokens[random.nextInt(tokens.length)].getBytes(UTF_8);
      System.arraycopy(token, 0, octets, at, token.length);
    }

    try {
      assertThat(ReadableMail.of(MailReader.read(octets)).whole()).isNotNull();
    } catch (MailException unreadable) {
      assertThat(unreadable.status()).startsWith("5.");
    }
  }
}
