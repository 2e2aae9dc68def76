package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.Compression;
import io.postern.xmtp.proto.mls.EncodedContent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentCodecTest {
  private static final String ID = "ab12".repeat(16);

  static LongStream seeds() {
    return LongStream.range(0, 500);
  }

  static Stream<byte[]> everyVector() {
    return Stream.of("vectors", "decode_only", "legacy_v1")
        .flatMap(Vectors::lists)
        .filter(vector -> vector.json().has("canonical_hex"))
        .map(vector -> vector.hex("canonical_hex"));
  }

  private static EncodedContent.Builder typed(ContentTypeId type) {
    return EncodedContent.newBuilder()
        .setType(
            io.postern.xmtp.proto.mls.ContentTypeId.newBuilder()
                .setAuthorityId(type.authorityId())
                .setTypeId(type.typeId())
                .setVersionMajor(type.versionMajor()))
        .setFallback("fb");
  }

  private static byte[] octets(ContentTypeId type, String json) {
    return typed(type).setContent(ByteString.copyFromUtf8(json)).build().toByteArray();
  }

  private static Content json(ContentTypeId type, String json) {
    return ContentCodec.decode(octets(type, json));
  }

  private static void assertDegrades(Content content) {
    assertThat(content).isInstanceOf(UnknownContent.class);
    assertThat(content.fallback()).contains("fb");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatItWrote(long seed) throws Exception {
    var sent = AnyContent.of(new SplittableRandom(seed));

    byte[] octets = ContentCodec.encode(sent);

    assertThat(ContentCodec.decode(octets)).isEqualTo(sent);
    assertThat(ContentCodec.encode(sent)).isEqualTo(octets);
  }

  @Test
  void survivesEachTruncationOfEveryVector() {
    everyVector()
        .forEach(
            whole -> {
              for (int length = 0; length < whole.length; length++) {
                byte[] truncated = Arrays.copyOf(whole, length);
                assertDecodesAndDescribes(truncated);
              }
            });
  }

  @Test
  void survivesChangedOctetsInEveryVector() {
    var random = new SplittableRandom(7);
    everyVector()
        .forEach(
            whole -> {
              for (int i = 0; i < 200; i++) {
                byte[] changed = whole.clone();
                for (int n = random.nextInt(1, 4); n > 0; n--) {
                  changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                }
                assertDecodesAndDescribes(changed);
              }
            });
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void survivesRandomOctets(long seed) {
    var random = new SplittableRandom(seed);
    byte[] octets = new byte[random.nextInt(200)];
    random.nextBytes(octets);

    assertDecodesAndDescribes(octets);
    for (var type : AnyContent.TYPES) {
      var inside = typed(type).setContent(ByteString.copyFrom(octets));
      assertDecodesAndDescribes(inside.build().toByteArray());
      inside.setCompression(Compression.COMPRESSION_GZIP);
      assertDecodesAndDescribes(inside.build().toByteArray());
    }
  }

  private static void assertDecodesAndDescribes(byte[] octets) {
    assertThatCode(
            () -> {
              var content = ContentCodec.decode(octets);
              content.summary();
              content.fallback();
              content.toString();
            })
        .as(() -> HexFormat.of().formatHex(octets))
        .doesNotThrowAnyException();
  }

  @Test
  void decodesWhatIsNoProtobufAsUnknownWithTheOctets() {
    byte[] octets = "just text".getBytes(StandardCharsets.UTF_8);

    var content = ContentCodec.decode(octets);

    assertThat(content).isInstanceOf(UnknownContent.class);
    assertThat(content.type()).isEmpty();
    assertThat(content.fallback()).isEmpty();
    assertThat(content.summary()).isEmpty();
    assertThat(((UnknownContent) content).octets()).isEqualTo(Octets.of(octets));
  }

  @Test
  void treatsAnEmptyFallbackOfUnknownContentAsNone() {
    byte[] octets =
        typed(new ContentTypeId("a.b", "c", 1, 0)).setFallback("").build().toByteArray();

    assertThat(ContentCodec.decode(octets).fallback()).isEmpty();
  }

  @Test
  void takesTheLastOfTwoParametersWithOneName() {
    byte[] text = HexFormat.of().parseHex("0a120a08786d74702e6f72671204746578741801");
    byte[] utf16 = HexFormat.of().parseHex("12120a08656e636f64696e6712065554462d3136");
    byte[] utf8 = HexFormat.of().parseHex("12110a08656e636f64696e6712055554462d38");
    byte[] x = HexFormat.of().parseHex("220178");

    assertThat(ContentCodec.decode(concat(text, utf16, utf8, x))).isEqualTo(new Text("x"));
    assertThat(ContentCodec.decode(concat(text, utf8, utf16, x)))
        .isInstanceOf(UnknownContent.class);
  }

  private static byte[] concat(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void readsAFieldWithoutValueAsEmptyWhetherWrittenOrNot() {
    byte[] type = HexFormat.of().parseHex("0a180a08786d74702e6f7267120a6174746163686d656e741801");
    byte[] leftOut = HexFormat.of().parseHex("120a0a0866696c656e616d65");
    byte[] written = HexFormat.of().parseHex("120c0a0866696c656e616d651200");

    var expected = new Attachment(Optional.of(""), "", Octets.NONE);
    assertThat(ContentCodec.decode(concat(type, leftOut))).isEqualTo(expected);
    assertThat(ContentCodec.decode(concat(type, written))).isEqualTo(expected);
  }

  @Test
  void passesOverFieldsItDoesNotKnow() throws Exception {
    byte[] unknownField = HexFormat.of().parseHex("9a0603010203");

    byte[] octets = concat(ContentCodec.encode(new Text("hi")), unknownField);

    assertThat(ContentCodec.decode(octets)).isEqualTo(new Text("hi"));
  }

  @Test
  void refusesToWriteMoreThanTheLimit() throws Exception {
    int overhead = ContentCodec.encode(new Text("x".repeat(900_000))).length - 900_000;
    var largest = new Text("x".repeat(ContentCodec.MAX_ENCODED_BYTES - overhead));
    var larger = new Text(largest.text() + "x");

    assertThat(ContentCodec.encode(largest)).hasSize(ContentCodec.MAX_ENCODED_BYTES);
    assertThatThrownBy(() -> ContentCodec.encode(larger)).isInstanceOf(ContentException.class);
  }

  // Nesting, §3.6

  @Test
  void unwrapsThreeRepliesAndNoMore() throws Exception {
    Content content = new Text("deep");
    for (int i = 0; i < 3; i++) {
      content = new Reply(ID, Optional.empty(), content);
    }
    assertThat(ContentCodec.decode(ContentCodec.encode(content))).isEqualTo(content);

    var fourth = new Reply(ID, Optional.empty(), content);
    var received = (Reply) ContentCodec.decode(ContentCodec.encode(fourth));

    assertThat(received.summary()).contains("Replied with \"deep\" to an earlier message");
    var innermost = ((Reply) ((Reply) received.content()).content()).content();
    assertThat(innermost).isInstanceOf(UnknownContent.class);
  }

  @Test
  void survivesAThousandRepliesInsideEachOther() {
    byte[] octets = {};
    for (int i = 0; i < 1000; i++) {
      octets = typed(Reply.TYPE).setContent(ByteString.copyFrom(octets)).build().toByteArray();
    }

    assertDecodesAndDescribes(octets);
  }

  @Test
  void degradesOnlyTheInsideOfAReplyWhenItsTypeIsNotUnderstood() {
    var inner = typed(TransactionReference.TYPE).setContent(ByteString.copyFromUtf8("no json"));
    byte[] octets =
        typed(Reply.TYPE)
            .putParameters("reference", ID.toUpperCase(java.util.Locale.ROOT))
            .setContent(inner.build().toByteString())
            .build()
            .toByteArray();

    var reply = (Reply) ContentCodec.decode(octets);

    assertThat(reply.target()).isEqualTo(MessageId.parse(ID));
    assertDegrades(reply.content());
    assertThat(reply.summary()).contains("fb");
  }

  // Edits, §3.17

  @Test
  void takesAnEditParameterThatIsNoIdForAnOrdinaryMessage() {
    byte[] octets =
        typed(Text.TYPE)
            .putParameters("editedMessageId", "not an id")
            .setContent(ByteString.copyFromUtf8("x"))
            .build()
            .toByteArray();

    assertThat(ContentCodec.decode(octets)).isEqualTo(new Text("x"));
  }

  @Test
  void takesAFileWithAnEditParameterForAFile() {
    byte[] octets =
        typed(Attachment.TYPE).putParameters("editedMessageId", ID).build().toByteArray();

    assertThat(ContentCodec.decode(octets)).isInstanceOf(Attachment.class);
  }

  @Test
  void neverWritesAnEdit() {
    var edit = new EditMessage(MessageId.parse(ID).orElseThrow(), new Text("x"));

    assertThatThrownBy(() -> ContentCodec.encode(edit)).isInstanceOf(ContentException.class);
  }

  // Compression, §1.7

  private static Content flagged(ContentTypeId type, byte[] content) {
    return ContentCodec.decode(
        typed(type)
            .setContent(ByteString.copyFrom(content))
            .setCompression(Compression.COMPRESSION_DEFLATE)
            .build()
            .toByteArray());
  }

  private static byte[] gzip(byte[] plain) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] zlib(byte[] plain) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var zlib = new DeflaterOutputStream(out)) {
      zlib.write(plain);
    }
    return out.toByteArray();
  }

  @Test
  void inflatesUpToTheLimitAndNoFurther() throws Exception {
    byte[] most = new byte[CompressedContent.MAX_INFLATED_BYTES];
    byte[] bomb = new byte[CompressedContent.MAX_INFLATED_BYTES + 1];

    assertThat(flagged(Attachment.TYPE, gzip(most))).isInstanceOf(Attachment.class);
    assertThat(flagged(Attachment.TYPE, zlib(most))).isInstanceOf(Attachment.class);
    assertDegrades(flagged(Attachment.TYPE, gzip(bomb)));
    assertDegrades(flagged(Attachment.TYPE, zlib(bomb)));
    byte[] zlibBomb = zlib(bomb);
    byte[] rawBomb = Arrays.copyOfRange(zlibBomb, 2, zlibBomb.length - 4);
    assertDegrades(flagged(Attachment.TYPE, rawBomb));
  }

  @Test
  void degradesAtEachTruncationOfCompressedContent() throws Exception {
    byte[] plain = "Hello, compressed world! ".repeat(8).getBytes(StandardCharsets.UTF_8);
    for (byte[] whole : new byte[][] {gzip(plain), zlib(plain)}) {
      for (int length = 2; length < whole.length; length++) {
        assertDegrades(flagged(Attachment.TYPE, Arrays.copyOf(whole, length)));
      }
    }
  }

  @Test
  void doesNotKnowLzfse() {
    assertDegrades(flagged(Text.TYPE, "bvx2 and more".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void doesNotInflateWithoutTheFlag() throws Exception {
    byte[] gzipped = gzip(new byte[10]);
    byte[] octets =
        typed(Attachment.TYPE).setContent(ByteString.copyFrom(gzipped)).build().toByteArray();

    assertThat(((Attachment) ContentCodec.decode(octets)).octets()).isEqualTo(Octets.of(gzipped));
  }

  @Test
  void inflatesTheInsideOfAReplyByItsOwnFlag() throws Exception {
    var inner =
        typed(Text.TYPE)
            .setContent(ByteString.copyFrom(gzip("hi".getBytes(StandardCharsets.UTF_8))))
            .setCompression(Compression.COMPRESSION_GZIP)
            .build()
            .toByteArray();

    var reply = (Reply) flagged(Reply.TYPE, zlib(inner));

    assertThat(reply.content()).isEqualTo(new Text("hi"));
  }

  // JSON, §3.8 to §3.13

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"text\"",
        "{\"id\":\"q\",\"actionId\":\"a\"",
        "{\"id\":\"q\",\"actionId\":\"a\"} {}",
        "{\"id\":\"q\",\"id\":\"q\",\"actionId\":\"a\"}",
        "{\"id\":\"q\",\"actionId\":\"a\",\"action_id\":\"a\"}",
        "{\"id\":1,\"actionId\":\"a\"}",
        "{\"id\":null,\"actionId\":\"a\"}",
        "{\"id\":\"\\ud83d\",\"actionId\":\"a\"}",
        "{\"id\":\"q\",\"actionId\":\"a\",\"metadata\":[]}",
        "{\"id\":\"q\",\"actionId\":\"a\",\"metadata\":\"{}\"}",
        "{'id':'q','actionId':'a'}",
        "{\"id\":\"q\",\"actionId\":\"a\",}",
        "\ufeff{\"id\":\"q\",\"actionId\":\"a\"}",
        "{\"id\":\"q\",\"actionId\":\"a\" /* */}",
        "{\"id\":\"q\",\"actionId\":\"a\nb\"}",
      })
  void degradesOnAnIntentThatIsNotStrictJson(String json) {
    assertDegrades(json(Intent.TYPE, json));
  }

  @Test
  void degradesOnJsonThatIsNotUtf8() {
    var utf16 = "{\"id\":\"q\",\"actionId\":\"a\"}".getBytes(StandardCharsets.UTF_16BE);
    byte[] octets = typed(Intent.TYPE).setContent(ByteString.copyFrom(utf16)).build().toByteArray();

    assertDegrades(ContentCodec.decode(octets));
  }

  @Test
  void degradesOnJsonNestedTooDeeply() {
    String metadata = "{\"a\":".repeat(5000) + "1" + "}".repeat(5000);

    assertDegrades(
        json(Intent.TYPE, "{\"id\":\"\",\"actionId\":\"\",\"metadata\":" + metadata + "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"amount\":1e999,\"decimals\":1",
        "\"amount\":1e999999999999,\"decimals\":1",
        "\"amount\":NaN,\"decimals\":1",
        "\"amount\":true,\"decimals\":1",
        "\"amount\":null,\"decimals\":1",
        "\"amount\":1,\"decimals\":1.0",
        "\"amount\":1,\"decimals\":-1",
        "\"amount\":1,\"decimals\":4294967296",
        "\"amount\":1,\"decimals\":99999999999999999999",
        "\"amount\":1,\"decimals\":\"1\"",
      })
  void degradesOnATransactionWithANumberThatIsNone(String numbers) {
    assertDegrades(transaction(numbers));
  }

  private static Content transaction(String numbers) {
    return json(TransactionReference.TYPE, transactionJson(numbers));
  }

  private static String amount(String number) {
    return transactionJson("\"decimals\":1,\"amount\":" + number);
  }

  private static String transactionJson(String numbers) {
    return "{\"networkId\":\"1\",\"reference\":\"0x1\",\"metadata\":{\"transactionType\":\"t\","
        + "\"currency\":\"ETH\",\"fromAddress\":\"a\",\"toAddress\":\"b\","
        + numbers
        + "}}";
  }

  @Test
  void keepsAllDigitsOfAnAmount() {
    var content = transaction("\"amount\":12345678901234567890.123456789,\"decimals\":18");

    assertThat(content.summary().orElseThrow())
        .startsWith("Transaction: 12345678901234567890.123456789 ETH (t)\n");
  }

  @Test
  void doesNotWriteOutAMillionZeros() {
    var content = transaction("\"amount\":1e-999999999,\"decimals\":18");

    assertThat(content.summary().orElseThrow()).startsWith("Transaction: 1E-999999999 ETH");
  }

  /** Pieces that make hostile JSON more often than random octets do. */
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "0",
    "-",
    "1e2147483648",
    "0e-2147483648",
    "1e-2147483647",
    "100e2147483647",
    "1e400",
    ".5",
    "\\ud800",
    "\"id\":",
    "\"actionId\":\"a\"",
    "\"metadata\":",
    "\"networkId\":",
    "\"reference\":\"x\"",
    "\"amount\":",
    "\"calls\":[{",
    "\"actions\":[{",
    "\"expiresAt\":\"2026-01-02T03:04:05Z\"",
    "\"description\":\"d\"",
    "\"action\":\"added\"",
    "\"content\":\"c\"",
    "\"schema\":\"unicode\"",
    "é",
    "\u0000"
  };

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void survivesRandomJson(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < 3; n++) {
      var json = new StringBuilder("{");
      for (int i = random.nextInt(12); i > 0; i--) {
        json.append(PIECES[random.nextInt(PIECES.length)]);
        json.append(random.nextBoolean() ? "," : "");
      }
      json.append("}");
      for (var type : AnyContent.TYPES) {
        var octets = typed(type).setContent(ByteString.copyFromUtf8(json.toString())).build();
        assertDecodesAndDescribes(octets.toByteArray());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e2147483648",
        "1e-2147483648",
        "0e2147483647",
        "100e2147483646",
        "100e-2147483647",
        "10000e-2147483648",
        "1e999999999999",
      })
  void survivesNumbersAtTheEdgeOfWhatCanBeCounted(String number) {
    assertDecodesAndDescribes(octets(TransactionReference.TYPE, amount(number)));
    assertDecodesAndDescribes(
        octets(TransactionReference.TYPE, "{\"networkId\":" + number + ",\"reference\":\"\"}"));
    assertDecodesAndDescribes(
        octets(Intent.TYPE, "{\"id\":\"\",\"actionId\":\"\",\"metadata\":{\"n\":" + number + "}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tomorrow",
        "2026-12-31",
        "2026-12-31T23:59:59",
        "+12026-12-31T23:59:59Z",
        "2026-13-31T23:59:59Z",
        "",
      })
  void degradesOnActionsWithATimeThatIsNone(String time) {
    assertDegrades(
        json(
            Actions.TYPE,
            "{\"id\":\"q\",\"description\":\"d\",\"actions\":[],\"expiresAt\":\"" + time + "\"}"));
  }

  @Test
  void readsAnOldReactionWithParametersAndJsonByItsJson() {
    var octets =
        typed(Reaction.LEGACY_TYPE)
            .putParameters("action", "removed")
            .putParameters("reference", "other")
            .putParameters("schema", "custom")
            .setContent(
                ByteString.copyFromUtf8(
                    "{\"action\":\"added\",\"reference\":\"r\",\"content\":\"c\",\"schema\":\"new\"}"))
            .build()
            .toByteArray();

    assertThat(ContentCodec.decode(octets))
        .isEqualTo(
            new Reaction(
                "r", Optional.empty(), Reaction.Action.ADDED, "c", Reaction.Schema.UNSPECIFIED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"action", "reference", "schema"})
  void degradesOnAnOldestReactionThatLacksAParameter(String missing) {
    var octets =
        typed(Reaction.LEGACY_TYPE)
            .putParameters("action", "added")
            .putParameters("reference", ID)
            .putParameters("schema", "unicode")
            .removeParameters(missing)
            .setContent(ByteString.copyFromUtf8("👍"))
            .build()
            .toByteArray();

    assertDegrades(ContentCodec.decode(octets));
  }

  @Test
  void readsReactionNumbersOfTheFutureAsUnspecified() {
    byte[] content = HexFormat.of().parseHex("0a0161" + "1809" + "220163" + "2863");
    var octets = typed(Reaction.TYPE).setContent(ByteString.copyFrom(content));
    octets.getTypeBuilder().setVersionMajor(2);

    assertThat(ContentCodec.decode(octets.build().toByteArray()))
        .isEqualTo(
            new Reaction(
                "a",
                Optional.empty(),
                Reaction.Action.UNSPECIFIED,
                "c",
                Reaction.Schema.UNSPECIFIED));
  }

  @Test
  void keepsWhatAPeerSentOutOfTheReason() {
    for (var type : AnyContent.TYPES) {
      var content = json(type, "{\"hush\":\"hush\"} hush");
      if (content instanceof UnknownContent unknown) {
        assertThat(unknown.reason()).isNotEmpty().doesNotContain("hush");
      }
    }
  }

  // Spoofing, §3.14

  @Test
  void marksAGroupUpdateAsForgedUnlessMadeFromACommit() {
    var update = ContentCodec.decode(typed(GroupUpdated.TYPE).build().toByteArray());

    assertThat(update).isInstanceOf(GroupUpdated.class);
    assertThat(update.onlyFromCommits()).isTrue();
    assertThat(update.summary()).isEmpty();
  }
}
