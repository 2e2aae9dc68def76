package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.Test;

class MailDigestTest {
  private static final Instant DATE = Instant.parse("2026-02-03T07:00:00Z");
  private static final NamedMailbox BOB = NamedMailbox.of(new Mailbox("bob", "example.org"));
  private static final NamedMailbox DIGESTS =
      new NamedMailbox("Messages by XMTP", new Mailbox("xmtp-digest", "bridge.example"));

  /** Every way to end a line, hide one or turn it around. */
  private static final String HOSTILE =
      "a\r\nBcc: eve@evil.example\r\n\r\nforged\n--=_\r\n.\rb\0c\u0085d\u2028e\u2029f\u202eg\u001bi"
          + "\nAnswer: <mailto:eve@evil.example>\n</blockquote><a href=\"mailto:eve@evil\">";

  private static Attachment file(String name, byte[] octets) {
    return Attachment.of(name, "application/octet-stream", octets);
  }

  private static Draft mail(int i, String subject, Draft.Body body) {
    return Draft.of(
        new NamedMailbox("peer" + i + " (via XMTP)", new Mailbox("0x" + i, "bridge.example")),
        BOB,
        DATE,
        new MailId("<x-" + i + "@bridge.example>"),
        subject,
        body);
  }

  private static MailDigest digest(Draft... mails) {
    return new MailDigest(
        DIGESTS,
        BOB,
        DATE,
        new MailId("<d-1@bridge.example>"),
        List.of(mails),
        List.of(new MailHeader.Field("X-XMTP-Bridge", "bridge.example")));
  }

  private static MailDigest two(String text) {
    return digest(
        mail(1, "Re: lunch", new Draft.Text(text)), mail(2, "Re: tea", new Draft.Text("tea?")));
  }

  private static Message parsed(MailDigest digest) throws Exception {
    return new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(digest.write()));
  }

  private static List<Message> parts(MailDigest digest) throws Exception {
    var mixed = (Multipart) parsed(digest).getBody();
    var mails = (Multipart) mixed.getBodyParts().get(1).getBody();
    assertThat(mixed.getBodyParts().get(1).getMimeType()).isEqualTo("multipart/digest");
    var found = new ArrayList<Message>();
    mails.getBodyParts().forEach(part -> found.add((Message) part.getBody()));
    return found;
  }

  private static String plain(MailDigest digest) throws Exception {
    return MailReader.read(digest.write()).bodies().get(0).plain().orElseThrow();
  }

  private static String html(MailDigest digest) throws Exception {
    return MailReader.read(digest.write()).bodies().get(0).html().orElseThrow();
  }

  @Test
  void holdsTheMailsAsTheyWouldHaveCome() throws Exception {
    var first = mail(1, "Re: lunch", new Draft.Text("noon?"));
    var second =
        mail(2, "Re: tea", new Draft.Markdown("*tea*"))
            .withAttachments(List.of(file("a.bin", new byte[5000])));
    var digest = digest(first, second);

    var parts = parts(digest);

    assertThat(parts)
        .extracting(Message::getMessageId)
        .containsExactly("<x-1@bridge.example>", "<x-2@bridge.example>");
    assertThat(parts).extracting(Message::getSubject).containsExactly("Re: lunch", "Re: tea");
    var text = new String(digest.write(), StandardCharsets.US_ASCII);
    assertThat(text).contains(new String(MailWriter.write(first), StandardCharsets.US_ASCII));
    assertThat(text).contains(new String(MailWriter.write(second), StandardCharsets.US_ASCII));
  }

  @Test
  void saysThatAMachineMadeItAndWhereItComesFrom() throws Exception {
    var mail = MailReader.read(two("noon?").write());

    assertThat(mail.automatic()).isTrue();
    assertThat(mail.automaticReply()).isFalse();
    assertThat(mail.from()).containsExactly(DIGESTS);
    assertThat(mail.to()).containsExactly(BOB);
    assertThat(mail.subject()).isEqualTo("Messages in 2 conversations");
    assertThat(mail.id()).contains(new MailId("<d-1@bridge.example>"));
    assertThat(mail.receiptTo()).isEmpty();
    assertThat(mail.header().first("X-XMTP-Bridge").map(String::strip)).contains("bridge.example");
  }

  @Test
  void eachPartHasALinkToItsAnswer() throws Exception {
    var link =
        "mailto:0x1@bridge.example?subject=Re%3A%20lunch&In-Reply-To=%3Cx-1%40bridge.example%3E";

    assertThat(plain(two("noon?")))
        .contains("== 1. peer1 (via XMTP) <0x1@bridge.example>\n")
        .contains("\n| noon?\n")
        .contains("\nAnswer: <" + link + ">\n")
        .contains("reaches nobody");
    assertThat(html(two("noon?")))
        .contains("<blockquote>noon?</blockquote>")
        .contains("<a href=\"" + link.replace("&", "&amp;") + "\">Answer peer1 (via XMTP)");
  }

  @Test
  void whatPeersSayIsTakenForNothingOfOurs() throws Exception {
    var digest =
        digest(mail(1, HOSTILE, new Draft.Text(HOSTILE)), mail(2, "tea", new Draft.Text("tea?")));

    var header = MailReader.read(digest.write()).header();
    assertThat(header.has("Bcc")).isFalse();
    assertThat(parts(digest)).hasSize(2);
    assertThat(plain(digest).lines().filter(line -> line.startsWith("Answer: ")))
        .hasSize(2)
        .allMatch(line -> line.startsWith("Answer: <mailto:0x"));
    assertThat(plain(digest).lines().filter(line -> line.contains("eve@")))
        .allMatch(line -> line.startsWith("| ") || line.startsWith("Subject: "));
    assertThat(html(digest)).doesNotContain("<a href=\"mailto:eve");
    assertThat(html(digest).split("</blockquote>", -1)).hasSize(3);
  }

  @Test
  void noLineIsSoLongThatItsEndLosesTheBar() throws Exception {
    var text = "word ".repeat(100) + "\u00a0".repeat(300) + "x".repeat(500) + " end";

    assertThat(plain(two(text)).lines().filter(line -> line.startsWith("| ")))
        .hasSizeGreaterThan(10)
        .allMatch(line -> line.codePointCount(0, line.length()) <= 74);
  }

  @Test
  void aLongTextIsCutOnThePageAndWholeInItsPart() throws Exception {
    for (var text : List.of("line\n".repeat(200), "\ud83d\ude00".repeat(5000))) {
      assertThat(plain(two(text))).contains("… (the rest is in the attached mail)");
      assertThat(plain(two(text)).length()).isLessThan(12_000);
    }
    assertThat(plain(two("short"))).doesNotContain("the rest is");
  }

  @Test
  void tellsOfFilesAndReactions() throws Exception {
    var file = file("a.txt", new byte[] {1});
    var reaction =
        mail(2, "Re: tea", new Draft.Reaction(List.of("👍"), "peer2", "tea?"))
            .answering(new MailId("<1@example.org>"), List.of());

    var page =
        plain(digest(mail(1, "s", new Draft.Text("see")).withAttachments(List.of(file)), reaction));

    assertThat(page).contains("(with 1 file)").contains("| reacted 👍 to “tea?”");
  }

  @Test
  void showsWordsOfOursBelowTheAnswer() throws Exception {
    var text = new Draft.Text("tea?", Optional.empty(), "To end it, write to\nblock@b.example");
    var digest = digest(mail(1, "s", text), mail(2, "s", new Draft.Text("x")));

    assertThat(plain(digest)).containsPattern("Answer: <[^>]*>\nTo end it, write to\nblock@b");
    assertThat(html(digest)).contains("<p>To end it, write to<br>\nblock@b.example</p>");
  }

  @Test
  void refusesWhatCannotStandInAnother() {
    var one = mail(1, "s", new Draft.Text("x"));
    var answer = mail(2, "s", new Draft.CalendarAnswer(new Draft.Text("yes"), "BEGIN:VCALENDAR"));
    var foreign = one.withTo(List.of(NamedMailbox.of(new Mailbox("börje", "example.org"))));

    assertThat(MailDigest.canHold(one)).isTrue();
    assertThat(MailDigest.canHold(answer)).isFalse();
    assertThat(MailDigest.canHold(foreign)).isFalse();
    for (var mails : List.of(List.of(one), List.of(one, answer), List.of(one, foreign))) {
      assertThatThrownBy(() -> digest(mails.toArray(Draft[]::new)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theSameMailsGiveTheSameOctetsInAscii() {
    var octets = two("größer").write();

    assertThat(octets).isEqualTo(two("größer").write());
    for (byte octet : octets) {
      assertThat(octet).isPositive();
    }
    assertThat(
            Arrays.stream(new String(octets, StandardCharsets.US_ASCII).split("\r\n"))
                .mapToInt(String::length)
                .max()
                .orElseThrow())
        .isLessThan(999);
  }
}
