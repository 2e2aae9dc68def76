package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DataReaderTest {
  private int position;

  @Test
  void endsAtTheTerminatorAndLeavesTheRest() throws Exception {
    var out = new ByteArrayOutputStream();
    var wire = "one\r\ntwo\r\n.\r\nQUIT\r\n";

    assertTrue(new DataReader(1_000).read(source(wire), out::write));

    assertEquals("one\r\ntwo\r\n", out.toString(StandardCharsets.US_ASCII));
    assertEquals("QUIT\r\n", wire.substring(position));
  }

  @Test
  void takesAMailWithoutAnyOctet() throws Exception {
    var out = new ByteArrayOutputStream();

    assertTrue(new DataReader(1_000).read(source(".\r\n"), out::write));

    assertEquals(0, out.size());
  }

  @Test
  void removesStuffedDots() throws Exception {
    var out = new ByteArrayOutputStream();

    new DataReader(1_000).read(source("..\r\n...a\r\n.b\r\n.\r\n"), out::write);

    assertEquals(".\r\n..a\r\nb\r\n", out.toString(StandardCharsets.US_ASCII));
  }

  @Test
  void countsWithoutStuffedDots() throws Exception {
    var exact = new DataReader(4);
    var oneMore = new DataReader(3);

    exact.read(source("..a\r\n.\r\n"), (octets, offset, length) -> {});
    oneMore.read(source("..a\r\n.\r\n"), (octets, offset, length) -> {});

    assertFalse(exact.isTooLarge());
    assertTrue(oneMore.isTooLarge());
  }

  @Test
  void givesUpOnDataWithoutEnd() throws Exception {
    assertFalse(new DataReader(10).read(() -> 'x', (octets, offset, length) -> {}));
  }

  @Test
  void readsOnWhenTheSinkFails() throws Exception {
    var reader = new DataReader(1 << 20);
    var wire = "x".repeat(20_000) + "\r\n.\r\nNOOP\r\n";

    assertTrue(
        reader.read(
            source(wire),
            (octets, offset, length) -> {
              throw new IOException("disk full");
            }));

    assertEquals("disk full", reader.sinkFailure().orElseThrow().getMessage());
    assertEquals("NOOP\r\n", wire.substring(position));
  }

  @Test
  void anEarlyEndIsNoMail() {
    for (var wire : new String[] {"", "a", "a\r\n", "a\r\n.", "a\r\n.\r"}) {
      assertThrows(
          EOFException.class,
          () -> new DataReader(100).read(source(wire), (octets, offset, length) -> {}));
    }
  }

  /** Against the definition: the end is the first CR LF "." CR LF, counted from CR LF before it. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithTheDefinition(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      text.append("\r\n.a\u0000".charAt(random.nextInt(random.nextInt(10) == 0 ? 5 : 4)));
    }
    text.append("\r\n.\r\n");
    var wire = text.toString();
    int end = ("\r\n" + wire).indexOf("\r\n.\r\n") + 3;
    var data = wire.substring(0, end - 3);
    var out = new ByteArrayOutputStream();
    var reader = new DataReader(10_000);

    assertTrue(reader.read(source(wire), out::write));

    assertEquals(end, position);
    var lines = data.replace("\r\n", "");
    boolean flawed = lines.matches("(?s).*[\\r\\n\\x00].*");
    assertEquals(flawed, reader.flaw().isPresent());
    if (!flawed) {
      assertEquals(
          ("\r\n" + data).replace("\r\n.", "\r\n").substring(2),
          out.toString(StandardCharsets.US_ASCII));
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @Test
  void namesTheFlaw() throws Exception {
    assertEquals(Optional.of(DataReader.Flaw.BARE_CR), flawOf("a\rb"));
    assertEquals(Optional.of(DataReader.Flaw.BARE_LF), flawOf("a\nb"));
    assertEquals(Optional.of(DataReader.Flaw.NUL), flawOf("a\u0000b"));
    assertEquals(Optional.of(DataReader.Flaw.BARE_CR), flawOf("a\r"));
    assertThat(flawOf("a\r\nb")).isEmpty();
  }

  private Optional<DataReader.Flaw> flawOf(String data) throws IOException {
    var reader = new DataReader(100);
    reader.read(source(data + "\r\n.\r\n"), (octets, offset, length) -> {});
    return reader.flaw();
  }

  private DataReader.Source source(String wire) {
    var octets = wire.getBytes(StandardCharsets.ISO_8859_1);
    position = 0;
    return () -> {
      if (position == octets.length) {
        throw new EOFException();
      }
      return octets[position++] & 0xff;
    };
  }
}
