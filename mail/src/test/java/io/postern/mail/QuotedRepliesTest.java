package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replies as clients write them, in many languages: no line of their authors is ever lost. */
class QuotedRepliesTest {
  private static final int ROUNDS = 40;

  /** What stands above a quote with marks. */
  private static final List<String> ATTRIBUTIONS =
      List.of(
          "On Tue, Feb 3, 2026 at 9:58 AM Bob <bob@x.example> wrote:",
          "Am 03.02.2026 um 09:58 schrieb Bob:",
          "Le mar. 3 févr. 2026 à 09:58, Bob <bob@x.example> a écrit :",
          "El mar, 3 feb 2026 a las 9:58, Bob (<bob@x.example>) escribió:",
          "Il giorno mar 3 feb 2026 alle ore 09:58 Bob <bob@x.example> ha scritto:",
          "Em ter., 3 de fev. de 2026 às 09:58, Bob <bob@x.example> escreveu:",
          "Op di 3 feb 2026 om 09:58 schreef Bob <bob@x.example>:",
          "Den tis 3 feb. 2026 kl 09:58 skrev Bob <bob@x.example>:",
          "wt., 3 lut 2026 o 09:58 Bob <bob@x.example> napisał(a):",
          "Wiadomość napisana przez Bob <bob@x.example> w dniu 3 lut 2026, o godz. 09:58:",
          "вт, 3 февр. 2026 г. в 09:58, Bob <bob@x.example>:",
          "Вторник, 3 февраля 2026, 9:58 +03:00 от Bob <bob@x.example>:",
          "在 2026-02-03 09:58:00，\"Bob\" <bob@x.example> 写道：",
          "2026/02/03 9:58、Bob <bob@x.example>のメール:",
          "2026년 2월 3일 (화) 오전 9:58, Bob <bob@x.example>님이 작성:",
          "Bob <bob@x.example>, 3 Şub 2026 Sal, 09:58 tarihinde şunu yazdı:",
          "Bob kirjoitti 3.2.2026 klo 9.58:",
          "Bob <bob@x.example> hat am 03.02.2026 09:58 CET geschrieben:",
          "3. Feb. 2026, 09:58 von bob@x.example:",
          "---- On Tue, 03 Feb 2026 09:58:00 +0100 Bob <bob@x.example> wrote ----");

  /** What stands above a quote without marks. */
  private static final List<String> HEADERS =
      List.of(
          "-----Original Message-----\nFrom: Bob\nSent: Tuesday\nTo: Alice\nSubject: lunch\n",
          "________________________________\n"
              + "From: Bob <bob@x.example>\n"
              + "Sent: Tuesday\n"
              + "To: Alice\n"
              + "Subject: l\n",
          "Von: Bob\nGesendet: Dienstag\nAn: Alice\nBetreff: lunch\n",
          "Gesendet: Dienstag, 03. Februar 2026 um 09:58 Uhr\n"
              + "Von: Bob\n"
              + "An: Alice\n"
              + "Betreff: lunch\n",
          "De : Bob\nEnvoyé : mardi\nÀ : Alice\nObjet : lunch\n",
          "------------------ 原始邮件 ------------------\n发件人: Bob\n发送时间: 2026\n收件人: Alice\n主题: l\n",
          "-------- Ursprüngliche Nachricht --------\n"
              + "Von: Bob\n"
              + "Datum: 03.02.26\n"
              + "An: Alice\n"
              + "Betreff: l\n",
          "보낸사람: Bob\n보낸시간: 2026\n받는사람: Alice\n제목: lunch\n");

  /** Lines that resemble what clients write, and are none of it. */
  private static final List<String> TRICKY =
      List.of(
          "On Monday I shall be there.",
          "On the phone she wrote down everything.",
          "From here it is not far.",
          "He wrote: see you at 10:30",
          "Am Montag geht es leider nicht.",
          "Le train part à 09:58.",
          "La mamma ha scritto ieri.",
          "To: do, not to be",
          "See https://example.org/wrote:?a=1",
          "a > b, and b < c",
          "bob@x.example is the address",
          "1. first",
          "- second",
          "3. Feb. 2026 would suit me",
          "| a | b |",
          "в 10:30 я буду",
          "我在 10:30 到",
          "OK",
          "👍",
          "-- not a mark at all",
          "Sent from my desk, this takes longer.",
          "Best regards");

  static IntStream seeds() {
    return IntStream.range(0, ROUNDS);
  }

  private static List<String> words(SplittableRandom random, String by) {
    var lines = new ArrayList<String>();
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      lines.add(
          random.nextInt(3) == 0
              ? TRICKY.get(random.nextInt(TRICKY.size()))
              : by + " says number " + random.nextInt(1_000_000) + ".");
    }
    // What ends like the end of a letter would be cut as such: the author goes on.
    lines.add(by + " says last " + random.nextInt(1_000_000) + ".");
    return lines;
  }

  private static List<String> quoted(SplittableRandom random) {
    return words(random, "Bob").stream().map(line -> "> " + line).toList();
  }

  private static void assertKept(List<String> author, String text) {
    var kept = QuotedText.cut(text, true).lines().toList();
    assertThat(kept).as(text).containsAll(author);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aboveAQuoteEveryLineStays(int seed) {
    var random = new SplittableRandom(seed);
    for (var attribution : ATTRIBUTIONS) {
      var author = words(random, "Alice");
      var text = lines(List.of(author, List.of("", attribution), quoted(random)));

      assertKept(author, text);
      assertThat(QuotedText.cut(text, true)).as(text).doesNotContain("Bob says");
    }
    for (var header : HEADERS) {
      var author = words(random, "Alice");
      var text = lines(List.of(author, List.of("", header), words(random, "Bob")));

      assertKept(author, text);
      assertThat(QuotedText.cut(text, true)).as(text).doesNotContain("Bob says");
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void belowAQuoteEveryLineStays(int seed) {
    var random = new SplittableRandom(seed);
    for (var attribution : ATTRIBUTIONS) {
      var author = words(random, "Alice");

      assertKept(author, lines(List.of(List.of(attribution), quoted(random), List.of(""), author)));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void betweenQuotesEveryLineStays(int seed) {
    var random = new SplittableRandom(seed);
    for (var attribution : ATTRIBUTIONS) {
      var author = new ArrayList<String>();
      var parts = new ArrayList<List<String>>();
      parts.add(List.of(attribution));
      for (int i = random.nextInt(2, 5); i > 0; i--) {
        var words = words(random, "Alice");
        author.addAll(words);
        parts.add(quoted(random));
        parts.add(random.nextBoolean() ? List.of("") : List.of());
        parts.add(words);
        parts.add(random.nextBoolean() ? List.of("") : List.of());
      }
      if (random.nextBoolean()) {
        parts.add(quoted(random));
      }

      assertKept(author, lines(parts));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whereSomethingIsVisibleSomethingStays(int seed) {
    var random = new SplittableRandom(seed);
    var pieces =
        Stream.of(ATTRIBUTIONS, HEADERS, TRICKY, List.of("> quote", ">", "", "-- ", "--", "____"))
            .flatMap(List::stream)
            .toList();
    for (int round = 0; round < 50; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        text.append(pieces.get(random.nextInt(pieces.size()))).append('\n');
      }

      var cut = QuotedText.cut(text.toString(), random.nextBoolean());

      assertThat(BodyText.isVisible(cut))
          .as(text.toString())
          .isEqualTo(BodyText.isVisible(text.toString()));
    }
  }

  private static String lines(List<List<String>> parts) {
    return parts.stream().flatMap(List::stream).collect(Collectors.joining("\n"));
  }

  private static final List<String> HOSTILE =
      List.of(
          ">",
          "> a\n",
          "On Mon, 2 Feb 2026 at 10:00 ",
          "On Mon, 2 Feb 2026 at 10:00\n",
          "wrote:\n",
          "On a wrote b <c@d> ",
          "From: a\nTo: b\n",
          "-- \na\n",
          "____________________\n",
          "Sent from my a\n",
          "3. Feb. 2026, 09:58 von a ",
          "> long enough a line to be broken by a transport that breaks such lines, say\nrest\n",
          "a@b ",
          "https://a ");

  static List<String> hostile() {
    return HOSTILE;
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void aHostileMailEnds(String piece) {
    var text = piece.repeat(500_000 / piece.length());

    // Not a measure of speed: what runs away does not end for hours.
    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(5),
        () -> assertThat(QuotedText.cut("a\n" + text + "\n> b\nc", true)).isNotNull());
  }

  @Test
  void aHostileMailOfTenMegabytesEnds() {
    var all = String.join("", HOSTILE);
    var text = all.repeat(10_000_000 / all.length());

    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(5), () -> assertThat(QuotedText.cut(text, true)).isNotNull());
  }
}
