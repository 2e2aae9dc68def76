package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Cutting takes away and never adds, and never leaves nothing of something. */
class QuotedTextFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void onlyTakesAway(byte[] octets) {
    var text = new String(octets, StandardCharsets.UTF_8);

    for (boolean answer : new boolean[] {true, false}) {
      var cut = QuotedText.cut(text, answer);
      assertThat(isSubsequence(visible(cut), visible(text))).as(cut).isTrue();
      assertThat(visible(cut).isEmpty()).isEqualTo(visible(text).isEmpty());
    }
  }

  private static String visible(String text) {
    var visible = new StringBuilder();
    text.codePoints()
        .filter(c -> !Character.isWhitespace(c) && !Character.isSpaceChar(c))
        .filter(SafeText::isHarmless)
        .forEach(visible::appendCodePoint);
    return visible.toString();
  }

  private static boolean isSubsequence(String part, String whole) {
    int at = 0;
    for (int i = 0; i < part.length(); i++) {
      at = whole.indexOf(part.charAt(i), at);
      if (at < 0) {
        return false;
      }
      at++;
    }
    return true;
  }
}
