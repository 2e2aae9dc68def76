package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PieceStreamTest {
  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static InputStream of(String first, String... more) {
    var pieces = new ArrayDeque<>(List.of(more));
    return new PieceStream(octets(first)) {
      @Override
      protected Optional<byte[]> next() {
        return Optional.ofNullable(pieces.poll()).map(PieceStreamTest::octets);
      }
    };
  }

  @Test
  void isAllPiecesInTheirOrder() throws Exception {
    assertThat(of("ab", "c", "", "", "def").readAllBytes()).isEqualTo(octets("abcdef"));
    assertThat(of("", "\u00ff").read()).isEqualTo(0xff);
    assertThat(of("").readAllBytes()).isEmpty();
    assertThat(of("", "", "").read()).isEqualTo(-1);
  }

  @Test
  void isReadByTheOctetAndAtAnyPlaceOfAnArray() throws Exception {
    var in = of("ab", "cd");
    var into = octets("-----");

    assertThat(in.read()).isEqualTo('a');
    assertThat(in.read(into, 1, 3)).isEqualTo(1);
    assertThat(in.read(into, 2, 3)).isEqualTo(2);
    assertThat(in.read(into, 0, 0)).isZero();
    assertThat(in.read(into, 0, 1)).isEqualTo(-1);
    assertThat(in.read()).isEqualTo(-1);
    assertThat(into).isEqualTo(octets("-bcd-"));
  }

  @Test
  void whatCannotBeHadIsNoEnd() throws Exception {
    var in =
        new PieceStream(octets("a")) {
          @Override
          protected Optional<byte[]> next() throws IOException {
            throw new IOException("lost");
          }
        };

    assertThat(in.read()).isEqualTo('a');
    assertThatThrownBy(in::read).hasMessage("lost");
    assertThatThrownBy(() -> in.read(new byte[1])).hasMessage("lost");
  }
}
