package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What {@link QuotedText} makes of the mails of three reply parsers. The numbers are what it
 * reaches; they may rise, never fall.
 */
class ReplySuitesTest {
  /**
   * Forwards, from which the suite cuts what was forwarded: {@code content-types.md} §10.8 never.
   */
  private static final Set<String> FORWARDS =
      Set.of("forwarded_gmail.txt", "forwarded_message.txt");

  /** Nothing but a quote, of which the suite leaves nothing: §10.8 then shows the whole text. */
  private static final String ONLY_A_QUOTE = "spam_1.txt";

  /**
   * Text without any mark below {@code Sent from …}, which the suite cuts: the author may have
   * written it there, and what is in doubt is kept.
   */
  private static final Set<String> UNMARKED_BELOW_SIGNATURE =
      Set.of("email_15.txt", "email_german_3.txt");

  private static final int TRIMMER_REACHED = 61;
  private static final int CRISP_REACHED = 41;
  private static final String LOREM_END = "et mollis ligula rutrum quis.";

  private record Score(int files, Set<String> differ, Set<String> lose) {
    int matched() {
      return files - differ.size();
    }

    void print(String suite) {
      System.out.printf(
          "%-14s %3d mails, %3d as expected (%.1f %%), %d lose words of the author%n",
          suite, files, matched(), 100.0 * matched() / files, lose.size());
      System.out.println("  differ: " + differ);
      System.out.println("  lose:   " + lose);
    }
  }

  @Test
  void trimmerScoreDoesNotFall() throws IOException {
    var folder = Suites.folder("reply-trimmer").resolve("test");
    var names = new ArrayList<String>();
    for (var file : Suites.files("reply-trimmer")) {
      if (file.getParent().getFileName().toString().equals("emails")) {
        names.add(file.getFileName().toString());
      }
    }

    var score = new Score(names.size(), new TreeSet<>(), new TreeSet<>());
    for (var name : names) {
      judge(
          score,
          name,
          Files.readString(folder.resolve("emails").resolve(name), UTF_8),
          Files.readString(folder.resolve("trimmed").resolve(name), UTF_8));
    }

    score.print("reply-trimmer");
    assertThat(score.lose()).isEmpty();
    assertThat(score.differ()).containsAll(FORWARDS).contains(ONLY_A_QUOTE);
    assertThat(score.matched()).isGreaterThanOrEqualTo(TRIMMER_REACHED);
  }

  /** The copy holds no expected texts; in most mails the answer is one known paragraph. */
  @Test
  void crispScoreDoesNotFall() throws IOException {
    var folder = Suites.folder("reply-crisp").resolve("test/fixtures");
    var score = new Score(0, new TreeSet<>(), new TreeSet<>());
    int files = 0;
    for (var file : Suites.files("reply-crisp")) {
      var text = Files.readString(file, UTF_8);
      int end = text.indexOf(LOREM_END);
      if (!file.startsWith(folder) || !text.startsWith("Fusce bibendum") || end < 0) {
        continue;
      }
      files++;
      judge(score, name(file), text, text.substring(0, text.indexOf('\n', end)));
    }
    score = new Score(files, score.differ(), score.lose());

    score.print("reply-crisp");
    assertThat(score.lose()).isEmpty();
    assertThat(score.differ()).containsAll(UNMARKED_BELOW_SIGNATURE);
    assertThat(score.matched()).isGreaterThanOrEqualTo(CRISP_REACHED);
  }

  /** What the authors of these mails wrote is told here, as the copy holds no expected texts. */
  @Test
  void parserMailsKeepTheirAuthorsWords() throws IOException {
    var folder = Suites.folder("reply-parser").resolve("test/emails");

    assertThat(answer(folder, "email_1_3.txt"))
        .isEqualTo("Oh thanks.\n\nHaving the function would be great.\n\n-Abhishek Kona");
    assertThat(answer(folder, "email_1_1.txt")).startsWith("Hi folks\n").endsWith("-Abhishek Kona");
    assertThat(answer(folder, "email_1_2.txt"))
        .startsWith("Hi,\n> Hi folks")
        .contains("You can list the keys for the bucket");
    assertThat(answer(folder, "email_1_4.txt"))
        .isEqualTo("Awesome! I haven't had another problem with it.");
    assertThat(answer(folder, "email_1_6.txt")).startsWith("I get proper rendering as well.");
    assertThat(answer(folder, "email_1_7.txt")).isEqualTo(":+1:");
    assertThat(answer(folder, "email_1_8.txt"))
        .contains("I will reply under this one", "and under this.");
    assertThat(answer(folder, "email_2_1.txt")).isEqualTo("Outlook with a reply");
    assertThat(answer(folder, "email_2_2.txt"))
        .isEqualTo("Outlook with a reply directly above line");
    assertThat(answer(folder, "email_2_3.txt"))
        .isEqualTo("Outlook with a reply directly above line");
    assertThat(answer(folder, "email_BlackBerry.txt")).isEqualTo("Here is another email");
    assertThat(answer(folder, "email_iPhone.txt")).isEqualTo("Here is another email");
    assertThat(answer(folder, "email_multi_word_sent_from_my_mobile_device.txt"))
        .isEqualTo("Here is another email");
    assertThat(answer(folder, "email_sent_from_my_not_signature.txt"))
        .endsWith("is much easier then my mobile phone.");
    assertThat(answer(folder, "email_one_is_not_on.txt")).endsWith("when I run...");
    assertThat(answer(folder, "greedy_on.txt"))
        .startsWith("On your remote host")
        .endsWith("fails, the tunnel is not working.");
    assertThat(answer(folder, "pathological.txt")).endsWith("get back to a computer.");
    assertThat(answer(folder, "email_sig_delimiter_in_middle_of_line.txt"))
        .endsWith("And here is a fix -- this is not a signature.\n\nkthxbai");
    assertThat(answer(folder, "correct_sig.txt"))
        .isEqualTo("this is an email with a correct -- signature.");
    assertThat(answer(folder, "email_bullets.txt"))
        .startsWith("test 2 this should list second")
        .endsWith("- and another");
    assertThat(answer(folder, "email_long_quote.txt"))
        .startsWith("Hi folks")
        .contains("running a test?");
  }

  @Test
  void trickyMailsKeepTheirAuthorsWords() throws IOException {
    var folder = Suites.folder("reply-crisp").resolve("test/fixtures");

    for (var name :
        List.of(
            "email_tricky_1_on_false_positive.txt",
            "email_tricky_2_url_with_wrote.txt",
            "email_tricky_3_code_block.txt",
            "email_tricky_4_from_in_body.txt",
            "email_tricky_6_regards_in_sentence.txt",
            "email_tricky_7_multiple_dashes.txt",
            "email_tricky_8_sent_from_in_content.txt",
            "email_tricky_13_timestamp_variations.txt",
            "email_tricky_17_forward_header.txt",
            "email_tricky_19_quote_without_header.txt",
            "email_not_a_signature.txt",
            "email_not_a_signature_2.txt",
            "email_with_regards.txt")) {
      var text = Files.readString(folder.resolve(name), UTF_8);
      assertThat(QuotedText.cut(text, true)).as(name).isEqualTo(BodyText.tidy(text));
    }
    assertThat(answer(folder, "email_tricky_9_nested_quotes.txt"))
        .isEqualTo("I agree with the points below.");
    assertThat(answer(folder, "email_tricky_20_html_entities.txt"))
        .endsWith("symbols are handled correctly.");
    assertThat(answer(folder, "email_tricky_18_inline_reply.txt"))
        .startsWith("> What's your opinion")
        .endsWith("Option C is not suitable for our use case.");
    assertThat(answer(folder, "email_reply_header.txt"))
        .startsWith("This is the latest reply.")
        .endsWith("Stranger");
    assertThat(answer(folder, "email_zoho.txt")).endsWith("running a test?");
  }

  private static String answer(Path folder, String name) throws IOException {
    return QuotedText.cut(Files.readString(folder.resolve(name), UTF_8), true);
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static void judge(Score score, String name, String text, String expected) {
    var cut = QuotedText.cut(text.replace("\r\n", "\n"), true);
    if (!squeezed(cut).equals(squeezed(expected))) {
      score.differ().add(name);
    }
    if (!containsInOrder(squeezed(cut).split(" "), squeezed(expected).split(" "))) {
      score.lose().add(name);
    }
  }

  private static boolean containsInOrder(String[] kept, String[] expected) {
    int found = 0;
    for (var word : kept) {
      if (found < expected.length && word.equals(expected[found])) {
        found++;
      }
    }
    return found == expected.length || expected[0].isEmpty();
  }

  private static String squeezed(String text) {
    return text.replace('\u00a0', ' ').replaceAll("\\s+", " ").strip();
  }
}
