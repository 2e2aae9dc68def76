package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jsoup.Jsoup;

/** Any HTML becomes Markdown that, shown again, can do nothing but be read. */
class HtmlToMarkdownFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void becomesHarmlessMarkdown(byte[] octets) {
    var html = new String(octets, StandardCharsets.UTF_8);
    var markdown = HtmlToMarkdown.convert(html);
    HtmlToText.convert(html);

    var shown = Jsoup.parseBodyFragment(MarkdownToHtml.convert(markdown));
    assertThat(shown.select("script, iframe, object, style, form, img, base, meta")).isEmpty();
    for (var link : shown.select("[href]")) {
      assertThat(link.attr("href").toLowerCase(Locale.ROOT)).matches("(?s)(https?|mailto|tel):.*");
    }
    for (var element : shown.getAllElements()) {
      for (var attribute : element.attributes()) {
        assertThat(attribute.getKey()).doesNotStartWith("on");
      }
    }
  }
}
