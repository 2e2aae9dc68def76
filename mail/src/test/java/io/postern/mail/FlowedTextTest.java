package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FlowedTextTest {
  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @Test
  void joinsSoftLinesOfOneDepth() {
    assertThat(FlowedText.read("a \nb\n> c \n> d\n>> e \nf", false))
        .isEqualTo("a b\n> c d\n> > e \nf");
  }

  @Test
  void deletesTheSpaceIfToldSo() {
    assertThat(FlowedText.read("日 \n本 \n語", true)).isEqualTo("日本語");
  }

  @Test
  void neverJoinsASignatureMark() {
    assertThat(FlowedText.read("a \n-- \nBob", false)).isEqualTo("a \n-- \nBob");
  }

  @Test
  void takesStuffingAway() {
    assertThat(FlowedText.read(" > not quoted\n From me\n  two", false))
        .isEqualTo("> not quoted\nFrom me\n two");
  }

  @Test
  void stuffsAndHidesASignatureMark() {
    assertThat(FlowedText.write("> x\nFrom y\n z\n-- \nend"))
        .isEqualTo(" > x\n From y\n  z\n-\u200b-\nend\n");
  }

  @Test
  void wrapsAt72() {
    var wrapped = FlowedText.write("word ".repeat(60).strip());

    assertThat(wrapped.lines()).allMatch(line -> line.length() <= 72).hasSizeGreaterThan(4);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatItWrote(long seed) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int i = random.nextInt(300); i > 0; i--) {
      text.append(" \n>Fromab-ü".charAt(random.nextInt(11)));
    }
    var expected = text.toString().replaceAll(" +(?=\n|\\z)", "");

    var read = FlowedText.read(FlowedText.write(text.toString()), false);

    assertThat(read.replace("\u200b", "").replaceAll(" +(?=\n|\\z)", ""))
        .isEqualTo(expected + "\n");
  }
}
