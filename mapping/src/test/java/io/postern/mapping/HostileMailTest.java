package io.postern.mapping;

import static io.postern.mapping.IncomingMail.introduced;
import static io.postern.mapping.IncomingMail.mail;
import static io.postern.mapping.IncomingMail.parts;
import static io.postern.mapping.IncomingMail.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.ContentCodec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever a mail holds: messages that can be sent, and lines of ours that only we write. */
class HostileMailTest {
  private static final Circumstances NEW = Circumstances.newThread(IncomingMail.RECEIVED);

  @Test
  void aSubjectStaysOnItsLine() {
    var subject = "Subject: =?UTF-8?Q?a=0D=0A=0ACc:_Carol=E2=80=AE?=\n";

    assertEquals("Subject: a Cc: Carol\n\nhi", text(mail(subject, "hi\n"), NEW));
  }

  @Test
  void anIntroductionStaysOnItsLine() {
    assertEquals(
        "Bob Subject: forged\n\nhi", text(mail("", "hi\n"), introduced("Bob\nSubject: forged")));
  }

  @Test
  void aPlaceForAnswersStaysOnItsLine() {
    var field = "Reply-To: =?UTF-8?Q?x=0ASent=3A_never?= <eve@evil.example>\n";

    assertEquals(
        "Replies go to: x Sent: never <eve@evil.example>\n\nhi", text(mail(field, "hi\n"), NEW));
  }

  @Test
  void aFileNameIsNoPathAndTurnsNothingAround() {
    var parts =
        parts(
            mail(
                "Content-Type: multipart/mixed; boundary=b\n",
                "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment;\n"
                    + " filename*=UTF-8''..%2F..%2Fetc%2F%E2%80%AEgpj.exe%0D%0A\n\nx\n--b--\n"),
            NEW);

    var file = (Attachment) parts.get(0).content();
    assertEquals("gpj.exe", file.filename().orElseThrow());
  }

  @Test
  void aTextOfMegabytesIsCut() {
    var parts = parts(mail("", "x y ".repeat(750_000)), NEW);

    assertEquals(1, parts.size());
    assertTrue(parts.get(0).content().summary().orElseThrow().length() < 11_000);
    assertTrue(
        parts
            .get(0)
            .content()
            .summary()
            .orElseThrow()
            .endsWith("📎 message.txt (3.0 MB) was not delivered: too large"));
  }

  @Test
  void anyOctetsBecomeMessagesThatCanBeSentOrAreNoMail() throws Exception {
    var random = new SplittableRandom(11);
    var seed =
        ("From: Bob <bob@mail.example>, c@x.example\nReply-To: d@x.example\nSubject: Re: lunch\n"
                + "In-Reply-To: <x@y.example>\nDate: Tue, 03 Feb 2020 10:00:00 +0100\n"
                + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n"
                + "<p>a <b>b</b><blockquote>c</blockquote>\n--b\nContent-Type: text/calendar\n\n"
                + "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n--b\nContent-Type: message/rfc822\n\n"
                + "Subject: inner\n\nx\n--b--\n")
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 2000; round++) {
      var octets = Arrays.copyOf(seed, random.nextInt(seed.length + 1));
      for (int i = random.nextInt(1 + octets.length / 30); i > 0; i--) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      }
      sendable(octets, Circumstances.Form.values()[round % 2]);
    }
  }

  private static void sendable(byte[] octets, Circumstances.Form form) throws Exception {
    io.postern.mail.Mail mail;
    try {
      mail = MailReader.read(octets);
    } catch (MailException unreadable) {
      // Refused in the SMTP dialogue; nothing to translate.
      return;
    }
    var circumstances = IncomingMail.inForm(form, Circumstances.Quotes.CUT);
    if (IncomingMail.convert(mail, circumstances) instanceof MailToContent.Result.Messages some) {
      for (var part : some.parts()) {
        assertFalse(ContentCodec.encode(part.content()).length > ContentCodec.MAX_ENCODED_BYTES);
      }
    }
  }
}
