package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerReplyTest {
  private static ServerReply read(String octets) throws IOException, MalformedReplyException {
    return ServerReply.read(new ByteArrayInputStream(octets.getBytes(StandardCharsets.UTF_8)));
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @Test
  void readsSeveralLines() throws Exception {
    var reply = read("250-2.1.0 first\r\n250-\r\n250 2.1.0 last\r\n");

    assertThat(reply.lines()).containsExactly("2.1.0 first", "", "2.1.0 last");
    assertThat(reply.status()).isEqualTo("2.1.0");
    assertThat(reply).hasToString("250 2.1.0 first last");
  }

  @Test
  void readsNotAnOctetFurtherThanTheReply() throws Exception {
    var in = new ByteArrayInputStream("250 a\r\n550 b\r\n".getBytes(StandardCharsets.US_ASCII));

    var first = ServerReply.read(in);
    var second = ServerReply.read(in);

    assertThat(List.of(first.code(), second.code())).containsExactly(250, 550);
  }

  @ParameterizedTest
  @ValueSource(strings = {"250\r\n", "250 \r\n", "250\n", "250-\n250\n"})
  void takesRepliesWithoutText(String octets) throws Exception {
    var reply = read(octets);

    assertThat(reply.text()).isEmpty();
    assertThat(reply).hasToString("250");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "25\r\n",
        "2x0 ok\r\n",
        "150 ok\r\n",
        "650 ok\r\n",
        "250ok\r\n",
        "-250 ok\r\n",
        "\u0662\u0665\u0660 ok\r\n",
        "250-ok\r\n550 not ok\r\n"
      })
  void refusesWhatIsNoReply(String octets) {
    assertThrows(MalformedReplyException.class, () -> read(octets));
  }

  @Test
  void limitsLinesAndTheirLength() {
    assertThatExceptionOfType(MalformedReplyException.class)
        .isThrownBy(() -> read("250 " + "a".repeat(ServerReply.MAX_LINE)))
        .withMessageContaining("longer than");
    assertThatExceptionOfType(MalformedReplyException.class)
        .isThrownBy(() -> read("250-a\r\n".repeat(ServerReply.MAX_LINES + 1)))
        .withMessageContaining("more than");
  }

  @Test
  void ignoresAStatusThatContradictsTheCode() throws Exception {
    assertThat(read("550 4.2.0 x\r\n").status()).isEqualTo("5.0.0");
    assertThat(read("450 5.2.0 x\r\n").status()).isEqualTo("4.0.0");
    assertThat(read("550 5.1111.1 x\r\n").status()).isEqualTo("5.0.0");
    assertThat(read("550 5.1.1x\r\n").status()).isEqualTo("5.0.0");
    assertThat(read("550 5.1.1\r\n").status()).isEqualTo("5.1.1");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatAServerWrites(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    int code = random.nextInt(200, 600);
    var lines =
        random.ints(random.nextInt(1, 9), 0, 40).mapToObj(length -> "w".repeat(length)).toList();
    var octets = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      octets.append(code).append(i < lines.size() - 1 ? '-' : ' ').append(lines.get(i));
      octets.append("\r\n");
    }

    var reply = read(octets.toString());

    assertEquals(new ServerReply(code, lines), reply);
  }

  @Test
  void refusesEachTruncation() {
    var whole = "250-mx.example.org\r\n250-SIZE 100\r\n250 HELP\r\n";
    for (int length = 0; length < whole.length(); length++) {
      var cut = whole.substring(0, length);

      assertThrows(EOFException.class, () -> read(cut), cut);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void meetsRandomOctetsWithItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    var octets = new byte[random.nextInt(2_000)];
    random.nextBytes(octets);
    // Half of them begin like a reply, to get further.
    if (seed % 2 == 0 && octets.length > 8) {
      System.arraycopy("250-a\r\n2".getBytes(StandardCharsets.US_ASCII), 0, octets, 0, 8);
    }

    try {
      var reply = ServerReply.read(new ByteArrayInputStream(octets));
      assertThat(reply.text().codePoints()).noneMatch(Character::isISOControl);
    } catch (MalformedReplyException | EOFException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    } catch (IOException other) {
      throw new AssertionError(Arrays.toString(octets), other);
    }
  }
}
