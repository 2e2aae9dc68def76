package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.text.TextContentRenderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlToTextTest {
  @Test
  void makesListsOfOfficesParagraphs() {
    var item =
        "<p class=MsoListParagraph style='margin-left:36pt;mso-list:l0 level%d lfo1'><![if"
            + " !supportLists]><span"
            + " style='mso-list:Ignore'>%s<span>&nbsp;&nbsp;</span></span><![endif]>%s<o:p></o:p></p>\n";

    var html =
        "<p>Before</p>"
            + item.formatted(1, "·", "one")
            + item.formatted(2, "o", "inner")
            + item.formatted(1, "·", "two")
            + "<p>Between</p>"
            + item.formatted(1, "1.", "first")
            + item.formatted(1, "2.", "second");

    assertThat(HtmlToText.convert(html))
        .isEqualTo("Before\n\n- one\n  - inner\n- two\n\nBetween\n\n1. first\n2. second");
  }

  @Test
  void leavesAloneWhatOnlyResemblesOfficesLists() {
    assertThat(HtmlToText.convert("<p style='mso-list:l0 level99999999999 lfo1'>a</p>"))
        .isEqualTo("a");
    assertThat(HtmlToText.convert("<p style='mso-list:none'>a</p>")).isEqualTo("a");
    assertThat(HtmlToText.convert("<p style='mso-list:l0 level99 lfo1'>a</p>")).endsWith("- a");
  }

  @Test
  void passesOverWhatIsOnlyForPreviews() {
    assertThat(
            HtmlToText.convert(
                "<div style='display:none;max-height:0'>preview</div>"
                    + "<div style='opacity:0'>preview</div>"
                    + "<div style='height:0;overflow:hidden'>preview</div>"
                    + "<span style='font-size:0px'>preview</span>"
                    + "<div>&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div>words"
                    + "<div style='opacity:0.9;height:0'>seen</div>"))
        .isEqualTo("words\nseen");
  }

  @Test
  void passesOverPicturesThatCountReaders() {
    assertThat(
            HtmlToText.convert(
                "a<img src='https://example.org/open' width=1 height=1 alt=x>"
                    + "<img src='https://example.org/open' width=0 alt=x>"
                    + "<img src='https://example.org/open' style='width:1px;height:1px' alt=x>"
                    + "<img src='https://example.org/cat' style='width:100px' alt=cat>"))
        .isEqualTo("acat");
  }

  @Test
  void takesLinksOutOfTheirWrappers() {
    var wrapped = "https://www.google.com/url?q=https://example.org/a&amp;sa=D";

    assertThat(HtmlToText.convert("<a href='" + wrapped + "'>text</a>"))
        .isEqualTo("text (https://example.org/a)");
    assertThat(HtmlToText.convert("<a href='" + wrapped + "'>https://example.org/a</a>"))
        .isEqualTo("https://example.org/a");
    assertThat(HtmlToMarkdown.convert("<a href='" + wrapped + "'>text</a>"))
        .isEqualTo("[text](https://example.org/a)");
    assertThat(HtmlToText.convert("<p>" + wrapped + "</p>")).isEqualTo("https://example.org/a");
  }

  @Test
  void nothingActsInsideCodeInMarkdown() {
    assertThat(HtmlToMarkdown.convert("x <code>a*b_c <b>d</b></code> y"))
        .isEqualTo("x `a*b_c d` y");
    assertThat(HtmlToMarkdown.convert("<code>a`b</code>")).isEqualTo("`` a`b ``");
    assertThat(HtmlToMarkdown.convert("x <code></code> y")).isEqualTo("x y");
  }

  @Test
  void noTextEndsABlockOfCodeInMarkdown() {
    assertThat(HtmlToMarkdown.convert("<pre>a\n```\nb</pre>c"))
        .isEqualTo("````\na\n```\nb\n````\n\nc");
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      value = {
        "<p>a<p>b ¦ a\\n\\nb",
        "a<br>b<br><br>c ¦ a\\nb\\n\\nc",
        "<div>a</div><div>b</div> ¦ a\\nb",
        "<ul><li>a<li>b<ul><li>c</ul></ul>d ¦ - a\\n- b\\n  - c\\n\\nd",
        "<ol><li>a<li>b</ol> ¦ 1. a\\n2. b",
        "<blockquote>a<p>b</blockquote>c ¦ > a\\n>\\n> b\\n\\nc",
        "<a href='https://x.example/y'>z</a> ¦ z (https://x.example/y)",
        "<a href='https://x.example/'>x.example</a> ¦ x.example",
        "<a href='mailto:b@x.example'>b@x.example</a> ¦ b@x.example",
        "<a href='javascript:alert(1)'>z</a> ¦ z",
        "<img src='cid:1' alt='map'> ¦ [image: map]",
        "<img src='cid:1'> ¦ [image: map.png]",
        "<img src='https://t.example/p.gif'>a ¦ a",
        "<img src='https://t.example/p.gif' alt='👍'> ¦ 👍",
        "<img src='cid:1' width=1 alt=x>a ¦ a",
        "<table><tr><td>a<td>b<tr><td>c<td>d</table> ¦ a | b\\nc | d",
        "a&nbsp;&amp;&lt;b ¦ a &<b",
        "<pre>a\\n  b</pre> ¦ a\\n  b",
        "<span style='display: none'>x</span>a ¦ a",
        "<span style='font-size:0px'>x</span>a ¦ a",
        "<div style='max-height:0;overflow:hidden'>x</div>a ¦ a",
        "<div style='color:red;mso-hide:all'>x</div>a ¦ a",
        "<span style='font-size:0.9em'>x</span> ¦ x",
        "<script>x</script><style>y</style><!-- z --><title>t</title>a ¦ a"
      })
  void writesWhatIsShown(String html, String text) {
    assertThat(HtmlToText.convert(html.replace("\\n", "\n"), Map.of("1", "map.png")))
        .isEqualTo(text.replace("\\n", "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      value = {
        "<h2>a</h2>b ¦ ## a\\n\\nb",
        "<b>a</b> <i>b</i> <s>c</s> <code>d</code> ¦ **a** *b* ~~c~~ `d`",
        "<a href='https://x.example/'>y</a> ¦ [y](https://x.example/)",
        "<a href='javascript:x'>y</a> ¦ y",
        "1. a*b_c_d [x] ¦ 1\\. a\\*b_c_d \\[x\\]",
        "# a ¦ \\# a",
        "<pre>*a*</pre> ¦ ```\\n*a*\\n```",
        "<b></b>a ¦ a"
      })
  void writesMarkdown(String html, String markdown) {
    assertThat(HtmlToMarkdown.convert(html)).isEqualTo(markdown.replace("\\n", "\n"));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void escapesWhatWouldActInMarkdown(long seed) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder("x");
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append("\\`*_{}[]()#+-.!|~<>&;ab1 ".charAt(random.nextInt(25)));
    }
    var words = text.append("x").toString().replaceAll(" +", " ");

    var markdown = HtmlToMarkdown.convert("<p>" + MarkdownToHtml.escape(words) + "</p>");

    assertThat(
            TextContentRenderer.builder().build().render(Parser.builder().build().parse(markdown)))
        .isEqualTo(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<div>",
        "<b>",
        "<blockquote>",
        "<ul><li>",
        "<a href=x>",
        "<table><tr><td>",
        "<p>x",
        "&",
        "<",
        "<blockquote type=cite></blockquote>",
        "<div class=gmail_quote>x</div>",
        "<img src=cid:a>",
        "<div style='border-top:solid #E1E1E1 1.0pt'>x</div>",
        " ",
        "<pre>\n",
        "<!--",
        "<font><p>"
      })
  void endsOnLongHostileHtml(String piece) throws Exception {
    var html = piece.repeat(200_000 / piece.length()) + "end";

    assertThat(HtmlToText.convert(html)).isNotNull();
    assertThat(HtmlToMarkdown.convert(html)).isNotNull();
    var mail =
        MailReader.read(
            ("In-Reply-To: <a@x>\r\nContent-Type: text/html\r\n\r\n" + html).getBytes());
    assertThat(ReadableMail.of(mail).text()).isNotNull();
  }

  @Test
  void endsOnManyPicturesBelowALongStyle() throws Exception {
    var style = "; display : nothing".repeat(25_000);
    var html = "<div style='" + style + "'>" + "<img src=cid:a>".repeat(30_000) + "</div>";

    var mail =
        MailReader.read(
            ("In-Reply-To: <a@x>\r\nContent-Type: text/html\r\n\r\n" + html).getBytes());

    assertThat(mail.bodies()).hasSize(1);
    assertThat(ReadableMail.of(mail).files()).isEmpty();
  }

  @Test
  void cutsQuotesByTheirMarks() throws Exception {
    for (var quote :
        new String[] {
          "<div class=gmail_quote>On Tue Bob wrote:<blockquote>old</blockquote></div>",
          "<div class=moz-cite-prefix>On 3 Feb Bob wrote:</div><blockquote"
              + " type=cite>old</blockquote>",
          "<div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b>"
              + " Bob</div><div>old</div>",
          "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:0'>From:"
              + " Bob</div></div><p>old",
          "<div class=yahoo_quoted>old</div>",
          "<div class=OutlookMessageHeader><b>From:</b> Bob</div><div>old</div>",
          "<div id=mail-editor-reference-message-container><div>old</div></div>",
          "<div class=ms-outlook-mobile-reference-message>old</div>",
          "<div class=protonmail_signature_block>Bob</div><div class=protonmail_quote>old</div>",
          "<div class=tutanota_signature>Bob</div>",
          "<div class=gmail_signature>Bob, CEO</div>",
          "<blockquote type=cite>old</blockquote><div class=gmail_signature>Bob</div>"
        }) {
      assertThat(answer("<p>new</p>" + quote)).as(quote).isEqualTo("new");
    }
  }

  @Test
  void keepsAnswersBelowAndBetweenQuotes() throws Exception {
    assertThat(
            answer(
                "<blockquote type=cite>q1</blockquote>a1<blockquote type=cite>q2</blockquote>a2"))
        .isEqualTo("> q1\n\na1\n\n> q2\n\na2");
    assertThat(
            answer(
                "<div class=gmail_quote><div>On 3 Feb 2026 9:58 Bob wrote:</div>"
                    + "<blockquote>q1</blockquote><div>my answer</div></div>"))
        .isEqualTo("my answer");
  }

  private static String answer(String html) throws Exception {
    return ReadableMail.of(
            MailReader.read(
                ("In-Reply-To: <a@x>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html)
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .text();
  }
}
