package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receipts that are read, and those that are written. */
class DispositionReceiptTest {
  private static final Mailbox READER = new Mailbox("0xab", "bridge.example");
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final MailId ID = new MailId("<receipt@bridge.example>");
  private static final Instant DATE = Instant.parse("2026-02-03T10:00:00Z");

  private static Mail read(String... lines) throws MailException {
    return MailReader.read((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Mail report(String type, String... fields) throws MailException {
    return read(
        "From: <bob@example.org>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        "",
        "--b",
        "",
        "shown",
        "--b",
        "Content-Type: " + type,
        "",
        String.join("\r\n", fields),
        "--b--");
  }

  private static byte[] written(String host, Optional<MailId> original) {
    return new DisplayedReceipt(host, "Postern", READER, original).write(BOB, DATE, ID);
  }

  @Test
  void isReadBackAsItWasWritten() throws Exception {
    var original = new MailId("<" + "Long".repeat(100) + "@example.org>");

    var mail = MailReader.read(written("bridge.example", Optional.of(original)));

    assertThat(mail.receipt())
        .contains(
            new DispositionReceipt("0xab@bridge.example", "", Optional.of(original), "displayed"));
    assertThat(mail.reportType()).isEqualTo("disposition-notification");
    assertThat(mail.automaticReply()).isTrue();
    assertThat(mail.from().get(0).mailbox()).isEqualTo(READER);
    assertThat(mail.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(mail.inReplyTo()).containsExactly(original);
    assertThat(mail.receiptTo()).isEmpty();
  }

  @Test
  void anotherReaderFindsEveryFieldOfRfc8098() throws Exception {
    var octets = written("bridge.example", Optional.of(new MailId("<1@example.org>")));

    var message = new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(octets));
    var part = ((Multipart) message.getBody()).getBodyParts().get(1);
    var out = new ByteArrayOutputStream();
    ((SingleBody) part.getBody()).writeTo(out);

    assertThat(message.getMimeType()).isEqualTo("multipart/report");
    assertThat(part.getMimeType()).isEqualTo("message/disposition-notification");
    assertThat(out.toString(StandardCharsets.US_ASCII).strip().split("\r\n"))
        .containsExactly(
            "Reporting-UA: bridge.example; Postern",
            "MDN-Gateway: dns; bridge.example",
            "Final-Recipient: rfc822; 0xab@bridge.example",
            "Original-Message-ID: <1@example.org>",
            "Disposition: manual-action/MDN-sent-automatically; displayed");
  }

  @Test
  void withoutAMessageIdNoneIsNamed() throws Exception {
    var mail = MailReader.read(written("bridge.example", Optional.empty()));

    assertThat(mail.receipt().orElseThrow().original()).isEmpty();
    assertThat(mail.header().has("In-Reply-To")).isFalse();
  }

  @Test
  void aHostCannotAddAField() throws Exception {
    var octets = written("x\r\nDisposition: y; deleted\r\n\r\n--", Optional.empty());

    assertThat(MailReader.read(octets).receipt().orElseThrow().displayed()).isTrue();
    assertThat(new String(octets, StandardCharsets.US_ASCII)).doesNotContain("\nDisposition: y");
  }

  @Test
  void whatIsNotAsciiIsRefused() {
    var foreign = new Mailbox("\u00e9", "bridge.example");

    assertThatThrownBy(() -> new DisplayedReceipt("h", "p", foreign, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(DisplayedReceipt.canName(READER, Optional.of(new MailId("<\u00e9@example.org>"))))
        .isFalse();
  }

  @Test
  void aFieldIsReadWhateverItsCaseOrFolding() throws Exception {
    var mail =
        report(
            "Message/Disposition-Notification",
            "FINAL-RECIPIENT:rfc822;bob@example.org",
            "original-message-id:",
            " <1@example.org>",
            "disposition: automatic-action/MDN-sent-automatically;",
            "\tDisplayed/warning");

    assertThat(mail.receipt())
        .contains(
            new DispositionReceipt(
                "bob@example.org", "", MailId.parse("<1@example.org>"), "displayed"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "message/delivery-status",
        "application/octet-stream",
        "message/rfc822"
      })
  void aPartOfAnotherTypeIsNoReceipt(String type) throws Exception {
    var mail =
        report(type, "Final-Recipient: rfc822; bob@example.org", "Disposition: a; displayed");

    assertThat(mail.receipt()).isEmpty();
    assertThat(mail.automatic()).isTrue();
  }

  @Test
  void withoutADispositionItIsNoReceiptButAMachinesMail() throws Exception {
    var mail = report("message/disposition-notification", "Final-Recipient: rfc822; b@example.org");

    assertThat(mail.receipt()).isEmpty();
    assertThat(mail.automatic()).isTrue();
  }

  @Test
  void controlCharactersNeitherEndAFieldNorBreakAnId() throws Exception {
    var mail =
        report(
            "message/disposition-notification",
            "Disposition: a; dele\u0000ted\u2028Disposition: a; displayed",
            "Original-Message-ID: <1@example.org\u0000>");

    assertThat(mail.receipt().orElseThrow().displayed()).isFalse();
  }

  @Test
  void aHugeOneIsCut() throws Exception {
    var mail =
        report(
            "message/disposition-notification",
            "Final-Recipient: rfc822; " + "x".repeat(1 << 20),
            "X: y\r\n\r\n".repeat(10_000) + "Disposition: a; displayed",
            "Original-Message-ID: <" + "y".repeat(1 << 20) + ">");

    assertThat(mail.receipt().map(DispositionReceipt::finalRecipient).orElse("").length())
        .isLessThanOrEqualTo(2000);
    assertThat(mail.receipt().flatMap(DispositionReceipt::original)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50, 200, 400, 600})
  void aTruncatedOneIsNeverAnError(int length) throws Exception {
    var octets = written("bridge.example", Optional.of(new MailId("<1@example.org>")));

    var mail = MailReader.read(java.util.Arrays.copyOf(octets, length));

    assertThat(mail.receipt().map(DispositionReceipt::disposition).orElse(""))
        .matches("|[a-z]{0,9}");
  }

  @Test
  void oneAddressInOneFieldAsks() throws Exception {
    var one = "Disposition-Notification-To: Bob <bob@example.org>";

    assertThat(read(one, "", "x").receiptTo()).contains(BOB);
    assertThat(read("X: y", "", "x").receiptTo()).isEmpty();
    assertThat(read(one, one, "", "x").receiptTo()).isEmpty();
    assertThat(read(one + ", <b@example.org>", "", "x").receiptTo()).isEmpty();
    assertThat(read(one, "Disposition-Notification-Options: a=REQUIRED,b", "", "x").receiptTo())
        .isEmpty();
    assertThat(read(one, "Disposition-Notification-Options: a=optional,b", "", "x").receiptTo())
        .contains(BOB);
  }
}
