package io.postern.mapping;

import static io.postern.mapping.OutgoingLines.line;
import static io.postern.mapping.OutgoingLines.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a peer says comes back in the same words when its mail is sent to a peer. */
class TranslationRoundTripTest {
  /** Each means something to a mail program, or is hard to encode. */
  private static final List<String> WORDS =
      List.of(
          "hello",
          "naïve",
          "日本語",
          "🎉",
          "👩‍👩‍👧",
          "From",
          ">",
          ">>",
          "--",
          "-",
          ".",
          "=3D",
          "=?UTF-8?Q?x?=",
          "\"quoted\"",
          "<b>bold</b>",
          "&amp;",
          "שלום",
          "\u202bembedded\u202c",
          "a\u00a0b",
          "e\u0301",
          "https://example.com/a?b=c&d=e",
          "x".repeat(300),
          "*star*",
          "`code`",
          "\\",
          "To:",
          "Content-Type:",
          "--=_boundary",
          "begin 644 x");

  private static final List<String> GAPS =
      List.of(" ", " ", " ", "  ", "\n", "\n\n", "\n ", " \n", "\r\n");

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  private static String anyText(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(1, 60); i > 0; i--) {
      text.append(WORDS.get(random.nextInt(WORDS.size())));
      text.append(GAPS.get(random.nextInt(GAPS.size())));
    }
    return text.toString();
  }

  /** Without white space, and without the mark that keeps a line from being a signature's. */
  private static List<String> words(String text) {
    return Arrays.stream(text.replace("\u200b", "").split("[\\s\u00a0]+"))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static Circumstances whole() {
    return IncomingMail.inForm(Circumstances.Form.TEXT, Circumstances.Quotes.KEPT);
  }

  private static String said(List<MailToContent.Part> parts) {
    var text = assertInstanceOf(Text.class, parts.get(0).content()).text();
    return text.substring("Subject: Message from alice.eth\n\n".length());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void textKeepsItsWords(long seed) {
    var text = anyText(new SplittableRandom(seed));

    var mail = OutgoingLines.read(of(line(1, new Text(text))));

    assertEquals(words(text), words(said(IncomingMail.parts(mail, whole()))));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void markdownKeepsItsSource(long seed) {
    var source = anyText(new SplittableRandom(seed));

    var mail = OutgoingLines.read(of(line(1, new Markdown(source))));

    assertEquals(words(source), words(OutgoingLines.text(mail)));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void severalLinesKeepTheirOrderAndFilesTheirOctets(long seed) {
    var random = new SplittableRandom(seed);
    var lines = new ArrayList<PeerLines.Line>();
    var texts = new ArrayList<String>();
    var files = new ArrayList<Content>();
    for (int n = random.nextInt(1, 8); n > 0; n--) {
      if (random.nextInt(3) > 0 || texts.isEmpty()) {
        texts.add(anyText(random));
        lines.add(line(lines.size() + 1, new Text(texts.get(texts.size() - 1))));
      } else {
        var octets = new byte[random.nextInt(500)];
        random.nextBytes(octets);
        var file = Attachment.of("f" + n + ".bin", "application/octet-stream", octets);
        files.add(file);
        lines.add(line(lines.size() + 1, file));
      }
    }

    var mail = OutgoingLines.read(of(lines.toArray(PeerLines.Line[]::new)));
    var parts = IncomingMail.parts(mail, whole());

    assertEquals(words(String.join("\n", texts)), words(said(parts)));
    assertEquals(
        files,
        parts.stream().skip(1).map(MailToContent.Part::content).collect(Collectors.toList()));
  }
}
