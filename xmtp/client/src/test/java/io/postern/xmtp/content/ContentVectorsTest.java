package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.content.Vectors.Vector;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every content vector, against octets that real libxmtp clients wrote and what they decoded. */
class ContentVectorsTest {
  private static final MessageId AB12 = MessageId.parse("ab12".repeat(16)).orElseThrow();

  /** Where the specification wants more understood than libxmtp does; each with its section. */
  private static final Map<String, Content> BEYOND_LIBXMTP =
      Map.of(
          // §3.1: UTF-8 in any case
          "text/encoding_lowercase", new Text("x"),
          // §3.17: both designs of edits
          "text/extra_parameter_edit (XIP-77 draft)",
              new EditMessage(AB12, new Text("edited text")),
          "edit-message/edit_text", new EditMessage(AB12, new Text("corrected text")),
          // §3.4: a length that is no 32-bit number is unknown
          "remote-attachment/content_length_minus_one (iOS sends this when unknown)",
              remote(Optional.empty()),
          "remote-attachment/content_length_null_string (Android sends this when unknown)",
              remote(Optional.of("file.pdf")),
          "remote-attachment/content_length_over_u32", remote(Optional.of("file.pdf")),
          // §3.8: the oldest reactions
          "reaction/parameter_form (oldest; libxmtp does not decode it)",
              new Reaction(
                  AB12.toString(),
                  Optional.empty(),
                  Reaction.Action.ADDED,
                  "smile",
                  Reaction.Schema.SHORTCODE));

  private static RemoteAttachment remote(Optional<String> filename) {
    var basic =
        (RemoteAttachment)
            Vectors.content(Vectors.list("remote-attachment", "vectors").findFirst().orElseThrow());
    return new RemoteAttachment(
        basic.url(),
        basic.contentDigest(),
        basic.secret(),
        basic.salt(),
        basic.nonce(),
        basic.scheme(),
        OptionalLong.empty(),
        filename);
  }

  static Stream<Vector> encoded() {
    return Vectors.lists("vectors")
        .filter(vector -> !vector.file().equals("edit-message"))
        .filter(vector -> !vector.json().has("encode_error"));
  }

  static Stream<Vector> refused() {
    return Vectors.lists("vectors").filter(vector -> vector.json().has("encode_error"));
  }

  static Stream<Vector> received() {
    return Stream.of("vectors", "decode_only", "legacy_v1")
        .flatMap(Vectors::lists)
        .filter(vector -> vector.json().has("canonical_hex"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoded")
  void encodesToTheCanonicalOctets(Vector vector) throws Exception {
    var content = Vectors.content(vector);

    byte[] octets = ContentCodec.encode(content);

    var json = vector.json();
    if (json.has("canonical_hex")) {
      assertThat(HexFormat.of().formatHex(octets)).isEqualTo(json.get("canonical_hex").asText());
    }
    if (json.has("canonical_len")) {
      assertThat(octets).hasSize(json.get("canonical_len").asInt());
      assertThat(MessageId.sha256().digest(octets)).isEqualTo(vector.hex("canonical_sha256"));
    }
    if (json.has("encoded_content")) {
      assertThat(content.fallback())
          .isEqualTo(Vectors.text(json.get("encoded_content"), "fallback"));
    }
    assertThat(json.has("canonical_hex") || json.has("canonical_len") || json.has("fallback"))
        .as("the vector says what is expected")
        .isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoded")
  void readsBackWhatItWrote(Vector vector) throws Exception {
    var content = Vectors.content(vector);

    byte[] octets = ContentCodec.encode(content);

    // Length 0 and no name mean unknown here (§3.5), and are not written again.
    if (!vector.name().equals("multi-remote-attachment/optional_zero_and_empty")) {
      assertThat(ContentCodec.decode(octets)).isEqualTo(content);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesToWriteWhatLibxmtpRefuses(Vector vector) {
    var content = Vectors.content(vector);

    assertThatThrownBy(() -> ContentCodec.encode(content)).isInstanceOf(ContentException.class);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("received")
  void decodesAsLibxmtpOrAsTheSpecificationSays(Vector vector) throws Exception {
    byte[] octets = vector.hex("canonical_hex");

    var content = ContentCodec.decode(octets);

    if (BEYOND_LIBXMTP.containsKey(vector.name())) {
      assertThat(content).isEqualTo(BEYOND_LIBXMTP.get(vector.name()));
      return;
    }
    if (content instanceof UnknownContent unknown) {
      assertThat(unknown.octets()).isEqualTo(Octets.of(octets));
      assertThat(unknown.reason()).isNotEmpty();
      assertThat(ContentCodec.encode(unknown)).isEqualTo(octets);
    }
    switch (vector.file()) {
      case "group-updated", "leave-request", "delete-message" ->
          assertThat(content).isEqualTo(Vectors.content(vector));
      case "multi-remote-attachment" ->
          assertThat(withoutUnknown(content)).isEqualTo(withoutUnknown(expected(vector)));
      default -> {
        var theirs = AsLibxmtp.withoutCarried(vector.json().get("decoded").deepCopy());
        assertThat(AsLibxmtp.same(AsLibxmtp.of(content), theirs))
            .as("%s is %s", AsLibxmtp.of(content), theirs)
            .isTrue();
      }
    }
  }

  private static Content expected(Vector vector) {
    return vector.json().has("input")
        ? Vectors.content(vector)
        : ContentCodec.decode(vector.hex("canonical_hex"));
  }

  /** Files whose length 0 and empty name are left out. */
  private static Object withoutUnknown(Content content) {
    return content instanceof MultiRemoteAttachment files
        ? files.attachments().stream()
            .map(
                file ->
                    new RemoteAttachment(
                        file.url(),
                        file.contentDigest(),
                        file.secret(),
                        file.salt(),
                        file.nonce(),
                        file.scheme(),
                        file.contentLength().orElse(0) == 0
                            ? OptionalLong.empty()
                            : file.contentLength(),
                        file.filename().filter(name -> !name.isEmpty())))
            .toList()
        : content;
  }

  static Stream<Vector> inRandomOrder() {
    return Vectors.lists("vectors").filter(vector -> vector.json().has("libxmtp_hex"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inRandomOrder")
  void readsParametersInAnyOrder(Vector vector) {
    var canonical = ContentCodec.decode(vector.hex("canonical_hex"));

    var shuffled = ContentCodec.decode(vector.hex("libxmtp_hex"));

    assertThat(shuffled).isEqualTo(canonical);
  }

  static Stream<Vector> olderForms() {
    return Vectors.lists("vectors").filter(vector -> vector.json().has("node_1_6_8_canonical_hex"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("olderForms")
  void readsWhatOlderClientsWriteAsTheSame(Vector vector) {
    var today = ContentCodec.decode(vector.hex("canonical_hex"));

    var older = ContentCodec.decode(vector.hex("node_1_6_8_canonical_hex"));

    assertThat(older).isEqualTo(today);
  }

  static Stream<Vector> compressed() {
    return Vectors.list("compression", "vectors");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("compressed")
  void inflatesEveryFormInTheField(Vector vector) {
    var content = ContentCodec.decode(vector.hex("canonical_hex"));

    assertThat(content).isEqualTo(new Text(vector.json().get("plain_utf8").asText()));
  }

  static Stream<Vector> messageIds() {
    return Vectors.list("message-id", "vectors");
  }

  @ParameterizedTest(name = "message-id/{index}")
  @MethodSource("messageIds")
  void hashesTheMessageId(Vector vector) {
    byte[] groupId = vector.hex("group_id_hex");
    String key = vector.json().get("idempotency_key").asText();

    var id = MessageId.of(groupId, key, vector.hex("content_hex"));

    assertThat(id).hasToString(vector.json().get("message_id_hex").asText());
    var envelope = new PlaintextEnvelope.V1(Octets.of(vector.hex("content_hex")), key);
    assertThat(envelope.messageId(groupId)).isEqualTo(id);
  }
}
