package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FilenameTest {
  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of("report.pdf", "report.pdf"),
        Arguments.of("отчёт 2026 📎.pdf", "отчёт 2026 📎.pdf"),
        Arguments.of("../../etc/passwd", "passwd"),
        Arguments.of("C:\\temp\\a.txt", "a.txt"),
        Arguments.of("/", "file"),
        Arguments.of("a/", "file"),
        Arguments.of("", "file"),
        Arguments.of(".", "file"),
        Arguments.of("..", "file"),
        Arguments.of("x/..", "file"),
        Arguments.of("  \u202e ", "file"),
        Arguments.of("a.txt. . ", "a.txt"),
        Arguments.of(".htaccess", ".htaccess"),
        Arguments.of("cv\u202efdp.exe", "cvfdp.exe"),
        Arguments.of("a\r\nBcc: x@y.z", "aBcc: x@y.z"),
        Arguments.of("a\u0000.txt", "a.txt"),
        Arguments.of("a\ud83d.txt", "a.txt"),
        Arguments.of("\u2066a\u2069\u200f\u061c\ufeff\u2028.txt", "a.txt"),
        Arguments.of("👩‍👩‍👧‍👦.png", "👩‍👩‍👧‍👦.png"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void cleans(String untrusted, String safe) {
    assertThat(Filename.safe(untrusted)).isEqualTo(safe);
  }

  @Test
  void namesAFileThatHasNoName() {
    assertThat(Filename.safe(Optional.empty())).isEqualTo("file");
  }

  @Test
  void cutsBeforeTheExtensionAndBetweenCharacters() {
    String longName = "ф".repeat(100) + ".pdf";

    assertThat(Filename.safe(longName)).isEqualTo("ф".repeat(73) + ".pdf");
    assertThat(Filename.safe("a" + "😀".repeat(50))).isEqualTo("a" + "😀".repeat(37));
    assertThat(Filename.safe("a." + "x".repeat(200))).isEqualTo("a." + "x".repeat(148));
  }

  static LongStream seeds() {
    return LongStream.range(0, 2000);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isSafeWhateverComes(long seed) {
    var random = new SplittableRandom(seed);
    var untrusted = new StringBuilder();
    for (int i = random.nextInt(300); i > 0; i--) {
      int bound = random.nextBoolean() ? 0x80 : random.nextBoolean() ? 0x2100 : 0x110000;
      untrusted.appendCodePoint(random.nextInt(bound));
    }

    String safe = Filename.safe(untrusted.toString());

    assertThat(safe.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, Filename.MAX_BYTES);
    assertThat(safe).doesNotContain("/", "\\", "\n", "\r", "\u202e").isNotEqualTo("..");
    assertThat(safe.codePoints().noneMatch(Character::isISOControl)).isTrue();
    assertThat(Filename.safe(safe)).isEqualTo(safe);
  }
}
