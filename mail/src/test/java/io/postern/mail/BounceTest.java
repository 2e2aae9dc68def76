package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class BounceTest {
  private static final String RETURNED =
      "\n--- Below this line is a copy of the message.\n\n"
          + "Return-Path: <b-1@bridge.example>\nFrom: <0x1@bridge.example>\nTo: <bob@mail.example>\n"
          + "Message-ID: <x-1@bridge.example>\nSubject: hi\n\nhello carol@other.example failed\n";

  private static Optional<DeliveryReport> read(String header, String text) throws Exception {
    var mail = "From: MAILER-DAEMON@mail.example\n" + header + "\n" + text;
    return Bounce.read(MailReader.read(mail.replace("\n", "\r\n").getBytes(UTF_8)));
  }

  private static String told(Optional<DeliveryReport> report) {
    assertThat(report).isPresent();
    var recipients = report.get().recipients();
    assertThat(recipients).hasSize(1);
    var status = recipients.get(0);
    return status.recipient() + " " + status.action() + " " + status.status();
  }

  @Test
  void readsAnAddressAndTheAnswerOfItsServer() throws Exception {
    var report =
        read(
            "To: <b-1@bridge.example>\nSubject: failure notice\n",
            "Hi. This is the mail program at mail.example.\nI could not deliver your message.\n\n"
                + "<bob@mail.example>:\nRemote host said: 550 5.1.1 no mailbox here by that name\n"
                + RETURNED);

    assertThat(told(report)).isEqualTo("bob@mail.example FAILED 5.1.1");
    assertThat(report.get().original()).contains(new MailId("<x-1@bridge.example>"));
    assertThat(report.get().recipients().get(0).diagnostic()).contains("no mailbox here");
  }

  @Test
  void believesTheFieldThatNamesWhoFailed() throws Exception {
    var report =
        read(
            "To: <b-1@bridge.example>\nX-Failed-Recipients: bob@mail.example\n"
                + "Subject: Mail delivery failed\n",
            "A message could not be delivered:\n\n  bob@mail.example\n    Unrouteable address\n"
                + "  ask postmaster@mail.example: user unknown\n");

    assertThat(told(report)).isEqualTo("bob@mail.example FAILED 5.0.0");
  }

  @Test
  void tellsADelayFromAFailure() throws Exception {
    var report =
        read(
            "To: <b-1@bridge.example>\nSubject: Warning: message delayed 24 hours\n",
            "Your message has been delayed. No action is required on your part.\n\n"
                + "  bob@mail.example\n    host mx.mail.example: 451 4.2.1 try again\n");

    assertThat(told(report)).isEqualTo("bob@mail.example DELAYED 4.2.1");
  }

  @Test
  void believesADaemonThatCallsItsReportAReply() throws Exception {
    var report =
        read(
            "To: <b-1@bridge.example>\nFrom: mailer-daemon@mx.example\n"
                + "Auto-Submitted: auto-replied\nSubject: Mail delivery failed\n",
            "The following address failed:\n\nbob@mail.example:\n550 5.1.1 no such user\n");

    assertThat(told(report)).isEqualTo("bob@mail.example FAILED 5.1.1");
  }

  @Test
  void takesNoHolidayReplyForABounce() throws Exception {
    assertThat(
            read(
                "To: <b-1@bridge.example>\nAuto-Submitted: auto-replied\nSubject: Automatic reply\n",
                "I am unavailable until Monday; write to carol@mail.example.\n"))
        .isEmpty();
  }

  @Test
  void namesNeitherTheSenderNorThePostmaster() throws Exception {
    assertThat(
            read(
                "To: <b-1@bridge.example>\nSubject: Undeliverable\n",
                "<b-1@bridge.example>: your mail failed; ask postmaster@mail.example\n"))
        .isEmpty();
  }

  @Test
  void whatIsReturnedTellsNothingOfTheFailure() throws Exception {
    var report =
        read(
            "To: <b-1@bridge.example>\nSubject: Undelivered\n",
            "The user is unknown here.\n" + RETURNED);

    assertThat(told(report)).isEqualTo("bob@mail.example FAILED 5.0.0");
  }

  @Test
  void readsWhatIsCutOrDamagedToItsEnd() throws Exception {
    var random = new SplittableRandom(7);
    var whole =
        ("From: MAILER-DAEMON@mail.example\nSubject: failure notice\n\n<bob@mail.example>:\n550 no\n"
                + RETURNED)
            .replace("\n", "\r\n")
            .getBytes(UTF_8);
    for (int i = 1; i < whole.length; i++) {
      var cut = Arrays.copyOf(whole, i);
      cut[random.nextInt(cut.length)] = (byte) random.nextInt(256);
      assertThat(Bounce.read(MailReader.read(cut))).isNotNull();
    }
  }

  @Test
  void readsHugeTextToItsEnd() throws Exception {
    var header = "To: <b-1@bridge.example>\nSubject: Undelivered\n";
    var lines = "<bob@mail.example>: 550 failed a@b.example ".repeat(20) + "\n";
    var hostile =
        List.of(
            lines.repeat(20_000),
            "user unknown\nReceived: x\nDate: y\nTo: z\n" + "\n".repeat(200_000),
            "user unknown\n" + ("\t" + " ".repeat(980) + "a@b.example\n").repeat(100),
            "user unknown\n" + (">".repeat(980) + "a@b.example\n").repeat(100),
            "user unknown " + "a".repeat(200_000),
            "user unknown " + "a.".repeat(200_000) + "@" + "b.".repeat(200_000),
            "user unknown\n" + "<a@b.example> ".repeat(20_000));

    Assertions.assertTimeoutPreemptively(
        // Not a measure of speed: a pattern that runs away is found here.
        Duration.ofMinutes(1),
        () -> {
          for (var text : hostile) {
            var found = read(header, text).map(report -> report.recipients().size());
            assertThat(found.orElse(0)).isLessThanOrEqualTo(50);
          }
        });
  }
}
