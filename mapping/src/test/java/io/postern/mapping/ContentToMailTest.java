package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.message;
import static io.postern.mapping.OutgoingLines.CONVERSATION;
import static io.postern.mapping.OutgoingLines.IDS;
import static io.postern.mapping.OutgoingLines.after;
import static io.postern.mapping.OutgoingLines.byAlice;
import static io.postern.mapping.OutgoingLines.byBob;
import static io.postern.mapping.OutgoingLines.composed;
import static io.postern.mapping.OutgoingLines.fetched;
import static io.postern.mapping.OutgoingLines.id;
import static io.postern.mapping.OutgoingLines.line;
import static io.postern.mapping.OutgoingLines.link;
import static io.postern.mapping.OutgoingLines.of;
import static io.postern.mapping.OutgoingLines.read;
import static io.postern.mapping.OutgoingLines.remote;
import static io.postern.mapping.OutgoingLines.text;
import static io.postern.mapping.OutgoingLines.withheld;
import static io.postern.mapping.OutgoingLines.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.MailHeader;
import io.postern.mail.MailId;
import io.postern.mail.MailWriter;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.DeleteMessage;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.content.LeaveRequest;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.MultiRemoteAttachment;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.content.UnknownContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** spec/content-types.md §10.3 to §10.5. Reactions have {@link ReactionMailTest}. */
class ContentToMailTest {
  private static final ThreadLink LAST =
      link("<M-100@mail.example>", ThreadLink.Direction.MAIL_TO_XMTP, 100);

  @Test
  void aFirstMessageOpensAThread() {
    var mail = read(of(line(1, new Text("Hi\n\nBob"))));

    assertEquals("alice.eth (via XMTP) <alice.eth@bridge.example>", mail.from().get(0).toString());
    assertEquals("Bob <bob@mail.example>", mail.to().get(0).toString());
    assertEquals("Message from alice.eth", mail.subject());
    assertEquals(new MailId("<x-" + message(1) + "@bridge.example>"), mail.id().orElseThrow());
    assertEquals(List.of(), mail.inReplyTo());
    assertEquals(List.of(IDS.root(CONVERSATION)), mail.references());
    assertEquals(T0.plusSeconds(1), mail.date().orElseThrow());
    assertEquals("Hi\n\nBob", text(mail).strip());
    assertFalse(mail.automatic());
  }

  @Test
  void aLaterMessageAnswersTheLastMail() {
    var mail = read(after(LAST, line(1, new Text("noon?"))));

    assertEquals("Re: lunch", mail.subject());
    assertEquals(List.of(LAST.mailId()), mail.inReplyTo());
    assertEquals(List.of(IDS.root(CONVERSATION), LAST.mailId()), mail.references());
  }

  @Test
  void theParentIsNamedInTheCaseInWhichItWasWritten() {
    assertTrue(
        written(after(LAST, line(1, new Text("noon?"))))
            .contains("In-Reply-To: <M-100@mail.example>\r\n"));
  }

  @Test
  void referencesKeepTheRootAndTheLastNine() {
    var older =
        IntStream.range(0, 20).mapToObj(n -> new MailId("<m-" + n + "@x.example>")).toList();
    var parent = link("<m-100@mail.example>", ThreadLink.Direction.MAIL_TO_XMTP, 100, older);

    var references = read(after(parent, line(1, new Text("noon?")))).references();

    assertEquals(10, references.size());
    assertEquals(IDS.root(CONVERSATION), references.get(0));
    assertEquals(new MailId("<m-12@x.example>"), references.get(1));
    assertEquals(parent.mailId(), references.get(9));
  }

  @Test
  void diagnosticsStandInFieldsOfTheirOwn() {
    var header = read(of(line(1, new Text("hi")))).header();

    assertEquals(Optional.of(message(1)), header.first("X-XMTP-Message-Id"));
    assertEquals(Optional.of(CONVERSATION.hex()), header.first("X-XMTP-Conversation-Id"));
    assertEquals(Optional.of(OutgoingLines.ALICE.value()), header.first("X-XMTP-Sender"));
    assertEquals(Optional.of("xmtp.org/text:1.0"), header.first("X-XMTP-Content-Type"));
    assertEquals(Optional.of("disallow"), header.first("x-ms-reactions"));
  }

  @Test
  void linesBecomeParagraphsInOrderAndFilesStandAtTheEnd() {
    var picture = Attachment.of("a.png", "image/png", new byte[] {1, 2, 3});

    var result = composed(of(line(1, new Text("one")), line(2, picture), line(3, new Text("two"))));
    var mail = read(MailWriter.write(result.draft()));

    assertEquals("one\n\ntwo", text(mail).strip());
    assertEquals("a.png", mail.attachments().get(0).filename());
    assertEquals("image/png", mail.attachments().get(0).mediaType());
    assertEquals(List.of(id(1), id(2), id(3)), result.messages());
    assertEquals(T0.plusSeconds(3), mail.date().orElseThrow());
  }

  @Test
  void anEditInsideReplacesTheText() {
    var result =
        composed(
            of(
                line(1, new Text("ttypo")),
                line(2, new Text("two")),
                line(3, new EditMessage(id(1), new Text("typo"))),
                line(4, new EditMessage(id(3), new Text("type")))));

    assertEquals("type\n\ntwo", text(read(MailWriter.write(result.draft()))).strip());
    assertEquals(List.of(id(1), id(2)), result.messages());
  }

  @Test
  void anEditOfAnotherTypeIsALineOfItsOwn() {
    var mail =
        read(of(line(1, new Text("one")), line(2, new EditMessage(id(1), new Markdown("*two*")))));

    assertEquals("one\n\n✏️ *two*", text(mail).strip());
  }

  @Test
  void anEditOfWhatWasMailedFollowsIt() {
    var mailed = byAlice("<x-" + message(7) + "@bridge.example>", 7, "noon");
    var edit = line(1, new EditMessage(id(7), new Text("one o'clock"))).about(mailed);

    var draft = composed(after(LAST, edit)).draft();
    var mail = read(MailWriter.write(draft));

    assertEquals("✏️ one o'clock", text(mail).strip());
    assertEquals(List.of(mailed.mail().mailId()), mail.inReplyTo());
    assertTrue(
        draft
            .extra()
            .contains(new MailHeader.Field("Chat-Edit", mailed.mail().mailId().asWritten())));
  }

  @Test
  void ofSeveralEditsOfWhatWasMailedTheLastCounts() {
    var mail =
        read(
            of(
                line(1, new EditMessage(id(7), new Text("a"))),
                line(2, new EditMessage(id(7), new Text("b"))),
                line(3, new EditMessage(id(2), new Text("c")))));

    assertEquals("✏️ c", text(mail).strip());
  }

  @Test
  void aDeleteInsideDropsTheLine() {
    var result =
        composed(
            of(
                line(1, new Text("oops")),
                line(2, new Text("two")),
                line(3, DeleteMessage.of(id(1)))));

    assertEquals("two", text(read(MailWriter.write(result.draft()))).strip());
    assertEquals("<x-" + message(2) + "@bridge.example>", result.draft().id().value());
    assertEquals(List.of(id(2)), result.messages());
  }

  @Test
  void aDeleteMayComeBeforeItsTargetAndTakesItsEditsAlong() {
    assertEquals(
        "deleted by the sender",
        withheld(
            of(
                line(1, DeleteMessage.of(id(2))),
                line(2, new Text("oops")),
                line(3, new EditMessage(id(2), new Text("worse"))))));
  }

  @Test
  void aDeleteOfWhatWasMailedMakesNoMail() {
    assertEquals("deleted by the sender", withheld(of(line(1, DeleteMessage.of(id(9))))));
  }

  @Test
  void whatMachinesSayMakesNoMail() {
    assertEquals("a read receipt", withheld(of(line(1, new ReadReceipt()))));
    assertEquals(
        "a change of the group", withheld(of(line(1, new LeaveRequest(Optional.empty())))));
    var change =
        new GroupUpdated(
            "x", List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
            List.of());
    assertEquals("a change of the group", withheld(of(line(1, change))));
    assertEquals("an empty message", withheld(of(line(1, new Text(" \n")))));
  }

  @Test
  void aReceiptAmongLinesIsLeftOut() {
    var result = composed(of(line(1, new ReadReceipt()), line(2, new Text("hi"))));

    assertEquals(List.of(id(2)), result.messages());
    assertEquals("<x-" + message(2) + "@bridge.example>", result.draft().id().value());
  }

  @Test
  void unknownContentIsItsFallbackOrNothing() {
    var poll = new UnknownContent(Optional.empty(), Optional.of("Poll?"), Octets.NONE, "unknown");
    var silent = new UnknownContent(Optional.empty(), Optional.empty(), Octets.NONE, "no type");

    assertEquals("Poll?", text(read(of(line(1, poll)))).strip());
    assertEquals("content that cannot be read: no type", withheld(of(line(1, silent))));
  }

  @Test
  void aReplyToAnOlderMailQuotesIt() {
    var target = byBob("<m-50@mail.example>", 50, "one\ntwo\nthree\nfour\nfive\nsix");
    var reply = line(1, Reply.to(id(50), "x", new Text("ok"))).about(target);

    var mail = read(after(LAST, reply));

    assertEquals(List.of(target.mail().mailId()), mail.inReplyTo());
    assertEquals(
        "ok\n\nOn Tue, 3 Feb 2026 10:00 UTC, Bob wrote:\n"
            + "> one\n> two\n> three\n> four\n> five …",
        text(mail).strip());
  }

  @Test
  void aReplyToTheMailDirectlyBeforeDoesNotQuote() {
    var target = byBob("<m-100@mail.example>", 100, "Where?");

    var mail = read(after(LAST, line(1, Reply.to(id(100), "x", new Text("here"))).about(target)));

    assertEquals("here", text(mail).strip());
  }

  @Test
  void aReplyToWhatIsUnknownOrDeletedDoesNotQuote() {
    var deleted = byBob("<m-50@mail.example>", 50, "");

    assertEquals(
        "a",
        text(read(after(LAST, line(1, new Reply("", Optional.empty(), new Text("a")))))).strip());
    assertEquals(
        "b",
        text(read(after(LAST, line(1, Reply.to(id(50), "x", new Text("b"))).about(deleted))))
            .strip());
  }

  @Test
  void repliesToSeveralMessagesSayWhich() {
    var first =
        line(1, Reply.to(id(50), "x", new Text("yes")))
            .about(byBob("<m-50@a.example>", 50, "Tea?"));
    var second =
        line(2, Reply.to(id(51), "x", new Text("no")))
            .about(byBob("<m-51@a.example>", 51, "Milk?\nSugar?"));

    var mail = read(after(LAST, first, second));

    assertEquals(
        "yes\n\n↩ Bob: “Milk? Sugar?”\n\nno\n\nOn Tue, 3 Feb 2026 10:00 UTC, Bob wrote:\n> Tea?",
        text(mail).strip());
    assertEquals(List.of(new MailId("<m-50@a.example>")), mail.inReplyTo());
  }

  @Test
  void markdownIsItsSourceAndHtml() {
    var mail = read(of(line(1, new Markdown("# Hi\n\n**there**"))));

    assertEquals("# Hi\n\n**there**", mail.bodies().get(0).plain().orElseThrow().strip());
    assertTrue(mail.bodies().get(0).html().orElseThrow().contains("<strong>there</strong>"));
  }

  @Test
  void markdownAmongPlainTextIsShownAsItWasTyped() {
    var draft = composed(of(line(1, new Text("2 * 3")), line(2, new Markdown("*x*")))).draft();

    assertInstanceOf(io.postern.mail.Draft.Text.class, draft.body());
  }

  @Test
  void aFetchedFileIsAttachedAndItsAddressAndKeysStayOut() {
    var octets =
        written(of(line(1, remote("claimed.pdf"), fetched("big.pdf", "application/pdf", "%PDF"))));
    var mail = read(octets.getBytes(StandardCharsets.UTF_8));

    assertEquals("big.pdf", mail.attachments().get(0).filename());
    assertFalse(octets.contains("files.example"));
    for (var key : List.of("5a".repeat(12), "WlpaWlpa", "ZZZZZZ", "ab".repeat(32))) {
      assertFalse(octets.contains(key));
    }
  }

  @Test
  void aFileThatIsMissingLeavesALine() {
    var several = new MultiRemoteAttachment(List.of(remote("a.pdf"), remote("b.pdf"), remote("c")));

    var mail =
        read(
            of(
                line(
                    1,
                    several,
                    new PeerLines.Fetched.NotFetched(),
                    fetched("b.pdf", "application/pdf", "x"),
                    new PeerLines.Fetched.TooLarge())));

    assertEquals(
        "📎 a.pdf (1.2 kB) could not be fetched\n📎 c (1.2 kB) is too large for mail",
        text(mail).strip());
    assertEquals(1, mail.attachments().size());
  }

  @Test
  void everyRemoteFileHasAResult() {
    assertThrows(IllegalArgumentException.class, () -> line(1, remote("a.pdf")));
  }

  @Test
  void filesBeyondTheRoomOfTheMailAreNamed() {
    var small = Attachment.of("small.bin", "application/octet-stream", new byte[100_000]);
    var large = Attachment.of("large.bin", "application/octet-stream", new byte[1_000_000]);

    var result = new ContentToMail(IDS, 300_000).convert(of(line(1, large), line(2, small)));
    var draft = assertInstanceOf(ContentToMail.Result.Composed.class, result).draft();

    assertEquals(
        List.of("small.bin"),
        draft.attachments().stream().map(io.postern.mail.Attachment::filename).toList());
    assertEquals(
        "📎 large.bin (1.0 MB) is too large for mail",
        ((io.postern.mail.Draft.Text) draft.body()).text());
    assertTrue(MailWriter.write(draft).length <= 300_000);
  }

  @Test
  void aVeryLongTextIsAFileBesideItsBeginning() {
    var whole = "è".repeat(ComposedBody.MAX_TEXT + 1);

    var mail = read(of(line(1, new Text(whole))));

    assertTrue(text(mail).strip().endsWith("è\n… (continues in message.txt)"));
    assertEquals("message.txt", mail.attachments().get(0).filename());
    assertEquals(whole, new String(mail.attachments().get(0).octets(), StandardCharsets.UTF_8));
  }

  @Test
  void theSameLinesGiveTheSameOctets() {
    Content file = Attachment.of("a.png", "image/png", new byte[] {1});

    assertEquals(
        written(after(LAST, line(1, new Markdown("*a*")), line(2, file))),
        written(after(LAST, line(1, new Markdown("*a*")), line(2, file))));
  }
}
