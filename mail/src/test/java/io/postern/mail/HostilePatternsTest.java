package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The patterns for lines of mail clients, over lines that are made to keep them busy. */
class HostilePatternsTest {
  private static final List<String> BEGINNINGS =
      List.of(
          "",
          "3 Feb 2026, 09:58 <",
          "3 Feb 2026, 09:58 <a ",
          "3 Feb 2026, 09:58 by ",
          "2026-02-03 09:58 <",
          "On 3 Feb ",
          "Missatge de ",
          "<a@b>, ",
          "sent from ",
          "sent from x (http:",
          "border-top:",
          "height:0");

  private static final List<String> PIECES =
      List.of(
          "@",
          "<",
          "<@",
          "@<",
          "a@",
          "<a@b> ",
          "<a@b> 1:00 ",
          "1:00 ",
          "wrote ",
          "1:00 wrote ",
          "a",
          "é",
          "1",
          "1 ",
          "-",
          "_",
          " ",
          ">",
          "(",
          ")",
          "](",
          "http:",
          "[a](http:",
          "(http:a) ",
          "gmail",
          "於2026/",
          ".",
          ":",
          ";",
          "; ",
          "border-top:",
          "border-top :solid #e1e1e1 ");

  private static final List<String> ENDS = List.of("", ":", "x", "> :", " wrote:", "~");

  /** Counts each look at a character. */
  private static final class Counted implements CharSequence {
    private final String text;
    private long looks;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      looks++;
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }
  }

  private static List<Pattern> patterns(Class<?> owner) throws ReflectiveOperationException {
    var patterns = new ArrayList<Pattern>();
    for (var field : owner.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == Pattern.class) {
        field.setAccessible(true);
        patterns.add((Pattern) field.get(null));
      }
    }
    return patterns;
  }

  private static List<String> lines(int length) {
    var lines = new ArrayList<String>();
    for (var beginning : BEGINNINGS) {
      for (var piece : PIECES) {
        for (var end : ENDS) {
          int room = length - beginning.length() - end.length();
          lines.add(beginning + piece.repeat(room / piece.length()) + end);
        }
      }
    }
    return lines;
  }

  private static long looks(Pattern pattern, String line) {
    var counted = new Counted(line);
    pattern.matcher(counted).matches();
    return counted.looks;
  }

  @ParameterizedTest
  @ValueSource(classes = {Attribution.class, QuoteMarks.class, QuotedHtml.class, HiddenHtml.class})
  void takeFewStepsOverALineMadeForThem(Class<?> owner) throws Exception {
    var patterns = patterns(owner);

    assertThat(patterns).isNotEmpty();
    for (var pattern : patterns) {
      for (var line : lines(500)) {
        assertThat(looks(pattern, line)).as("%s over %s", pattern, line).isLessThan(150_000);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {Attribution.class, QuoteMarks.class, QuotedHtml.class, HiddenHtml.class})
  void endOnTwentyThousandOfTheirWorstCharacters(Class<?> owner) throws Exception {
    var lines = lines(500);
    var longLines = lines(20_000);

    for (var pattern : patterns(owner)) {
      int worst = 0;
      long most = 0;
      for (int i = 0; i < lines.size(); i++) {
        long looks = looks(pattern, lines.get(i));
        worst = looks > most ? i : worst;
        most = Math.max(most, looks);
      }

      assertThat(looks(pattern, longLines.get(worst)))
          .as("%s over %s", pattern, lines.get(worst))
          .isLessThan(40_000_000);
    }
  }

  @Test
  void findNoAttributionInLinesMadeForThem() {
    for (var line : lines(500)) {
      var six = Arrays.asList(line.substring(0, 83), line, line, line, line, line);

      var found = Attribution.at(six, 0);

      assertThat(found.map(Attribution::lines).orElse(1)).isBetween(1, 6);
    }
  }
}
