package io.postern.mapping;

import static io.postern.mapping.IncomingMail.answered;
import static io.postern.mapping.IncomingMail.circumstances;
import static io.postern.mapping.IncomingMail.inForm;
import static io.postern.mapping.IncomingMail.introduced;
import static io.postern.mapping.IncomingMail.lunch;
import static io.postern.mapping.IncomingMail.mail;
import static io.postern.mapping.IncomingMail.parts;
import static io.postern.mapping.IncomingMail.person;
import static io.postern.mapping.IncomingMail.text;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.OutgoingLines.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Body;
import io.postern.mail.Mail;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** spec/content-types.md §10.3, §10.6, §10.9, §10.12. */
class MailToContentTest {
  private static final String ANSWER = "Subject: Re: lunch\nIn-Reply-To: <x@bridge.example>\n";
  private static final Circumstances NEW = Circumstances.newThread(IncomingMail.RECEIVED);

  private static Mail withFiles(String text, String... files) {
    var parts = new StringBuilder();
    for (int i = 0; i < files.length; i++) {
      parts.append(
          "--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
              + "Content-Disposition: attachment; filename=\"f"
              + i
              + ".bin\"\n\n"
              + Base64.getMimeEncoder().encodeToString(files[i].getBytes(StandardCharsets.UTF_8))
              + "\n");
    }
    return mail(
        ANSWER + "Content-Type: multipart/mixed; boundary=b\n",
        "--b\nContent-Type: text/plain\n\n" + text + "\n" + parts + "--b--\n");
  }

  @Test
  void tellsItsReaderHowFarTheAuthorIsVerified() {
    assertEquals(
        "by way of a list\n\nhi",
        text(mail(ANSWER, "hi\n"), IncomingMail.cautioned("by way of\na list")));
  }

  @Test
  void aNewThreadShowsItsSubjectOnce() {
    assertEquals("Subject: Hello\n\nhi", text(mail("Subject: Hello\n", "hi\n"), NEW));
    assertEquals("hi", text(mail(ANSWER, "hi\n"), lunch()));
  }

  @Test
  void aChangedSubjectIsShown() {
    assertEquals(
        "Subject: dinner (was: lunch)\n\nhi",
        text(mail("Subject: dinner (was: lunch)\nIn-Reply-To: <x@y.example>\n", "hi\n"), lunch()));
  }

  @Test
  void anAnswerInAForgottenThreadShowsItsSubject() {
    assertEquals("Subject: Re: lunch\n\nhi", text(mail(ANSWER, "hi\n"), NEW));
  }

  @Test
  void aNewMailUnderAnOldSubjectShowsIt() {
    assertEquals("Subject: lunch\n\nhi", text(mail("Subject: lunch\n", "hi\n"), lunch()));
  }

  @Test
  void aChatClientHasNoSubjects() {
    assertEquals("hi", text(mail("Subject: Chat: hi\nChat-Version: 1.0\n", "hi\n"), NEW));
  }

  @Test
  void anAnswerToTheNewestMessageIsPlainText() {
    var parts = parts(mail(ANSWER, "yes\n"), lunch(answered("<x@bridge.example>", 1, true)));

    assertEquals(List.of(new MailToContent.Part(new Text("yes"), true)), parts);
  }

  @Test
  void anAnswerToAnOlderMessageIsAReply() {
    var parts = parts(mail(ANSWER, "yes\n"), lunch(answered("<x@bridge.example>", 1, false)));

    assertEquals(Reply.to(id(1), inbox(1).value(), new Text("yes")), parts.get(0).content());
  }

  @Test
  void amongMoreThanTwoEveryAnswerIsAReply() {
    var among = circumstances(3, Set.of(), answered("<x@bridge.example>", 1, true));

    assertInstanceOf(Reply.class, parts(mail(ANSWER, "yes\n"), among).get(0).content());
  }

  @Test
  void theFirstMessageOfADmOpensWithWhoWrites() {
    var line = "bob@mail.example, by mail via bridge.example";

    assertEquals(
        line + "\nSubject: Hello\n\nhi", text(mail("Subject: Hello\n", "hi\n"), introduced(line)));
    assertEquals(line + "\n\nhi", text(mail("", "hi\n"), introduced(line)));
  }

  @Test
  void furtherRecipientsAreNamedUpToFive() {
    var others = IntStream.rangeClosed(1, 7).mapToObj(IncomingMail::person).toList();

    var text =
        text(
            mail("Subject: Hello\n", "hi\n"),
            introduced("Bob", others.toArray(io.postern.mail.NamedMailbox[]::new)));

    assertEquals(
        "Bob\nSubject: Hello\nCc: P1 <p1@mail.example>, P2 <p2@mail.example>, P3"
            + " <p3@mail.example>, P4 <p4@mail.example>, P5 <p5@mail.example> and 2 more\n\nhi",
        text);
    assertEquals(
        "Bob\nCc: P1 <p1@mail.example>\n\nhi",
        text(mail("", "hi\n"), introduced("Bob", person(1))));
  }

  @Test
  void aMailThatWasLongUnderWaySaysWhenItWasSent() {
    var late = Circumstances.newThread(IncomingMail.RECEIVED.plus(Duration.ofDays(2)));

    assertEquals("Sent: 2026-02-03 09:00 UTC\n\nhi", text(mail("", "hi\n"), late));
  }

  @Test
  void anotherPlaceForAnswersIsShownAtTheStart() {
    var field = "Reply-To: Office <office@mail.example>\n";

    assertEquals(
        "Replies go to: Office <office@mail.example>\n\nhi", text(mail(field, "hi\n"), NEW));
    assertEquals("hi", text(mail(ANSWER + field, "hi\n"), lunch()));
    assertEquals("hi", text(mail("Reply-To: BOB@mail.example\n", "hi\n"), NEW));
  }

  @Test
  void anEmptyMailSaysSo() {
    assertEquals("(empty message)", text(mail("", "\n"), NEW));
    assertEquals("(empty message)", text(mail(ANSWER, "\n"), lunch()));
    assertEquals("Subject: Ping", text(mail("Subject: Ping\n", "\n"), NEW));
    assertEquals("Bob\n\n(empty message)", text(mail("", "\n"), introduced("Bob")));
  }

  @Test
  void filesFollowTheText() {
    var parts = parts(withFiles("look", "one", "two"), lunch());

    assertEquals(
        List.of(
            new Text("look"),
            Attachment.of(
                "f0.bin", "application/octet-stream", "one".getBytes(StandardCharsets.UTF_8)),
            Attachment.of(
                "f1.bin", "application/octet-stream", "two".getBytes(StandardCharsets.UTF_8))),
        parts.stream().map(MailToContent.Part::content).toList());
    assertTrue(parts.stream().allMatch(MailToContent.Part::push));
  }

  @Test
  void withoutTextTheFirstFileIsTheReply() {
    var parts = parts(withFiles("", "one", "two"), lunch(answered("<x@bridge.example>", 1, false)));

    assertInstanceOf(
        Attachment.class, assertInstanceOf(Reply.class, parts.get(0).content()).content());
    assertInstanceOf(Attachment.class, parts.get(1).content());
  }

  @Test
  void aFileThatDoesNotFitIsNamed() {
    var parts = parts(withFiles("look", "x".repeat(1_000_000), "two"), lunch());

    assertEquals(
        new Text("look\n\n📎 f0.bin (1.0 MB) was not delivered: too large"),
        parts.get(0).content());
    assertEquals(2, parts.size());
  }

  @Test
  void aFileThatCannotFitIsNotRead() {
    var film = new CountedBody(2_000_000);

    var parts = parts(withFile(film), lunch());

    assertEquals(
        new Text("look\n\n📎 film.mp4 (2.0 MB) was not delivered: too large"),
        parts.get(0).content());
    assertEquals(0, film.opened);
  }

  @ParameterizedTest
  @CsvSource({"998976, 0", "998977, 1", "999999, 1"})
  void aFileIsReadOnlyNearTheLimitToSeeWhetherItFits(int octets, int times) {
    var film = new CountedBody(octets);

    parts(withFile(film), lunch());

    assertEquals(times, film.opened);
  }

  @Test
  void aFileWithTheLongestNamesThatIsNotReadFits() throws Exception {
    var file =
        new io.postern.mail.Attachment(
            "\u00fc".repeat(200),
            "text/calendar; method=" + "x".repeat(20),
            Optional.empty(),
            false,
            new CountedBody(ContentCodec.MAX_ENCODED_BYTES - 1024));
    var type = "a/" + "x".repeat(125);
    var odd =
        new io.postern.mail.Attachment(file.filename(), type, Optional.empty(), false, file.body());

    for (var part : parts(withFiles(file, odd), lunch())) {
      assertTrue(ContentCodec.encode(part.content()).length <= ContentCodec.MAX_ENCODED_BYTES);
    }
  }

  @Test
  void aFileIsReadAnewForEachTimeThatItsMessageIsAskedFor() {
    var film = new CountedBody(100_000);
    var parts = parts(withFile(film), lunch());
    int before = film.opened;

    assertEquals(parts.get(1), parts.get(1));

    assertEquals(before + 2, film.opened);
    assertEquals(new Text("look"), parts.get(0).content());
    assertEquals(before + 2, film.opened);
  }

  private static Mail withFile(Body body) {
    return withFiles(
        new io.postern.mail.Attachment("film.mp4", "video/mp4", Optional.empty(), false, body));
  }

  private static Mail withFiles(io.postern.mail.Attachment... files) {
    var mail = mail(ANSWER, "look\n");
    return new Mail(
        mail.header(),
        mail.bodies(),
        mail.notes(),
        List.of(files),
        mail.reaction(),
        mail.report(),
        mail.receipt(),
        mail.encryption());
  }

  private static final class CountedBody implements Body {
    private final int size;
    private int opened;

    CountedBody(int size) {
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public InputStream open() {
      opened++;
      return new ByteArrayInputStream(new byte[size]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {999_600, 999_700, 999_750, 999_780, 999_800, 999_830, 999_860, 999_900})
  void everyPartCanBeSent(int octets) throws Exception {
    var answered = lunch(answered("<x@bridge.example>", 1, false));

    for (var part : parts(withFiles("", "x".repeat(octets)), answered)) {
      assertTrue(ContentCodec.encode(part.content()).length <= ContentCodec.MAX_ENCODED_BYTES);
    }
  }

  @Test
  void moreFilesThanAConversationBearsAreNamed() {
    var files = IntStream.range(0, MailToContent.MAX_FILES + 2).mapToObj(n -> "x" + n);

    var parts = parts(withFiles("look", files.toArray(String[]::new)), lunch());

    assertEquals(1 + MailToContent.MAX_FILES, parts.size());
    assertEquals(
        new Text(
            "look\n\n📎 f100.bin was not delivered: too many files\n"
                + "📎 f101.bin was not delivered: too many files"),
        parts.get(0).content());
  }

  @Test
  void aLongTextIsCutAndGoesAlongWhole() {
    var whole = "è".repeat(MailToContent.SHOWN_CHARACTERS + 1);

    var parts = parts(mail(ANSWER + "Content-Type: text/plain; charset=utf-8\n", whole), lunch());

    assertEquals(
        new Text("è".repeat(MailToContent.SHOWN_CHARACTERS) + "\n\n… (continues in message.txt)"),
        parts.get(0).content());
    assertEquals(
        Attachment.of("message.txt", "text/plain", whole.getBytes(StandardCharsets.UTF_8)),
        parts.get(1).content());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Auto-Submitted: auto-generated\n",
        "Precedence: bulk\n",
        "List-Id: <x.lists.example>\n",
        "X-Auto-Response-Suppress: All\n"
      })
  void whatMachinesAndListsSendDoesNotRing(String field) {
    assertFalse(parts(mail(field, "hi\n"), NEW).get(0).push());
  }

  @Test
  void aListMailSaysWhoWroteItAndAlwaysItsSubject() {
    var list = mail(ANSWER + "List-Id: <x.lists.example>\n", "hi\n");

    assertEquals("Bob <bob@mail.example>\nSubject: Re: lunch\n\nhi", text(list, lunch()));
  }

  @Test
  void aForwardKeepsWhatItForwards() {
    var forwarded =
        "see below\n\n---------- Forwarded message ---------\nFrom: Carol <c@x.example>\n"
            + "Date: Mon\nSubject: plan\nTo: Bob\n\nthe plan\n";

    assertEquals(
        "Subject: Fwd: plan\n\n" + forwarded.strip(),
        text(mail("Subject: Fwd: plan\n", forwarded), lunch()));
  }

  @Test
  void quotesAreKeptOnRequest() {
    var answer = "yes\n\nOn Tue, alice.eth wrote:\n> noon?\n";

    assertEquals("yes", text(mail(ANSWER, answer), lunch()));
    assertEquals(
        answer.strip(),
        text(mail(ANSWER, answer), inForm(Circumstances.Form.TEXT, Circumstances.Quotes.KEPT)));
  }

  @Test
  void htmlBecomesMarkdownOnRequestAndOurOwnLinesMeanNothingInIt() {
    var html =
        mail("Subject: *star*\nContent-Type: text/html\n", "<p>Hello <b>you</b></p><p>2 * 3</p>\n");

    var parts = parts(html, inForm(Circumstances.Form.MARKDOWN, Circumstances.Quotes.CUT));

    assertEquals(
        new Markdown("Subject: \\*star\\*\n\nHello **you**\n\n2 \\* 3"), parts.get(0).content());
  }

  @Test
  void theSameIsKnownAgainWhateverStandsBeforeIt() {
    assertThat(MailToContent.saysTheSame(new Text("Subject: x\n\nhi"), new Text("hi"))).isTrue();
    assertThat(
            MailToContent.saysTheSame(
                Reply.to(OutgoingLines.id(1), "ab", new Text("hi\n\n" + MailToContent.REST)),
                new Text("hi")))
        .isTrue();
    assertThat(
            MailToContent.saysTheSame(
                new Markdown("**hi**\n\n" + MailText.escaped(MailToContent.REST)),
                new Markdown("**hi**")))
        .isTrue();
    assertThat(MailToContent.saysTheSame(new Text("hi"), new Markdown("hi"))).isFalse();
    assertThat(MailToContent.saysTheSame(new Text("hi\n\nyou"), new Text("hi"))).isFalse();
  }

  @Test
  void withoutHtmlThereIsNoMarkdown() {
    var parts =
        parts(
            mail(ANSWER, "2 * 3\n"), inForm(Circumstances.Form.MARKDOWN, Circumstances.Quotes.CUT));

    assertEquals(new Text("2 * 3"), parts.get(0).content());
  }

  @Test
  void aPictureOfTheQuoteIsCutWithIt() {
    var mail =
        mail(
            ANSWER + "Content-Type: multipart/related; boundary=b\n",
            "--b\nContent-Type: text/html\n\n<p>yes</p><blockquote type=\"cite\">"
                + "<img src=\"cid:logo@x\"></blockquote>\n"
                + "--b\nContent-Type: image/png\nContent-ID: <logo@x>\n\nx\n--b--\n");

    assertEquals("yes", text(mail, lunch()));
    assertEquals(2, parts(mail, inForm(Circumstances.Form.TEXT, Circumstances.Quotes.KEPT)).size());
  }

  private static Mail reaction(String emoji) {
    return mail(
        ANSWER + "Content-Type: text/plain; charset=utf-8\nContent-Disposition: reaction\n", emoji);
  }

  @Test
  void aReactionIsTheCompleteSet() {
    var before =
        circumstances(2, Set.of("👍", "🎉", "🔥"), answered("<x@bridge.example>", 1, true));

    assertEquals(
        List.of(
            Reaction.emoji(id(1), inbox(1).value(), Reaction.Action.ADDED, "❤️"),
            Reaction.emoji(id(1), inbox(1).value(), Reaction.Action.REMOVED, "🎉"),
            Reaction.emoji(id(1), inbox(1).value(), Reaction.Action.REMOVED, "🔥")),
        parts(reaction("👍 ❤️\n"), before).stream().map(MailToContent.Part::content).toList());
  }

  @Test
  void aReactionThatChangesNothingIsNoMessage() {
    var before = circumstances(2, Set.of("👍"), answered("<x@bridge.example>", 1, true));

    assertEquals(
        new MailToContent.Result.Nothing("a reaction that changes nothing"),
        IncomingMail.convert(reaction("👍\n"), before));
  }

  @Test
  void aReactionToAnotherMailThanTheKnownOneIsText() {
    // References name a message that is known, but RFC 9078 asks for In-Reply-To.
    var known = lunch(answered("<other@bridge.example>", 1, true));

    assertEquals("👍", text(reaction("👍\n"), known));
  }

  @Test
  void reportsForOperatorsAreNoMessages() {
    var complaint =
        mail(
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n",
            "--b\n\n"
                + "spam\n"
                + "--b\n"
                + "Content-Type: message/feedback-report\n\n"
                + "Feedback-Type: abuse\n"
                + "--b--\n");

    assertEquals(
        new MailToContent.Result.Nothing("a report for the operator"),
        IncomingMail.convert(complaint, NEW));
  }

  @Test
  void theSameMailGivesTheSameParts() {
    assertEquals(
        parts(withFiles("look", "one"), lunch()), parts(withFiles("look", "one"), lunch()));
  }

  @Test
  void markdownHasNoQuoteThatOnlyTheHtmlMarks() {
    var mail =
        IncomingMail.mail(
            "Subject: Re: lunch\nContent-Type: text/html\n",
            "<p>At <b>noon</b>.</p><div class=gmail_quote>They said <i>one</i>.</div>"
                + "<div class=gmail_signature>Bob</div>");

    var parts = parts(mail, inForm(Circumstances.Form.MARKDOWN, Circumstances.Quotes.CUT));

    assertEquals(new Markdown("At **noon**."), parts.get(0).content());
  }

  private static final String DRAWN_IN =
      "What do you say?\n\n"
          + "On Mon, 2 Feb 2026 at 10:00, Carol <c@mail.example> wrote:\n"
          + "> By the river.\n";

  private static Circumstances told(Circumstances.AnsweredMessage... answered) {
    var lunch = IncomingMail.lunch(answered);
    return new Circumstances(
        lunch.receivedAt(),
        lunch.answered(),
        lunch.members(),
        lunch.threadSubject(),
        lunch.introduction(),
        lunch.caution(),
        lunch.others(),
        lunch.repeated(),
        lunch.reactions(),
        lunch.form(),
        Circumstances.Quotes.CUT_AND_TOLD);
  }

  @Test
  void saysWhereTheRestIsOfAQuoteThatThePeerNeverRead() {
    var mail = IncomingMail.mail("Subject: Re: lunch\n", DRAWN_IN);

    assertThat(IncomingMail.text(mail, told()))
        .isEqualTo("What do you say?\n\n" + MailToContent.REST);
    assertThat(IncomingMail.text(mail, IncomingMail.lunch())).isEqualTo("What do you say?");
  }

  @Test
  void saysNothingOfAQuoteThatThePeerWroteNorOfASignature() {
    var known = IncomingMail.answered("<a@bridge.example>", 1, true);
    var signed = IncomingMail.mail("Subject: Re: lunch\n", "Yes.\n-- \nBob\n");
    var answer = IncomingMail.mail("Subject: Re: lunch\n", DRAWN_IN);

    assertThat(IncomingMail.text(answer, told(known))).isEqualTo("What do you say?");
    assertThat(IncomingMail.text(signed, told())).isEqualTo("Yes.");
  }
}
