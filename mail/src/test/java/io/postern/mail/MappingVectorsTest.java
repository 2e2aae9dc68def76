package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The inbound cases of {@code spec/vectors/content-email-mapping.json}, as far as the mail side
 * decides them: which message is answered and which conversation it goes to is the mapping's.
 */
class MappingVectorsTest {
  record Case(String name, byte[] raw, List<JsonNode> expected, JsonNode whole) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> inbound() throws IOException {
    try (var in =
        MappingVectorsTest.class.getResourceAsStream("/vectors/content-email-mapping.json")) {
      var cases = new ArrayList<Case>();
      for (var node : new ObjectMapper().readTree(in).get("inbound")) {
        var expected = new ArrayList<JsonNode>();
        node.get("expected").forEach(expected::add);
        cases.add(
            new Case(
                node.get("name").asText(),
                node.get("raw_utf8").asText().getBytes(UTF_8),
                expected,
                node));
      }
      return cases;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inbound")
  void readsWhatTheMappingNeeds(Case vector) throws Exception {
    var mail = MailReader.read(vector.raw());
    var readable = ReadableMail.of(mail);
    var files = new ArrayList<>(readable.files());

    for (var expected : vector.expected()) {
      switch (expected.get("type").asText()) {
        case "text" -> assertThat(readable.text()).isEqualTo(ownText(expected, mail));
        case "reply" -> {
          assertThat(readable.text()).isEqualTo(expected.at("/inner/text").asText());
          assertThat(mail.answeredIds())
              .extracting(MailId::value)
              .first()
              .isEqualTo("<m-100@mail.example>");
        }
        case "file" -> assertFile(files.remove(0), expected);
        case "reaction" -> assertReaction(readable.reaction().orElseThrow(), expected);
        case "readReceipt" -> {
          assertThat(readable.receipt().orElseThrow().displayed()).isTrue();
          assertThat(readable.receipt().orElseThrow().original().orElseThrow().value())
              .startsWith("<x-ab12");
          assertThat(mail.automatic()).isTrue();
        }
        case "notice" -> {
          var report = readable.report().orElseThrow();
          var failed = report.recipients().get(0);
          assertThat(
                  "Could not deliver this message to "
                      + failed.recipient()
                      + ": "
                      + failed.diagnostic())
              .isEqualTo(expected.get("text").asText());
          assertThat(report.original().orElseThrow().value()).startsWith("<x-ab12");
          assertThat(report.envelopeId()).startsWith("xab12");
          assertThat(mail.automatic()).isTrue();
        }
        default -> throw new AssertionError("unknown type " + expected);
      }
      assertThat(mail.automatic())
          .isEqualTo(
              expected.has("should_push")
                  || readable.report().isPresent()
                  || readable.receipt().isPresent());
    }
    assertThat(files).isEmpty();
  }

  /** What is left of the expected text without the lines that the mapping puts before it. */
  private static String ownText(JsonNode expected, Mail mail) {
    var text = expected.get("text").asText();
    int subject = text.indexOf("Subject: ");
    if (subject >= 0) {
      int end = text.indexOf("\n\n");
      assertThat(text.substring(subject, end)).isEqualTo("Subject: " + mail.subject());
      if (expected.has("conversation")) {
        assertThat(text).startsWith(mail.author().orElseThrow() + "\n");
        assertThat(expected.get("conversation").asText())
            .isEqualTo("list:" + mail.listId().orElseThrow());
      }
      text = text.substring(end + 2);
    }
    // The summary of a calendar is the mapping's, from the file.
    int calendar = text.indexOf("\n\n📅 ");
    return calendar < 0 ? text : text.substring(0, calendar);
  }

  private static void assertFile(Attachment file, JsonNode expected) {
    assertThat(file.filename()).isEqualTo(expected.get("filename").asText());
    assertThat(file.mediaType()).isEqualTo(expected.get("mimeType").asText());
    if (expected.has("data_hex")) {
      assertThat(HexFormat.of().formatHex(file.octets()))
          .isEqualTo(expected.get("data_hex").asText());
    }
  }

  private static void assertReaction(EmojiReaction reaction, JsonNode expected) {
    assertThat(reaction.target().value())
        .isEqualTo("<x-" + expected.get("reference").asText() + "@bridge.example>");
    if (expected.get("action").asText().equals("added")) {
      assertThat(reaction.emoji()).contains(expected.get("content").asText());
    } else {
      assertThat(reaction.emoji()).isEmpty();
      assertThat(reaction.completeSet()).isTrue();
    }
  }
}
