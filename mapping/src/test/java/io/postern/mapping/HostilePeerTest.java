package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.OutgoingLines.byBob;
import static io.postern.mapping.OutgoingLines.called;
import static io.postern.mapping.OutgoingLines.composed;
import static io.postern.mapping.OutgoingLines.id;
import static io.postern.mapping.OutgoingLines.line;
import static io.postern.mapping.OutgoingLines.of;
import static io.postern.mapping.OutgoingLines.remote;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Draft;
import io.postern.mail.MailHeader;
import io.postern.mail.MailWriter;
import io.postern.xmtp.content.Actions;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentTypeId;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.Intent;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.content.TransactionReference;
import io.postern.xmtp.content.UnknownContent;
import io.postern.xmtp.content.WalletSendCalls;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a peer writes into whichever field: no header field, recipient or part is added. */
class HostilePeerTest {
  private static final Set<String> FIELDS =
      Set.of(
          "from",
          "to",
          "subject",
          "date",
          "message-id",
          "in-reply-to",
          "references",
          "mime-version",
          "content-type",
          "content-transfer-encoding",
          "content-disposition",
          "x-xmtp-message-id",
          "x-xmtp-conversation-id",
          "x-xmtp-sender",
          "x-xmtp-content-type",
          "x-ms-reactions",
          "chat-edit");

  private static final Map<String, String> VALUES =
      Map.of(
          "a field", "x\r\nBcc: eve@evil.example\r\n",
          "a bare LF", "x\nBcc: eve@evil.example\n\nbody",
          "a bare CR", "x\rBcc: eve@evil.example\r\rbody",
          "a part", "x\r\n--=_\r\nContent-Type: text/html\r\n\r\n<script>\r\n--=_--\r\n",
          "another recipient", "x\" <eve@evil.example>, \"y",
          "NUL and controls", "x\0y\u0001\u001b[2J\u0085\u2028Bcc: eve@evil.example",
          "bidi", "\u202egpj.exe\u2066\u200fBcc: eve@evil.example\u2069",
          "an encoded-word", "=?UTF-8?Q?x=0D=0ABcc:_eve@evil.example?=",
          "a lone surrogate", "x\ud800y\udc00",
          "10 MB", "x y".repeat(10_000_000 / 3));

  /** A message that carries the value in one of its fields. */
  private record Carrier(String name, Function<String, PeerLines> lines) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Carrier says(String name, Function<String, Content> content) {
    return new Carrier(name, value -> OutgoingLines.of(line(1, content.apply(value))));
  }

  private static List<Carrier> carriers() {
    var target = byBob("<m-50@mail.example>", 50, "Tea?");
    return List.of(
        new Carrier("display name", v -> called(of(line(1, new Text("hi"))), v)),
        says("text", Text::new),
        says("markdown", Markdown::new),
        says("file name", v -> Attachment.of(v, "image/png", new byte[] {1})),
        says("media type", v -> Attachment.of("a.png", v, new byte[] {1})),
        says("media type's subtype", v -> Attachment.of("a.png", "image/" + v, new byte[] {1})),
        says(
            "media type's parameter",
            v -> Attachment.of("a", "text/plain; x=" + v, new byte[] {1})),
        new Carrier(
            "fetched file's name",
            v -> of(line(1, remote("a"), OutgoingLines.fetched(v, "image/png", "x")))),
        new Carrier(
            "fetched file's media type",
            v -> of(line(1, remote("a"), OutgoingLines.fetched("a.png", v, "x")))),
        new Carrier(
            "name of a file not fetched",
            v -> of(line(1, remote(v), new PeerLines.Fetched.NotFetched()))),
        says("fallback", v -> unknown(Optional.of(new ContentTypeId("x", "y", 1, 0)), v)),
        says("type's authority", v -> unknown(Optional.of(new ContentTypeId(v, "y", 1, 0)), "hi")),
        says("type's name", v -> unknown(Optional.of(new ContentTypeId("x", v, 1, 0)), "hi")),
        says("reply", v -> new Reply(v, Optional.of(v), new Text(v))),
        new Carrier(
            "quoted text",
            v ->
                of(
                    line(1, Reply.to(id(50), "x", new Text("ok")))
                        .about(byBob("<m-50@mail.example>", 50, v)))),
        new Carrier(
            "quoted author",
            v ->
                of(
                    line(1, Reply.to(id(50), "x", new Text("ok")))
                        .about(
                            new PeerLines.Target(target.mail(), T0, v, "text", true, Set.of())))),
        new Carrier(
            "quoted text below Markdown",
            v ->
                of(
                    line(1, Reply.to(id(50), "x", new Markdown("*ok*")))
                        .about(byBob("<m-50@mail.example>", 50, v)))),
        new Carrier("edit", v -> of(line(1, new EditMessage(id(50), new Text(v))).about(target))),
        new Carrier("custom reaction", v -> of(reaction(v, Reaction.Schema.CUSTOM).about(target))),
        new Carrier("shortcode", v -> of(reaction(v, Reaction.Schema.SHORTCODE).about(target))),
        new Carrier("unicode", v -> of(reaction(v, Reaction.Schema.UNICODE).about(target))),
        new Carrier(
            "text reacted to",
            v ->
                of(
                    reaction("👍", Reaction.Schema.UNICODE)
                        .about(byBob("<m-50@mail.example>", 50, v)))),
        says("transaction", v -> new TransactionReference(Optional.of(v), v, v, transaction(v))),
        says("wallet request", HostilePeerTest::request),
        says(
            "question",
            v ->
                new Actions(
                    v,
                    v,
                    List.of(
                        new Actions.Action(
                            v, v, Optional.of(v), Optional.empty(), Optional.empty())),
                    Optional.empty())),
        says("answer", v -> new Intent(v, v, Optional.empty())));
  }

  private static UnknownContent unknown(Optional<ContentTypeId> type, String fallback) {
    return new UnknownContent(type, Optional.of(fallback), Octets.NONE, "unknown");
  }

  private static PeerLines.Line reaction(String content, Reaction.Schema schema) {
    return line(
        1,
        new Reaction(id(50).toString(), Optional.empty(), Reaction.Action.ADDED, content, schema));
  }

  private static Optional<TransactionReference.Metadata> transaction(String v) {
    return Optional.of(new TransactionReference.Metadata(v, v, BigDecimal.ONE, 18, v, v));
  }

  private static WalletSendCalls request(String v) {
    var metadata = new WalletSendCalls.Metadata(v, v, Map.of(v, v));
    var call =
        new WalletSendCalls.Call(
            Optional.of(v), Optional.of(v), Optional.of(v), Optional.of(v), Optional.of(metadata));
    return new WalletSendCalls(v, v, v, List.of(call), Optional.of(Map.of(v, v)));
  }

  static Stream<Arguments> cases() {
    return carriers().stream()
        .flatMap(
            carrier -> VALUES.keySet().stream().sorted().map(name -> Arguments.of(carrier, name)));
  }

  @ParameterizedTest(name = "{1} in the {0}")
  @MethodSource("cases")
  void addsNoFieldNoRecipientAndNoPart(Carrier carrier, String value) throws Exception {
    var hostile = carrier.lines().apply(VALUES.get(value));
    var harmless = carrier.lines().apply("harmless");
    var draft = composed(hostile).draft();
    var octets = MailWriter.write(draft);
    var mail = OutgoingLines.read(octets);
    var written = new String(octets, StandardCharsets.ISO_8859_1);

    var names =
        mail.header().fields().stream()
            .map(MailHeader.Field::name)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toList());
    assertEquals(names.size(), Set.copyOf(names).size(), () -> "repeated fields: " + names);
    assertTrue(FIELDS.containsAll(names), () -> "fields: " + names);
    assertEquals(List.of(OutgoingLines.BOB), mail.to());
    assertEquals(
        List.of(draft.from().mailbox()), mail.from().stream().map(x -> x.mailbox()).toList());
    assertEquals(draft.attachments().size(), mail.attachments().size());
    assertEquals(1, mail.bodies().size());
    int expected = parts(MailWriter.write(composed(harmless).draft()));
    // A text of megabytes is a file beside its beginning, and Markdown of megabytes plain text.
    assertEquals(value.equals("10 MB") ? parts(draft) : expected, parts(octets));
    assertFalse(Pattern.compile("(?im)^bcc:").matcher(headOf(written)).find());
    assertFalse(
        Pattern.compile("\r(?!\n)|(?<!\r)\n|\0").matcher(written).find(), "bare CR, LF or NUL");
    assertTrue(octets.length < ContentToMail.USUAL_MAIL_OCTETS);
  }

  /** As many as the draft asks for. */
  private static int parts(Draft draft) {
    int body =
        draft.body() instanceof Draft.Markdown ? 3 : draft.body() instanceof Draft.Reaction ? 4 : 1;
    return draft.attachments().isEmpty() ? body : body + 1 + draft.attachments().size();
  }

  /** Parts that a reader of MIME finds, multiparts included. */
  private static int parts(byte[] octets) throws Exception {
    var tokens = new MimeTokenStream();
    tokens.parse(new ByteArrayInputStream(octets));
    int parts = 0;
    for (var state = tokens.getState();
        state != EntityState.T_END_OF_STREAM;
        state = tokens.next()) {
      if (state == EntityState.T_START_HEADER) {
        parts++;
      }
    }
    return parts;
  }

  private static String headOf(String written) {
    return written.substring(0, written.indexOf("\r\n\r\n"));
  }
}
