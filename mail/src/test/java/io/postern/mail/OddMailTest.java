package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other people's collections of mail have taught. */
class OddMailTest {
  private static Mail read(String... lines) throws MailException {
    return MailReader.read(String.join("\r\n", lines).getBytes(UTF_8));
  }

  private static String addresses(String field) {
    return String.join(
        " ", AddressList.parse(field).stream().map(one -> one.mailbox().toString()).toList());
  }

  @Test
  void aCommentBelongsToNoAddress() {
    var found = AddressList.parse("Pete(so \\) kind) <pete(his)@silly.test(his host)>, b@x.test");

    assertThat(found)
        .extracting(NamedMailbox::toString)
        .containsExactly("Pete <pete@silly.test>", "b@x.test");
  }

  @Test
  void blanksAroundDotsAndTheAtSignBelongToNoAddress() {
    assertThat(addresses("jdoe@test   . example, a . b @ x.test"))
        .isEqualTo("jdoe@test.example a.b@x.test");
    assertThat(addresses("John Doe jdoe@test.example")).isEmpty();
    assertThat(addresses("\"a . b\"@x.test")).isEqualTo("\"a . b\"@x.test");
  }

  @Test
  void aCommentThatNeverEndsHidesNoNeighbour() {
    assertThat(addresses("<a(b@x.test>, c@x.test")).isEqualTo("c@x.test");
    assertThat(addresses("<\"a>\"(b@x.test>, c@x.test")).isEqualTo("c@x.test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "()", "<(", "\"(", "<\">(", "a @ ", " . "})
  void readsHugeAddressFieldsToTheirEnd(String piece) {
    var field = "<" + piece.repeat(MailReader.MAX_FIELD_OCTETS / piece.length());

    assertThat(AddressList.parse(field)).isEmpty();
  }

  @Test
  void readsATimeWithBlanksAndComments() {
    assertThat(MailDate.parse("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"))
        .contains(Instant.parse("1997-11-21T15:55:06Z"));
  }

  @Test
  void aFileThatIsOnlyCalledAFileIsWhatItsNameSays() throws Exception {
    var mail =
        read(
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "Content-Type: application/octet-stream; name=logo.PNG",
            "",
            "x",
            "--b",
            "Content-Type: application/octetstream; name=unknown.thing",
            "",
            "x",
            "--b",
            "Content-Type: image/jpg",
            "",
            "x",
            "--b--");

    assertThat(mail.attachments())
        .extracting(file -> file.filename() + " " + file.mediaType())
        .containsExactly(
            "logo.PNG image/png", "unknown.thing application/octet-stream", "image.jpg image/jpg");
  }

  @Test
  void aSignatureAloneIsNoTextBesideAFile() throws Exception {
    var signature = "-- \r\nSent with my Delta Chat Messenger: https://delta.chat";
    var file =
        new String[] {
          "Content-Type: multipart/mixed; boundary=b",
          "",
          "--b",
          "",
          signature,
          "--b",
          "Content-Type: image/png; name=a.png",
          "",
          "x",
          "--b--"
        };

    assertThat(ReadableMail.of(read(file)).text()).isEmpty();
    assertThat(ReadableMail.of(read("Subject: x", "", signature)).text())
        .isEqualTo("--\nSent with my Delta Chat Messenger: https://delta.chat");
  }

  @Test
  void thePictureOfAUserIsNoFile() throws Exception {
    var mail =
        read(
            "Chat-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "Chat-User-Avatar: me.png",
            "",
            "hello",
            "--b",
            "Content-Type: image/png; name=me.png",
            "",
            "x",
            "--b",
            "Content-Type: image/png; name=cat.png",
            "",
            "x",
            "--b--");

    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("cat.png");
  }

  @Test
  void aReceiptOfExchangeNamesTheMailThatItAnswers() throws Exception {
    var mail =
        read(
            "In-Reply-To: <a@x.test>",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            "",
            "--b",
            "",
            "Read.",
            "--b",
            "Content-Type: message/disposition-notification",
            "",
            "Final-Recipient: rfc822; bob@x.test",
            "Disposition: automatic-action/MDN-sent-automatically; displayed",
            "--b--");

    assertThat(mail.receipt().orElseThrow().original()).contains(new MailId("<a@x.test>"));
  }

  @Test
  void wordsForPeopleThatAreLabelledAsStatusAreWords() throws Exception {
    var mail =
        read(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            "",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "This message was undeliverable",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.x.test",
            "",
            "Final-Recipient: rfc822; <bob@x.test>",
            "Action: failed",
            "Status: 5.3.0",
            "--b--");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("This message was undeliverable");
    assertThat(mail.report().orElseThrow().recipients())
        .extracting(DeliveryReport.RecipientStatus::recipient)
        .containsExactly("bob@x.test");
  }

  @Test
  void aForwardedMailWithoutSubjectIsCalledByItsAuthor() throws Exception {
    var mail =
        read(
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "Content-Type: message/rfc822",
            "",
            "From: Bob <bob@x.test>",
            "",
            "hi",
            "--b--");

    assertThat(mail.notes()).containsExactly("📎 Forwarded mail, from Bob");
  }
}
