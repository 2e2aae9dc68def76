package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownToHtmlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "[x](\"onclick=alert(1))",
        "![x](https://tracker.example/p.gif)",
        "![](https://tracker.example/p.gif)",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<https://x.example/\" onmouseover=\"alert(1)>",
        "| a |\n| - |\n| <iframe src=x> |"
      })
  void letsNothingActiveThrough(String markdown) {
    assertThat(MarkdownToHtml.convert(markdown))
        .doesNotContain("<script", "<img", "<iframe")
        .doesNotContainPattern("<[^>]*href=\"(javascript|data)")
        .doesNotContainPattern("<[^>]* on[a-z]+=");
  }

  @Test
  void rendersLinksTablesAndStrikethrough() {
    assertThat(MarkdownToHtml.convert("[x](https://x.example/?a=1&b=2)"))
        .isEqualTo(
            "<p><a href=\"https://x.example/?a=1&amp;b=2\" rel=\"noopener noreferrer\">x</a></p>\n");
    assertThat(MarkdownToHtml.convert("| a |\n| - |\n| ~~b~~ |"))
        .contains("<table>", "<th>a</th>", "<td><del>b</del></td>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "> ", "* ", "[", "*a **b ", "![", "(", "`", "- - ", "|", "<", "1. ", "~~a ", "[a]("
      })
  void endsOnLongHostileMarkdown(String piece) {
    assertThat(MarkdownToHtml.convert(piece.repeat(60_000 / piece.length()) + "x")).isNotEmpty();
  }
}
