package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.OutgoingLines.ALICE;
import static io.postern.mapping.OutgoingLines.BOB;
import static io.postern.mapping.OutgoingLines.CONVERSATION;
import static io.postern.mapping.OutgoingLines.IDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import io.postern.mail.MailWriter;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.content.TransactionReference;
import io.postern.xmtp.content.UnknownContent;
import io.postern.xmtp.identity.InboxId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Given mails and contents, and what each becomes: vectors/content-email-mapping.json. */
class MailMappingVectorsTest {
  private static final JsonNode VECTORS = vectors();
  private static final JsonNode STATE = VECTORS.get("initial_state");
  private static final Instant ARRIVAL = Instant.parse("2026-02-03T09:00:05Z");
  private static final MessageId SENT = OutgoingLines.id(0xabc);

  private static JsonNode vectors() {
    try (var in =
        MailMappingVectorsTest.class.getResourceAsStream("/vectors/content-email-mapping.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  static Stream<Arguments> inbound() {
    return cases("inbound");
  }

  static Stream<Arguments> outbound() {
    return cases("outbound");
  }

  private static Stream<Arguments> cases(String direction) {
    return StreamSupport.stream(VECTORS.get(direction).spliterator(), false)
        .map(vector -> Arguments.of(vector.get("name").asText(), vector));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inbound")
  void mailBecomesContent(String name, JsonNode vector) throws Exception {
    var mail = MailReader.read(vector.get("raw_utf8").asText().getBytes(StandardCharsets.UTF_8));

    var result = IncomingMail.convert(mail, circumstances(mail, vector));

    switch (name) {
      // Whether receipts are enabled and the conversation is allowed is for the bridge to decide.
      case "mdn_displayed" -> receipt(assertInstanceOf(MailToContent.Result.Receipt.class, result));
      case "dsn_failed" ->
          report(
              assertInstanceOf(MailToContent.Result.Report.class, result),
              vector.at("/expected/0/text").asText());
      // That list_mail goes to a conversation of its list is routing: only its content is here.
      default ->
          parts(
              assertInstanceOf(MailToContent.Result.Messages.class, result).parts(),
              vector.get("expected"));
    }
  }

  private static void receipt(MailToContent.Result.Receipt result) {
    assertTrue(result.receipt().displayed());
    assertEquals(Optional.of(newest()), result.receipt().original().flatMap(IDS::messageIn));
  }

  private static void report(MailToContent.Result.Report result, String notice) {
    var status = result.report().recipients().get(0);

    assertTrue(result.report().failed());
    assertEquals(Optional.of(newest()), result.report().original().flatMap(IDS::messageIn));
    assertEquals(
        notice, NoticeText.undelivered(mailbox(status.recipient()), NoticeText.diagnostic(status)));
  }

  private static void parts(List<MailToContent.Part> parts, JsonNode expected) {
    assertEquals(expected.size(), parts.size(), () -> "parts: " + parts);
    for (int i = 0; i < parts.size(); i++) {
      var want = expected.get(i);
      content(parts.get(i).content(), want);
      boolean push =
          want.path("should_push").asBoolean(!want.get("type").asText().equals("reaction"));
      assertEquals(push, parts.get(i).push());
    }
  }

  private static void content(Content content, JsonNode want) {
    switch (want.get("type").asText()) {
      case "text" -> assertEquals(new Text(want.get("text").asText()), content);
      case "reply" -> {
        var reply = assertInstanceOf(Reply.class, content);
        assertEquals(want.get("reference").asText(), reply.reference());
        assertEquals(Optional.of(inbox(2).value()), reply.referenceInboxId());
        content(reply.content(), want.get("inner"));
      }
      case "reaction" ->
          assertEquals(
              new Reaction(
                  want.get("reference").asText(),
                  Optional.of(ALICE.value()),
                  Reaction.Action.valueOf(want.get("action").asText().toUpperCase(Locale.ROOT)),
                  want.get("content").asText(),
                  Reaction.Schema.UNICODE),
              content);
      case "file" -> {
        var file = assertInstanceOf(Attachment.class, content);
        assertEquals(Optional.of(want.get("filename").asText()), file.filename());
        assertEquals(want.get("mimeType").asText(), file.mimeType());
        if (want.has("data_hex")) {
          assertEquals(want.get("data_hex").asText(), file.octets().hex());
        }
      }
      default -> throw new AssertionError("the test knows no content " + want);
    }
  }

  /** What the vectors' initial state says about a mail. */
  private static Circumstances circumstances(Mail mail, JsonNode vector) {
    var known = STATE.get("known_messages");
    var answered =
        mail.answeredIds().stream()
            .filter(id -> known.has(id.value()))
            .findFirst()
            .map(
                id ->
                    new Circumstances.AnsweredMessage(
                        id,
                        message(known.get(id.value())),
                        sender(known.get(id.value())),
                        known.get(id.value()).get("xmtp_id").asText().equals(newest())));
    var active = vector.path("extra_state").path("active_reactions_of_bob_on");
    var reactions = new HashSet<String>();
    answered.ifPresent(
        message ->
            active.path(message.id().toString()).forEach(emoji -> reactions.add(emoji.asText())));
    return new Circumstances(
        ARRIVAL,
        answered,
        2,
        Optional.of(STATE.get("thread_base_subject").asText()),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        reactions,
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  private static String newest() {
    return STATE.get("last_message_in_conversation").asText();
  }

  private static MessageId message(JsonNode known) {
    return MessageId.parse(known.get("xmtp_id").asText()).orElseThrow();
  }

  private static InboxId sender(JsonNode known) {
    return known.get("sender").asText().equals("Bob") ? inbox(2) : ALICE;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outbound")
  void contentBecomesMail(String name, JsonNode vector) throws Exception {
    var result = new ContentToMail(IDS).convert(lines(vector.get("xmtp")));

    // A receipt may become an MDN where the person asked for one; that is a policy of the bridge.
    if (name.equals("read_receipt") || vector.get("expected_mime").isEmpty()) {
      assertInstanceOf(ContentToMail.Result.Nothing.class, result);
      return;
    }
    var draft = assertInstanceOf(ContentToMail.Result.Composed.class, result).draft();
    var octets = MailWriter.write(draft);
    var mail = MailReader.read(octets);
    vector
        .get("expected_headers")
        .properties()
        .forEach(field -> header(mail, field.getKey(), field.getValue().asText()));
    var text = new String(octets, StandardCharsets.UTF_8);
    if (name.equals("reaction_shortcode")) {
      assertEquals(List.of("😄"), mail.reaction().orElseThrow().emoji());
    } else {
      assertEquals(types(vector.get("expected_mime")), types(text));
    }
    said(name, mail, text);
  }

  private static void header(Mail mail, String name, String expected) {
    var actual = mail.header().first(name).orElse("");
    switch (name) {
      case "Message-ID" -> assertEquals(expected.replace("{xmtp id hex}", SENT.toString()), actual);
      case "In-Reply-To" ->
          assertEquals(
              expected.startsWith("<")
                  ? expected.substring(0, expected.indexOf('>') + 1)
                  : "<x-" + newest() + "@bridge.example>",
              actual);
      case "References" ->
          assertEquals(
              expected.replace("<c-root@bridge.example>", IDS.root(CONVERSATION).toString()),
              actual);
      default -> assertEquals(expected, actual);
    }
  }

  private static void said(String name, Mail mail, String octets) {
    switch (name) {
      case "text" -> assertEquals("Hi\n\nBob", OutgoingLines.text(mail).strip());
      case "markdown" -> {
        assertEquals("# Hi\n\n**there**", OutgoingLines.text(mail).strip());
        assertTrue(mail.bodies().get(0).html().orElseThrow().contains("<h1>Hi</h1>"));
      }
      case "reply_to_bobs_mail" ->
          assertEquals(
              "ok\n\nOn Tue, 3 Feb 2026 09:00 UTC, Bob wrote:\n> Earlier mail from Bob",
              OutgoingLines.text(mail).strip());
      case "reaction_added" -> {
        assertEquals(List.of("👍"), mail.reaction().orElseThrow().emoji());
        assertTrue(mail.bodies().get(0).html().orElseThrow().contains("alice.eth reacted 👍"));
      }
      case "attachment_inline" -> {
        assertEquals("a.png", mail.attachments().get(0).filename());
        assertTrue(disposition(octets).matches("inline; filename=\"?a\\.png\"?"));
      }
      case "remote_attachment" -> {
        assertTrue(disposition(octets).matches("attachment; filename=\"?big\\.pdf\"?"));
        assertFalse(octets.contains("files.example"));
        assertFalse(octets.contains("5a".repeat(12)));
      }
      case "transaction_reference" ->
          assertEquals("Transaction\nNetwork: Base\nHash: 0xabc", OutgoingLines.text(mail).strip());
      case "unknown_type_with_fallback" ->
          assertEquals("Poll: lunch?", OutgoingLines.text(mail).strip());
      case "reaction_shortcode" -> {}
      default -> throw new AssertionError("the test knows no case " + name);
    }
  }

  private static String disposition(String octets) {
    return Pattern.compile("(?m)^Content-Disposition: ([^\r]*)")
        .matcher(octets.replace("\r\n ", " "))
        .results()
        .map(match -> match.group(1))
        .findFirst()
        .orElseThrow();
  }

  private static PeerLines lines(JsonNode xmtp) {
    var content = content(xmtp);
    var files =
        PeerLines.remoteFiles(content).isEmpty()
            ? List.<PeerLines.Fetched>of()
            : List.<PeerLines.Fetched>of(
                OutgoingLines.fetched("big.pdf", "application/pdf", "%PDF"));
    var line =
        new PeerLines.Line(
            SENT,
            content,
            ARRIVAL,
            files,
            Optional.ofNullable(xmtp.get("reference"))
                .filter(any -> content instanceof Reply || content instanceof Reaction)
                .map(MailMappingVectorsTest::target));
    return OutgoingLines.after(
        link("<x-" + newest() + "@bridge.example>", ThreadLink.Direction.XMTP_TO_MAIL, newest()),
        line);
  }

  private static Content content(JsonNode xmtp) {
    return switch (xmtp.get("type").asText()) {
      case "text" -> new Text(xmtp.get("text").asText());
      case "markdown" -> new Markdown(xmtp.get("markdown").asText());
      case "reply" ->
          new Reply(xmtp.get("reference").asText(), Optional.empty(), content(xmtp.get("inner")));
      case "reaction" ->
          new Reaction(
              xmtp.get("reference").asText(),
              Optional.empty(),
              Reaction.Action.valueOf(xmtp.get("action").asText().toUpperCase(Locale.ROOT)),
              xmtp.get("content").asText(),
              Reaction.Schema.valueOf(xmtp.get("schema").asText().toUpperCase(Locale.ROOT)));
      case "attachment" ->
          Attachment.of(
              xmtp.get("filename").asText(),
              xmtp.get("mimeType").asText(),
              HexFormat.of().parseHex("89504e470d0a1a0a"));
      case "remoteStaticAttachment" -> OutgoingLines.remote(xmtp.get("filename").asText());
      case "readReceipt" -> new ReadReceipt();
      case "transactionReference" ->
          new TransactionReference(
              Optional.empty(),
              xmtp.get("networkId").asText(),
              xmtp.get("reference").asText(),
              Optional.empty());
      default ->
          new UnknownContent(
              Optional.empty(),
              Optional.ofNullable(xmtp.get("fallback").textValue()),
              Octets.NONE,
              "unknown content type");
    };
  }

  private static PeerLines.Target target(JsonNode reference) {
    for (Map.Entry<String, JsonNode> known : STATE.get("known_messages").properties()) {
      if (known.getValue().get("xmtp_id").equals(reference)) {
        return new PeerLines.Target(
            link(known.getKey(), ThreadLink.Direction.MAIL_TO_XMTP, reference.asText()),
            Instant.parse("2026-02-03T09:00:00Z"),
            "Bob",
            known.getValue().get("text").asText(),
            true,
            Set.of());
      }
    }
    throw new AssertionError("no such message in the vectors: " + reference);
  }

  private static ThreadLink link(String mailId, ThreadLink.Direction direction, String message) {
    return new ThreadLink(
        new MailId(mailId),
        Optional.empty(),
        direction,
        CONVERSATION,
        group(1),
        BOB.mailbox(),
        ALICE,
        STATE.get("thread_base_subject").asText(),
        List.of(),
        List.of(message),
        ARRIVAL);
  }

  /** The media types of a nested list, in order. */
  private static List<String> types(JsonNode expected) {
    var types = new ArrayList<String>();
    for (var item : expected) {
      if (item.isArray()) {
        types.addAll(types(item));
      } else {
        types.add(item.asText().split("[; ]", 2)[0]);
      }
    }
    return types;
  }

  /** The media types in written octets, in order. */
  private static List<String> types(String octets) {
    return Pattern.compile("(?m)^Content-Type: ([^;\\s]+)")
        .matcher(octets)
        .results()
        .map(match -> match.group(1))
        .toList();
  }
}
