package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolIdTest {
  @Test
  void printsTimeThenRandomBits() {
    assertEquals("00000000000000000000000000", SpoolId.of(Instant.EPOCH, new byte[10]).value());
    assertEquals(
        "0000000001ZZZZZZZZZZZZZZZZ",
        SpoolId.of(Instant.ofEpochMilli(1), filled((byte) 0xff)).value());
  }

  @Test
  void sortsByTime() {
    var random = new SplittableRandom(1);
    for (int i = 0; i < 1_000; i++) {
      long at = random.nextLong(1L << 47);

      var first = SpoolId.of(Instant.ofEpochMilli(at), filled((byte) 0xff));
      var second = SpoolId.of(Instant.ofEpochMilli(at + 1), new byte[10]);

      assertThat(first).isLessThan(second);
      assertEquals(second, first.successor());
    }
  }

  @Test
  void readsBackWhatItPrintedInEitherCase() {
    var id = SpoolId.of(Instant.parse("2026-11-25T00:00:00Z"), filled((byte) 0xa5));

    assertEquals(Optional.of(id), SpoolId.parse(id.value()));
    assertEquals(Optional.of(id), SpoolId.parse(id.value().toLowerCase(java.util.Locale.ROOT)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0000000000000000000000000",
        "000000000000000000000000000",
        "80000000000000000000000000",
        "0000000000000000000000000I",
        "../../../../../etc/passwd0"
      })
  void refusesWhatIsNoId(String text) {
    assertEquals(Optional.empty(), SpoolId.parse(text));
    assertThrows(IllegalArgumentException.class, () -> new SpoolId(text));
  }

  private static byte[] filled(byte value) {
    var octets = new byte[10];
    java.util.Arrays.fill(octets, value);
    return octets;
  }
}
