package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MailWriterTest {
  private static final Instant DATE = Instant.parse("2026-02-03T10:00:00Z");
  private static final MailId ID = new MailId("<x-ab12@bridge.example>");
  private static final MailId PARENT = new MailId("<M-100@mail.example>");
  private static final NamedMailbox ALICE =
      new NamedMailbox("alice.eth (via XMTP)", new Mailbox("alice.eth", "bridge.example"));
  private static final NamedMailbox BOB =
      new NamedMailbox("Bob", new Mailbox("bob", "mail.example"));

  /** Every way to end a line, hide one or turn it around. */
  private static final String HOSTILE =
      "a\r\nBcc: eve@evil.example\r\n\r\nforged\n.\rb\0c\u0085d\u2028e\u2029f\u202eg\u2066h\u001bi";

  static LongStream seeds() {
    return LongStream.range(0, 150);
  }

  @Test
  void aFooterStandsBelowAllElseAndNobodyElseCanBeginOne() throws Exception {
    var quote = Optional.of(new Draft.Quote(DATE, "Bob", "and you?"));
    var plain =
        MailReader.read(MailWriter.write(draft(new Draft.Text("hi\n-- \nfake", quote, "stop: x"))));
    var markdown =
        new Draft.Markdown("*hi*", Optional.empty(), "<b>stop</b>: x\r\nBcc: eve@evil.example");

    var read = MailReader.read(MailWriter.write(draft(markdown)));

    assertThat(plain.bodies().get(0).plain().orElseThrow().strip())
        .endsWith("> and you?\n\n-- \nstop: x")
        .containsOnlyOnce("\n-- \n");
    assertThat(read.bodies().get(0).plain().orElseThrow()).contains("\n-- \n<b>stop</b>: x\nBcc:");
    assertThat(read.bodies().get(0).html().orElseThrow())
        .contains("<div>-- <br>\n&lt;b&gt;stop&lt;/b&gt;: x<br>\nBcc: eve@evil.example</div>");
    assertThat(read.header().has("Bcc")).isFalse();
  }

  private static Draft draft(Draft.Body body) {
    return Draft.of(ALICE, BOB, DATE, ID, "Re: lunch", body);
  }

  private static String written(Draft draft) {
    return new String(MailWriter.write(draft), UTF_8);
  }

  private static String headerOf(Draft draft) {
    var mail = written(draft);
    return mail.substring(0, mail.indexOf("\r\n\r\n") + 2);
  }

  @Test
  void writesATextAsFlowedParagraphs() {
    assertThat(written(draft(new Draft.Text("Hi\n\nBob"))))
        .isEqualTo(
            String.join(
                "\r\n",
                "From: \"alice.eth (via XMTP)\" <alice.eth@bridge.example>",
                "To: Bob <bob@mail.example>",
                "Subject: Re: lunch",
                "Date: Tue, 3 Feb 2026 10:00:00 +0000",
                "Message-ID: <x-ab12@bridge.example>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8; format=flowed",
                "Content-Transfer-Encoding: 7bit",
                "",
                "Hi",
                "",
                "Bob",
                ""));
  }

  @Test
  void writesAnAnswerWithItsQuote() {
    var quote = new Draft.Quote(DATE, "Bob", "1\n2\n3\n4\n5\n6");
    var answer =
        draft(new Draft.Text("ok", Optional.of(quote)))
            .answering(PARENT, List.of(new MailId("<c-root@bridge.example>"), PARENT));

    assertThat(written(answer))
        .contains("\r\nIn-Reply-To: <M-100@mail.example>\r\n")
        .contains("\r\nReferences: <c-root@bridge.example> <M-100@mail.example>\r\n")
        .endsWith(
            "\r\n\r\nok\r\n\r\nOn Tue, 3 Feb 2026 10:00 UTC, Bob wrote:\r\n> 1\r\n> 2\r\n> 3\r\n> 4\r\n"
                + "> 5 =E2=80=A6\r\n");
  }

  @Test
  void quotesSoThatOurOwnReaderTakesTheQuoteAway() throws Exception {
    var quote = new Draft.Quote(DATE, "Łukasz: \"the\" 1st", "Shall we meet?");

    for (var body :
        List.of(
            new Draft.Text("At noon.", Optional.of(quote)),
            new Draft.Markdown("At noon.", Optional.of(quote)))) {
      var answer = draft(body).answering(PARENT, List.of(PARENT));

      assertThat(ReadableMail.of(MailReader.read(MailWriter.write(answer))).text())
          .isEqualTo("At noon.");
    }
  }

  @Test
  void writesMarkdownAsSourceAndAsHtml() throws Exception {
    var mail = MailReader.read(MailWriter.write(draft(new Draft.Markdown("# Hi\n\n**there**"))));

    assertThat(mail.bodies()).hasSize(1);
    assertThat(mail.bodies().get(0).plain().orElseThrow().strip()).isEqualTo("# Hi\n\n**there**");
    assertThat(mail.bodies().get(0).html().orElseThrow())
        .contains("<h1>Hi</h1>", "<strong>there</strong>");
  }

  @Test
  void writesAReactionForBothKindsOfClients() throws Exception {
    var octets =
        MailWriter.write(
            draft(new Draft.Reaction(List.of("👍"), "alice.eth", "See <you>"))
                .answering(PARENT, List.of(PARENT)));

    var mail = new String(octets, UTF_8);
    assertThat(mail)
        .contains("Content-Type: multipart/alternative; boundary=")
        .contains("Content-Disposition: reaction\r\n")
        .contains("Content-Type: text/vnd.google.email-reaction+json; charset=utf-8\r\n");
    assertThat(mail.indexOf("Content-Disposition: reaction"))
        .isLessThan(mail.indexOf("email-reaction+json"));
    var reaction = MailReader.read(octets).reaction().orElseThrow();
    assertThat(reaction).isEqualTo(new EmojiReaction(PARENT, List.of("👍"), true));
    assertThat(MailReader.read(octets).bodies().get(0).html().orElseThrow())
        .contains("alice.eth reacted 👍 to your message", "See &lt;you&gt;");
  }

  @Test
  void writesTheWithdrawalOfAllReactionsAsAnEmptySet() throws Exception {
    var octets =
        MailWriter.write(
            draft(new Draft.Reaction(List.of(), "alice.eth", ""))
                .answering(PARENT, List.of(PARENT)));

    assertThat(MailReader.read(octets).reaction())
        .contains(new EmojiReaction(PARENT, List.of(), true));
  }

  @Test
  void refusesAReactionThatIsNoEmojiOrHasNoTarget() {
    assertThatThrownBy(() -> new Draft.Reaction(List.of("x\r\nBcc: e@x"), "a", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MailWriter.write(draft(new Draft.Reaction(List.of("👍"), "a", ""))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<Arguments> hostileFields() {
    var file = new byte[] {1};
    var mailbox = new Mailbox("bob", "mail.example");
    var text = new Draft.Text("hello");
    return Stream.<Object[]>of(
            field(
                "name of From",
                s -> Draft.of(new NamedMailbox(s, mailbox), BOB, DATE, ID, "", text)),
            field("name of To", s -> draft(text).withTo(List.of(new NamedMailbox(s, mailbox)))),
            field("name of Reply-To", s -> draft(text).withReplyTo(new NamedMailbox(s, mailbox))),
            field("subject", s -> Draft.of(ALICE, BOB, DATE, ID, s, text)),
            field(
                "extra field",
                s -> draft(text).withExtra(List.of(new MailHeader.Field("X-XMTP-Sender", s)))),
            field(
                "file name",
                s -> draft(text).withAttachments(List.of(Attachment.of(s, "image/png", file)))),
            field(
                "media type",
                s -> draft(text).withAttachments(List.of(Attachment.of("a", s, file)))),
            field(
                "subtype",
                s -> draft(text).withAttachments(List.of(Attachment.of("a", "image/" + s, file)))),
            field("name in a quote", s -> draft(quoting(s, "hi"))),
            field("text of a quote", s -> draft(quoting("Bob", s))),
            field("text", s -> draft(new Draft.Text(s))),
            field("markdown", s -> draft(new Draft.Markdown(s))),
            field(
                "name in a reaction",
                s ->
                    draft(new Draft.Reaction(List.of("👍"), s, "hi"))
                        .answering(PARENT, List.of(PARENT))),
            field(
                "excerpt in a reaction",
                s ->
                    draft(new Draft.Reaction(List.of("👍"), "a", s))
                        .answering(PARENT, List.of(PARENT))))
        .map(Arguments::of);
  }

  private static Draft.Text quoting(String name, String text) {
    return new Draft.Text("ok", Optional.of(new Draft.Quote(DATE, name, text)));
  }

  private static Object[] field(String name, Function<String, Draft> draft) {
    return new Object[] {name, draft};
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileFields")
  void letsNoLineEndControlOrOverrideThroughA(String name, Function<String, Draft> field)
      throws Exception {
    var octets = MailWriter.write(field.apply(HOSTILE));

    var mail = new String(octets, UTF_8);
    assertThat(mail.replace("\r\n", "")).doesNotContain("\r", "\n", "\0", "\u001b", "\u0085");
    assertThat(mail).doesNotContain("\u2028", "\u2029", "\u202e");
    for (var line : headerOf(field.apply(HOSTILE)).split("\r\n")) {
      assertThat(line)
          .matches(
              "( .*|(From|To|Reply-To|Subject|Date|Message-ID|In-Reply-To|References|MIME-Version"
                  + "|Content-Type|Content-Transfer-Encoding|X-XMTP-Sender): .*)");
      assertThat(line.length()).isLessThanOrEqualTo(998);
    }
    var read = MailReader.read(octets);
    assertThat(read.header().has("Bcc")).isFalse();
    read.attachments()
        .forEach(file -> assertThat(file.filename()).doesNotContain("\r", "\n", "\u202e", "/"));
    assertThat(read.subject()).doesNotContain("\u202e");
  }

  @Test
  void letsNoLineEndIntoIdsAndAddressesByTheirTypes() {
    assertThatThrownBy(() -> new MailId("<a@x>\r\nBcc: <b@x>"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Mailbox("a\r\nb", "x.example"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Mailbox("a", "x.example\r\nBcc: b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesExtraFieldsThatItDecidesItself() {
    for (var name :
        List.of("Bcc", "from", "Content-Type", "X Y", "X:Y", "X-A\r\nBcc", "", "DATE")) {
      assertThatThrownBy(
              () -> draft(new Draft.Text("x")).withExtra(List.of(new MailHeader.Field(name, "v"))))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void cutsAPathAndAnOverrideFromAFileName() throws Exception {
    var file = Attachment.of("../../etc/\u202egnp.exe", "image/png", new byte[] {1});

    var read =
        MailReader.read(MailWriter.write(draft(new Draft.Text("")).withAttachments(List.of(file))));

    assertThat(read.attachments()).extracting(Attachment::filename).containsExactly("gnp.exe");
  }

  @Test
  void foldsLongHeadersAndKeepsEveryLineShort() throws Exception {
    var chain = new ArrayList<MailId>();
    for (int i = 0; i < 10; i++) {
      chain.add(new MailId("<" + "x".repeat(70) + i + "@mail.example>"));
    }
    var draft =
        Draft.of(
                new NamedMailbox("Ü ".repeat(90), ALICE.mailbox()),
                BOB,
                DATE,
                ID,
                "Grüße aus Köln ".repeat(20),
                new Draft.Text("x"))
            .answering(chain.get(9), chain)
            .withTo(Stream.generate(() -> BOB).limit(50).toList());

    var read = MailReader.read(MailWriter.write(draft));

    for (var line : headerOf(draft).split("\r\n")) {
      assertThat(line.length()).as(line).isLessThanOrEqualTo(line.contains("<xxx") ? 105 : 78);
    }
    assertThat(read.references()).isEqualTo(chain);
    assertThat(read.to()).hasSize(50);
    assertThat(read.subject()).hasSize(200).startsWith("Grüße aus Köln Grüße");
    assertThat(read.from().get(0).name()).startsWith("Ü Ü Ü");
  }

  @Test
  void writesTheSameOctetsForTheSameDraft() {
    var draft =
        draft(new Draft.Markdown("*x*"))
            .withAttachments(List.of(Attachment.of("ä.png", "image/png", new byte[100])));

    assertThat(MailWriter.write(draft)).isEqualTo(MailWriter.write(draft));
  }

  @Test
  void saysWhatMadeIt() {
    var draft = draft(new Draft.Text("x"));

    assertThat(headerOf(draft)).doesNotContain("Auto-Submitted");
    assertThat(headerOf(draft.withAutomation(Draft.Automation.GENERATED)))
        .contains("Auto-Submitted: auto-generated\r\n");
    assertThat(headerOf(draft.withAutomation(Draft.Automation.REPLIED)))
        .contains("Auto-Submitted: auto-replied\r\n");
  }

  @Test
  void omitsAReplyToThatSaysNothing() {
    assertThat(headerOf(draft(new Draft.Text("x")).withReplyTo(ALICE))).doesNotContain("Reply-To");
  }

  @Test
  void needsSmtpUtf8OnlyForAnAddress() {
    var plain =
        Draft.of(
            new NamedMailbox("Jörg", ALICE.mailbox()), BOB, DATE, ID, "Grüße", new Draft.Text("ü"));
    var utf8 = plain.withTo(List.of(NamedMailbox.of(new Mailbox("jörg", "mail.example"))));

    assertThat(plain.needsSmtpUtf8()).isFalse();
    assertThat(MailWriter.write(plain)).matches(MailWriterTest::isAscii);
    assertThat(utf8.needsSmtpUtf8()).isTrue();
    assertThat(written(utf8)).contains("To: jörg@mail.example\r\n");
  }

  private static boolean isAscii(byte[] octets) {
    for (byte octet : octets) {
      if (octet < 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void dropsForeignIdsThatAreNotAsciiRatherThanNeedSmtpUtf8() {
    var strange = new MailId("<ü@mail.example>");
    var draft = draft(new Draft.Text("x")).answering(strange, List.of(strange, PARENT));

    assertThat(draft.needsSmtpUtf8()).isFalse();
    assertThat(headerOf(draft))
        .contains("References: <M-100@mail.example>\r\n")
        .doesNotContain("In-Reply-To");
  }

  @Test
  void writesFilesByTheirKind() throws Exception {
    var files =
        List.of(
            Attachment.of("a.png", "image/png", new byte[] {1}),
            Attachment.of("a.bin", "multipart/mixed", new byte[] {2}),
            Attachment.of("a.ics", "text/calendar; method=REQUEST", new byte[] {3}),
            Attachment.of("ok.eml", "message/rfc822", "Subject: x\r\n\r\nhi\r\n".getBytes(UTF_8)),
            Attachment.of("bad.eml", "message/rfc822", "Subject: x\n\nhi\n".getBytes(UTF_8)));

    var mail = written(draft(new Draft.Text("x")).withAttachments(files));

    assertThat(mail)
        .contains(
            "Content-Type: image/png; name=a.png\r\nContent-Disposition: inline; filename=a.png")
        .contains("Content-Type: application/octet-stream; name=a.bin\r\n")
        .contains("Content-Type: text/calendar; charset=utf-8; name=a.ics\r\n")
        .doesNotContain("method=")
        .contains("Content-Type: message/rfc822\r\n")
        .contains("Content-Type: application/octet-stream; name=bad.eml\r\n");
    var read = MailReader.read(mail.getBytes(UTF_8));
    assertThat(read.attachments())
        .extracting(file -> file.octets()[0] + " " + file.filename())
        .containsExactly("1 a.png", "2 a.bin", "3 a.ics", "83 ok.eml", "83 bad.eml");
  }

  @Test
  void letsNoForwardedMailEndThePartItStandsIn() throws Exception {
    var draft = draft(new Draft.Text("x"));
    var boundary =
        written(draft.withAttachments(List.of(Attachment.of("a", "image/png", new byte[0]))))
            .replaceAll("(?s).*boundary=\"([^\"]+)\".*", "$1");
    var forged =
        "Subject: x\r\n\r\n--" + boundary + "\r\nContent-Type: text/plain\r\n\r\nforged\r\n";

    var read =
        MailReader.read(
            MailWriter.write(
                draft.withAttachments(
                    List.of(Attachment.of("a.eml", "message/rfc822", forged.getBytes(UTF_8))))));

    assertThat(read.attachments()).hasSize(1);
    assertThat(read.attachments().get(0).octets()).isEqualTo(forged.getBytes(UTF_8));
  }

  @Test
  void hidesALineThatLooksLikeOurBoundary() throws Exception {
    var boundary =
        written(draft(new Draft.Markdown("x"))).replaceAll("(?s).*boundary=\"([^\"]+)\".*", "$1");
    var text = "a\n--" + boundary + "--\nb";

    var read = MailReader.read(MailWriter.write(draft(new Draft.Markdown(text))));

    assertThat(read.bodies().get(0).plain().orElseThrow()).contains(text);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isReadBackAsItWasMeant(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var text = anyText(random);
    var files = new ArrayList<Attachment>();
    for (int i = random.nextInt(4); i > 0; i--) {
      var octets = new byte[random.nextInt(2000)];
      random.nextBytes(octets);
      files.add(
          new Attachment(
              anyName(random) + ".bin",
              random.nextBoolean() ? "image/png" : "application/pdf",
              Optional.empty(),
              false,
              octets));
    }
    var draft =
        Draft.of(
                new NamedMailbox(anyName(random), ALICE.mailbox()),
                new NamedMailbox(anyName(random), BOB.mailbox()),
                DATE.plusSeconds(random.nextInt(1_000_000_000)),
                new MailId("<x-" + Long.toHexString(random.nextLong()) + "@bridge.example>"),
                anyName(random),
                random.nextBoolean() ? new Draft.Text(text) : new Draft.Markdown(text))
            .answering(PARENT, List.of(new MailId("<c-Root@bridge.example>"), PARENT))
            .withAttachments(files)
            .withExtra(List.of(new MailHeader.Field("X-XMTP-Sender", anyName(random))));

    var octets = MailWriter.write(draft);
    var mail = MailReader.read(octets);

    assertThat(mail.from()).containsExactly(draft.from());
    assertThat(mail.to()).isEqualTo(draft.to());
    assertThat(mail.date()).contains(draft.date());
    assertThat(mail.id()).contains(draft.id());
    assertThat(mail.inReplyTo()).containsExactly(PARENT);
    assertThat(mail.references())
        .extracting(MailId::asWritten)
        .containsExactly("<c-Root@bridge.example>", "<M-100@mail.example>");
    assertThat(mail.subject()).isEqualTo(SafeText.line(draft.subject(), 200));
    assertThat(EncodedWords.decode(mail.header().first("X-XMTP-Sender").orElseThrow()))
        .isEqualTo(SafeText.line(draft.extra().get(0).value(), 500));
    assertThat(BodyText.tidy(mail.bodies().get(0).plain().orElseThrow()))
        .isEqualTo(BodyText.tidy(text));
    assertThat(mail.attachments())
        .extracting(Attachment::filename)
        .isEqualTo(files.stream().map(Attachment::filename).toList());
    assertThat(mail.attachments())
        .extracting(file -> Arrays.hashCode(file.octets()))
        .isEqualTo(files.stream().map(file -> Arrays.hashCode(file.octets())).toList());
    assertThat(isAscii(octets)).isTrue();
    for (var line : new String(octets, UTF_8).split("\r\n")) {
      assertThat(line.length()).isLessThanOrEqualTo(100);
    }
  }

  private static final String[] PIECES = {
    "a",
    "Hello",
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "> ",
    ">",
    "From ",
    ".",
    "--",
    "=",
    "=?UTF-8?Q?x?=",
    "ü",
    "日本語",
    "👍🏽",
    "\"",
    "\\",
    "(",
    ")",
    "<b@x>",
    ",",
    ";",
    ":",
    "\t",
    "é́",
    "word ",
    "longer words "
  };

  private static String anyText(SplittableRandom random) {
    var text = new StringBuilder("x");
    for (int i = random.nextInt(120); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.append("y").toString();
  }

  private static String anyName(SplittableRandom random) {
    var name = new StringBuilder("n");
    for (int i = random.nextInt(12); i > 0; i--) {
      name.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return name.toString();
  }
}
