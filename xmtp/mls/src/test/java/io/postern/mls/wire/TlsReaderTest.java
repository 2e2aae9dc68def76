package io.postern.mls.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsReaderTest {
  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsBackWhatWasWritten(long seed) throws WireException {
    SplittableRandom random = new SplittableRandom(seed);
    int small = random.nextInt(256);
    int medium = random.nextInt(65536);
    long large = random.nextLong(1L << 32);
    long huge = random.nextLong();
    byte[] opaque = new byte[random.nextInt(20_000)];
    random.nextBytes(opaque);

    byte[] octets =
        new TlsWriter()
            .uint8(small)
            .uint16(medium)
            .uint32(large)
            .uint64(huge)
            .opaque(opaque)
            .vector(inner -> inner.uint16(7).uint16(8))
            .present(true)
            .toOctets();

    TlsReader in = new TlsReader(octets);
    assertThat(in.uint8("a")).isEqualTo(small);
    assertThat(in.uint16("b")).isEqualTo(medium);
    assertThat(in.uint32("c")).isEqualTo(large);
    assertThat(in.uint64("d")).isEqualTo(huge);
    assertThat(in.opaque("e")).isEqualTo(opaque);
    TlsReader vector = in.vector("f");
    assertThat(vector.uint16("g")).isEqualTo(7);
    assertThat(vector.uint16("g")).isEqualTo(8);
    vector.end("f");
    assertThat(in.present("h")).isTrue();
    in.end("all");
  }

  @ParameterizedTest
  @CsvSource({"3f, 63", "4040, 64", "7fff, 16383", "80004000, 16384", "bfffffff, 1073741823"})
  void readsLengthsOfEachWidth(String octets, int length) throws WireException {
    assertThat(new TlsReader(hex(octets)).length("length")).isEqualTo(length);
    assertThat(new TlsWriter().length(length).toOctets()).isEqualTo(hex(octets));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"c0000000", "ffffffff", "403f", "80003fff", "80000000", "4000", "40", "800000"})
  void refusesLengthsThatAreInvalidOrNotShortest(String octets) {
    assertThatThrownBy(() -> new TlsReader(hex(octets)).length("length"))
        .isInstanceOf(WireException.class);
  }

  @Test
  void comparesALengthWithWhatRemainsBeforeItAllocates() {
    assertThatThrownBy(() -> new TlsReader(hex("bfffffff00")).opaque("data"))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("needs 1073741823 octets, 1 remain");
  }

  @Test
  void aVectorDoesNotReachBeyondItsEnd() throws WireException {
    TlsReader vector = new TlsReader(hex("0201020304")).vector("vector");

    assertThat(vector.uint16("inside")).isEqualTo(0x0102);
    assertThatThrownBy(() -> vector.uint8("outside")).isInstanceOf(WireException.class);
  }

  @Test
  void refusesAPresenceOctetOfTwo() {
    assertThatThrownBy(() -> new TlsReader(hex("02")).present("optional"))
        .isInstanceOf(WireException.class);
  }

  @Test
  void refusesWhatIsLeftOver() {
    assertThatThrownBy(() -> new TlsReader(hex("00")).end("struct"))
        .isInstanceOf(WireException.class);
  }

  @Test
  void doesNotWriteWhatDoesNotFit() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TlsWriter().uint8(256));
    assertThatIllegalArgumentException().isThrownBy(() -> new TlsWriter().uint16(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new TlsWriter().uint32(1L << 32));
    assertThatIllegalArgumentException().isThrownBy(() -> new TlsWriter().length(1 << 30));
  }
}
