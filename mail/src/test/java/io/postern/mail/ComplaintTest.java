package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports of the RFC 5965 form, from providers and from people who write them by hand. */
class ComplaintTest {
  private static final String PATH = "b-0123456789abcdef0123456789abcdef@bridge.example";

  private static String report(String type, String feedback, String returnedType, String header) {
    return String.join(
        "\r\n",
        "From: <fbl@provider.example>",
        "To: <abuse@bridge.example>",
        "Subject: complaint",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=" + type + "; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Somebody complained.",
        "--b",
        "Content-Type: message/feedback-report",
        "",
        feedback,
        "--b",
        "Content-Type: " + returnedType,
        "",
        header,
        "",
        "text",
        "--b--",
        "");
  }

  private static String abuse() {
    return report(
        "feedback-report",
        "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nOriginal-Mail-From: <"
            + PATH
            + ">",
        "message/rfc822",
        "Return-Path: <" + PATH + ">\r\nMessage-ID: <x-1@bridge.example>\r\nSubject: hi");
  }

  private static Optional<Complaint> read(String mail) throws MailException {
    return Complaint.read(MailReader.read(mail.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsWhatTheMailWasKnownBy() throws Exception {
    var complaint = read(abuse()).orElseThrow();

    assertThat(complaint.kind()).isEqualTo("abuse");
    assertThat(complaint.isAgainstMail()).isTrue();
    assertThat(complaint.reversePaths()).containsExactly(Mailbox.parse(PATH));
    assertThat(complaint.original()).contains(new MailId("<x-1@bridge.example>"));
  }

  @Test
  void aHeaderAloneMayBeReturned() throws Exception {
    var mail =
        report(
            "feedback-report",
            "Feedback-Type: opt-out\r\nVersion: 0.1",
            "text/rfc822-headers",
            "Message-ID: <x-2@bridge.example>");

    var complaint = read(mail).orElseThrow();

    assertThat(complaint.isAgainstMail()).isTrue();
    assertThat(complaint.reversePaths()).isEmpty();
    assertThat(complaint.original()).contains(new MailId("<x-2@bridge.example>"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auth-failure", "not-spam", "other", "", "abuse and more"})
  void otherKindsAreAgainstNoMail(String kind) throws Exception {
    var mail = abuse().replace("Feedback-Type: abuse", "Feedback-Type: " + kind);

    assertThat(read(mail).orElseThrow().isAgainstMail()).isFalse();
  }

  @Test
  void otherReportsAndMailsAreNoComplaints() throws Exception {
    assertThat(read(abuse().replace("report-type=feedback-report", "report-type=delivery-status")))
        .isEmpty();
    assertThat(read(abuse().replace("multipart/report", "multipart/mixed"))).isEmpty();
    assertThat(read(abuse().replace("message/feedback-report", "text/plain"))).isEmpty();
    assertThat(read("Subject: abuse\r\n\r\nFeedback-Type: abuse\r\n")).isEmpty();
  }

  @Test
  void whatIsNoAddressIsPassedOver() throws Exception {
    var mail =
        report(
            "feedback-report",
            "Feedback-Type: abuse\r\nOriginal-Mail-From: <b-1@bridge.example>\u0000<victim>",
            "message/rfc822",
            "Return-Path: b-2@bridge.example\u0000x\r\n y@z\r\nMessage-ID: none");

    var complaint = read(mail).orElseThrow();

    assertThat(complaint.reversePaths()).isEmpty();
    assertThat(complaint.original().map(MailId::value).orElse("")).doesNotContain("\r", "\n", " ");
  }

  @Test
  void aBareCarriageReturnBeginsNoFieldOfTheReturnedMail() throws Exception {
    var mail = abuse().replace("Subject: hi", "Subject: hi\rReturn-Path: <other@bridge.example>");

    assertThat(read(mail).orElseThrow().reversePaths()).containsExactly(Mailbox.parse(PATH));
  }

  @Test
  void ofTwoReportsInOneMailTheFirstCounts() throws Exception {
    var second =
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: fraud\r\n--b--";
    var mail = abuse().replace("--b--", second);

    assertThat(read(mail).orElseThrow().kind()).isEqualTo("abuse");
  }

  @Test
  void aHugeReportIsLookedAtToItsLimit() throws Exception {
    var filler = "X-Filler: " + "x".repeat(60) + "\r\n";
    var mail =
        report(
            "feedback-report",
            filler.repeat(20_000) + "Feedback-Type: abuse",
            "message/rfc822",
            filler.repeat(1500) + "Return-Path: <" + PATH + ">");

    var complaint = read(mail).orElseThrow();

    assertThat(complaint.isAgainstMail()).isFalse();
    assertThat(complaint.reversePaths()).isEmpty();
  }

  @Test
  void noTruncationBreaksTheReader() throws Exception {
    var octets = abuse().getBytes(StandardCharsets.UTF_8);

    for (int length = 1; length < octets.length; length++) {
      var cut = MailReader.read(Arrays.copyOf(octets, length));
      Complaint.read(cut)
          .ifPresent(read -> assertThat(read.reversePaths().size()).isLessThanOrEqualTo(1));
    }
  }

  @Test
  void knowsTheComplaintsOfSisimai() throws Exception {
    Set<String> kinds = new TreeSet<>();
    int complaints = 0;
    int traced = 0;
    for (var file : Suites.files("sisimai")) {
      var octets = Files.readAllBytes(file);
      var text = new String(octets, StandardCharsets.ISO_8859_1);
      if (!file.toString().endsWith(".eml") || !text.contains("feedback-report")) {
        continue;
      }
      var complaint = Complaint.read(MailReader.read(octets));
      assertThat(complaint).as(file.getFileName().toString()).isPresent();
      complaints++;
      kinds.add(complaint.get().kind());
      boolean known =
          complaint.get().original().isPresent() || !complaint.get().reversePaths().isEmpty();
      traced += known ? 1 : 0;
    }

    System.out.printf(
        "sisimai: %d complaints, %d name their mail, %s%n", complaints, traced, kinds);
    assertThat(complaints).isEqualTo(13);
    assertThat(traced).isEqualTo(13);
    assertThat(kinds).containsExactly("abuse", "auth-failure", "opt-out");
  }
}
