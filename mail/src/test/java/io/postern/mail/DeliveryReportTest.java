package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryReportTest {
  private static final NamedMailbox POSTMASTER =
      new NamedMailbox("Postern", new Mailbox("postmaster", "bridge.example"));
  private static final Mailbox BOB = new Mailbox("bob", "mail.example");
  private static final Instant DATE = Instant.parse("2026-02-03T10:00:00Z");
  private static final MailId ID = new MailId("<n-1@bridge.example>");

  private static byte[] write(DeliveryReport report, String original) {
    return report.write(POSTMASTER, BOB, DATE, ID, original.getBytes(UTF_8));
  }

  @Test
  void readsBackWhatItWrote() throws Exception {
    var report =
        DeliveryReport.failed(
            "bridge.example", "env-1", new Mailbox("alice", "bridge.example"), "5.1.1", "no inbox");

    var mail =
        MailReader.read(write(report, "Message-ID: <M1@mail.example>\r\nSubject: hi\r\n\r\nbody"));

    var read = mail.report().orElseThrow();
    assertThat(read.reportingHost()).isEqualTo("bridge.example");
    assertThat(read.envelopeId()).isEqualTo("env-1");
    assertThat(read.recipients()).isEqualTo(report.recipients());
    assertThat(read.original()).contains(new MailId("<m1@mail.example>"));
    assertThat(read.failed()).isTrue();
    assertThat(mail.automatic()).isTrue();
    assertThat(mail.to()).extracting(NamedMailbox::mailbox).containsExactly(BOB);
    assertThat(ReadableMail.of(mail).text())
        .contains("could not be delivered to alice@bridge.example:\nno inbox");
  }

  @Test
  void returnsTheHeaderOnly() {
    var report = DeliveryReport.failed("h.example", "", BOB, "4.4.1", "late");

    assertThat(new String(write(report, "Subject: hi\r\n\r\nsecret"), UTF_8))
        .contains("Subject: hi")
        .doesNotContain("secret", "Original-Envelope-Id");
  }

  @Test
  void doesNotReturnWhoGotABlindCopy() {
    var report = DeliveryReport.failed("bridge.example", "", BOB, "5.1.1", "nobody");

    var written =
        new String(
            write(
                report,
                "Bcc: one@x.example,\r\n"
                    + " two@x.example\r\n"
                    + "Subject: hi\r\n"
                    + " there\r\n"
                    + "bCC : x3@x.example\r\n"
                    + "Resent-Bcc:\r\n"
                    + "\tfour@x.example\r\n"
                    + "X-Bcc-Note: stays\r\n\r\n"
                    + "secret"),
            UTF_8);

    assertThat(written)
        .contains("Subject: hi\r\n there\r\nX-Bcc-Note: stays")
        .doesNotContain("@x.example")
        .doesNotContain("secret");
  }

  @Test
  void letsNoLineEndThrough() throws Exception {
    var hostile = "x\r\nBcc: eve@evil.example\r\n\r\nforged\0\u202e";
    var report =
        DeliveryReport.failed(hostile, hostile, new Mailbox("ü", "mail.example"), "5.0.0", hostile);

    var octets = write(report, hostile);

    assertThat(new String(octets, UTF_8).replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
    var mail = MailReader.read(octets);
    assertThat(mail.header().has("Bcc")).isFalse();
    assertThat(mail.report().orElseThrow().recipients()).hasSize(1);
  }

  @Test
  void readsReportsThatLeaveThingsOut() throws Exception {
    var mail =
        MailReader.read(
            String.join(
                    "\r\n",
                    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
                    "",
                    "--b",
                    "",
                    "Sorry",
                    "--b",
                    "Content-Type: message/delivery-status",
                    "",
                    "Reporting-MTA: dns;h.example",
                    "",
                    "Final-Recipient: RFC822;a@x.example",
                    "Action: FAILED (user unknown)",
                    "Status: 5.1.1 (bad)",
                    "",
                    "Original-Recipient: rfc822; b@x.example",
                    "Status: 4.2.2",
                    "",
                    "Final-Recipient: rfc822; c@x.example",
                    "Action: delivered",
                    "--b--")
                .getBytes(UTF_8));

    assertThat(mail.report().orElseThrow().recipients())
        .extracting(status -> status.recipient() + " " + status.action() + " " + status.status())
        .containsExactly(
            "a@x.example FAILED 5.1.1", "b@x.example DELAYED 4.2.2", "c@x.example DELIVERED 2.0.0");
  }

  @ParameterizedTest(name = "{0} and \"{1}\"")
  @CsvSource({
    "5.0.0, 550 5.1.1 No such user here, 5.1.1",
    "5.0.0, 550-5.2.2 The mailbox is full, 5.2.2",
    "5.0.0, 'host mx.x.example said: 552 5.3.4 Too large', 5.3.4",
    "5.0.0, 451 4.2.2 Later, 5.0.0",
    "5.0.0, see 1.550 5.1.1.7 for more, 5.0.0",
    "5.0.0, 550 No such user here, 5.0.0",
    "5.4.4, 550 5.1.1 No such user here, 5.4.4"
  })
  void aStatusOfNothingIsMadeExactByWhatTheServerSaid(
      String status, String diagnostic, String expected) throws Exception {
    var mail =
        MailReader.read(
            String.join(
                    "\r\n",
                    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
                    "",
                    "--b",
                    "Content-Type: message/delivery-status",
                    "",
                    "Reporting-MTA: dns;h.example",
                    "",
                    "Final-Recipient: RFC822;a@x.example",
                    "Action: failed",
                    "Status: " + status,
                    "Diagnostic-Code: smtp; " + diagnostic,
                    "--b--")
                .getBytes(UTF_8));

    assertThat(mail.report().orElseThrow().recipients())
        .extracting(DeliveryReport.RecipientStatus::status)
        .containsExactly(expected);
  }
}
