package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mails and pieces of mails inside a mail. RFC 2046 §5.2, RFC 6522 §4, RFC 2017. */
class MailInMailTest {
  private static final String INNER =
      "From: Carol <carol@x.example>\r\n"
          + "Subject: Re: plans/2026\r\n"
          + "Content-Type: multipart/mixed; boundary=i\r\n\r\n"
          + "--i\r\n\r\n"
          + "inner words\r\n"
          + "--i\r\n"
          + "Content-Type: application/pdf; name=a.pdf\r\n\r\n"
          + "PDF\r\n"
          + "--i--\r\n";

  private static Mail read(String... lines) throws MailException {
    return MailReader.read(String.join("\r\n", lines).getBytes(UTF_8));
  }

  private static Mail with(String part) throws MailException {
    return read(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "see", "--b", part, "--b--");
  }

  @Test
  void aMailInsideStaysWhole() throws Exception {
    var mail = with("Content-Type: message/rfc822\r\n\r\n" + INNER);

    assertThat(ReadableMail.of(mail).text())
        .isEqualTo("see\n\n📎 Forwarded mail: Re: plans/2026, from Carol");
    var eml = mail.attachments().get(0);
    assertThat(mail.attachments()).hasSize(1);
    assertThat(eml.filename()).isEqualTo("Re: plans-2026.eml");
    var inner = MailReader.read(eml.octets());
    assertThat(ReadableMail.of(inner).text()).isEqualTo("inner words");
    assertThat(inner.attachments()).extracting(Attachment::filename).containsExactly("a.pdf");
  }

  @Test
  void aMailInsideThatWasEncodedAgainstTheRulesIsDecoded() throws Exception {
    var mail =
        with(
            "Content-Type: message/rfc822; name=\"x.eml\"\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(INNER.getBytes(UTF_8)));

    assertThat(mail.attachments().get(0).filename()).isEqualTo("x.eml");
    assertThat(new String(mail.attachments().get(0).octets(), UTF_8)).isEqualTo(INNER);
  }

  @Test
  void theHeaderOfAMailIsAFile() throws Exception {
    var mail = with("Content-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nFrom: y@z.example");

    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("text.txt");
    assertThat(ReadableMail.of(mail).text()).isEqualTo("see");
  }

  @Test
  void ofADigestTwentyAreFilesAndTheRestIsMentioned() throws Exception {
    var digest = new StringBuilder("Content-Type: multipart/digest; boundary=d\r\n\r\n");
    for (int i = 0; i < 30; i++) {
      digest.append("--d\r\n\r\nSubject: number ").append(i).append("\r\n\r\nx\r\n");
    }

    var mail = read(digest + "--d--");

    assertThat(mail.attachments()).hasSize(20);
    assertThat(mail.notes()).hasSize(21).last().asString().contains("left out");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "message/partial; id=\"a@x\"; number=1; total=2",
        "multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/partial; id=a; number=2"
      })
  void aFragmentIsRefused(String type) {
    assertThatThrownBy(() -> read("Content-Type: " + type, "", "x"))
        .isInstanceOfSatisfying(
            MailException.class, refused -> assertThat(refused.status()).isEqualTo("5.6.1"));
  }

  @Test
  void whatIsKeptElsewhereIsTold() throws Exception {
    var https =
        with(
            "Content-Type: message/external-body; access-type=URL; url=\"https://x.example/a\r\n"
                + " b.pdf\"\r\n\r\n"
                + "Content-Type: application/pdf\r\n");
    var other =
        with(
            "Content-Type: message/external-body; access-type=anon-ftp; site=x.example;"
                + " name=\"../a.ps\"\r\n\r\nContent-Type: application/postscript\r\n");

    assertThat(https.notes()).containsExactly("📎 https://x.example/ab.pdf");
    assertThat(other.notes()).containsExactly("📎 a.ps is kept elsewhere and was not fetched");
    assertThat(other.attachments()).isEmpty();
  }

  @Test
  void ofAMailInsideOnlyTheHeaderIsRead() throws Exception {
    var read = new AtomicLong();
    var body = new CountedBody(Body.of((INNER + "x".repeat(5_000_000)).getBytes(UTF_8)), read);

    var header = MailReader.readHeader(body);

    assertThat(header.first("Subject")).contains("Re: plans/2026");
    assertThat(read.get()).isLessThan(100_000);
  }

  @Test
  void theLineOfAMailInsideDoesNotDependOnItsParts() throws Exception {
    var parts = "--i\r\n\r\nx\r\n".repeat(MailReader.MAX_PARTS + 1);

    var mail =
        with("Content-Type: message/rfc822\r\n\r\n" + INNER.replace("--i--\r\n", parts + "--i--"));

    assertThat(mail.notes()).containsExactly("📎 Forwarded mail: Re: plans/2026, from Carol");
  }

  @Test
  void aHeaderThatIsAllThereIsCanBeRead() throws Exception {
    assertThat(MailReader.readHeader("Subject: x".getBytes(UTF_8)).first("Subject")).contains("x");
    assertThat(MailReader.readHeader("Subject: x\r\n\r\n".getBytes(UTF_8)).fields()).hasSize(1);
    assertThat(MailReader.readHeader("no header at all".getBytes(UTF_8)).fields()).isEmpty();
    assertThat(MailReader.readHeader(new byte[0]).fields()).isEmpty();
  }
}
