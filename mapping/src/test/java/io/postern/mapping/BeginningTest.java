package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.HtmlToMarkdown;
import java.util.SplittableRandom;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BeginningTest {
  @ParameterizedTest
  @CsvSource({
    "one two three,9,one two",
    "one two three,7,one two",
    "one,10,one",
    "onetwothree,5,onetw",
    "see https://example.org/path and,20,see",
    "see https://example.org/path and,30,see https://example.org/path",
  })
  void endsBetweenWords(String text, int characters, String beginning) {
    assertThat(Beginning.ofText(text, characters)).isEqualTo(beginning);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
        "\ud83d\udc4d\ud83c\udffd",
        "\ud83c\udde9\ud83c\uddea",
        "e\u0301",
        "\u2764\ufe0f",
        "\ud83c\udff4\udb40\udc67\udb40\udc62\udb40\udc7f",
      })
  void splitsNoCharacterThatAReaderSees(String cluster) {
    var text = cluster.repeat(100);

    for (int characters = 20; characters < 60; characters++) {
      var beginning = Beginning.ofText(text, characters);

      assertThat(beginning.replace(cluster, "")).isEmpty();
      assertThat(beginning).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a [text of a link](https://example.org/) b,12,a",
    "a [text of a link](https://example.org/) b,30,a",
    "some **bold words** end,12,some **bold**",
    "some **bold words** end,7,some",
    "some *very **bold words*** end,19,some *very **bold***",
    "a `code here` b,8,a `code`",
    "a \\*b c,4,a",
    "~~gone away~~ x,7,~~gone~~",
  })
  void leavesNoMarkOpenAndNoLinkHalf(String text, int characters, String beginning) {
    assertThat(Beginning.ofMarkdown(text, characters)).isEqualTo(beginning);
  }

  @Test
  void closesABlockOfCode() {
    assertThat(Beginning.ofMarkdown("````\nline one\n```\nline two\n````\nend", 22))
        .isEqualTo("````\nline one\n```\nline\n````");
  }

  @Test
  void whatALinkWasIsALinkOrGone() {
    var random = new SplittableRandom(7);
    var pieces =
        new String[] {
          "<a href='https://example.org/a?b=c'>link *text* [x]</a> ",
          "<b>bold</b> ",
          "<i>it<b>al</b>ic</i> ",
          "<code>a`b*c</code> ",
          "<pre>```\nx</pre>",
          "words ",
          "<s>gone</s> ",
          "&lt;&gt;*_` ",
          "<ul><li>one<li>two</ul>",
          "\ud83d\udc4d ",
        };
    for (int round = 0; round < 400; round++) {
      var html = new StringBuilder();
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        html.append(pieces[random.nextInt(pieces.length)]);
      }
      var markdown = HtmlToMarkdown.convert(html.toString());
      var cut = Beginning.ofMarkdown(markdown, random.nextInt(1, markdown.length() + 2));

      assertThat(cut.length()).isLessThanOrEqualTo(markdown.length() + 12);
      var links = HtmlRenderer.builder().build().render(Parser.builder().build().parse(cut));
      assertThat(links).as(cut).doesNotContain("](").doesNotContain("[link");
    }
  }

  @Test
  void aLongHostileTextEnds() {
    for (var piece : new String[] {"[", "](", "**", "*", "`", "\\", "https://", "\u200d", ">"}) {
      var text = piece.repeat(200_000);

      assertThat(Beginning.ofMarkdown(text, 100_000)).isNotNull();
      assertThat(Beginning.ofText(text, 100_000)).isNotNull();
    }
  }
}
