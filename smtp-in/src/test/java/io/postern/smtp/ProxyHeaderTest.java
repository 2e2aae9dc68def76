package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
  private static final byte[] FROM4 = {(byte) 203, 0, 113, 9};
  private static final byte[] TO4 = {127, 0, 0, 1};
  private static final byte[] PORTS = {0x12, 0x34, 0, 25};

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static Optional<InetAddress> read(byte[] octets) throws IOException {
    return read(new ByteArrayInputStream(octets));
  }

  private static Optional<InetAddress> read(InputStream in) throws IOException {
    return ProxyHeader.read(
        () -> {
          int octet = in.read();
          if (octet < 0) {
            throw new EOFException();
          }
          return octet;
        });
  }

  private static Optional<InetAddress> text(String line) throws IOException {
    return read(line.getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] binary(int command, int family, byte[]... parts) {
    var rest = joined(parts);
    var head =
        new byte[] {(byte) command, (byte) family, (byte) (rest.length >> 8), (byte) rest.length};
    return joined("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII), head, rest);
  }

  private static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void readsBothVersionsForBothFamilies() throws Exception {
    var six = InetAddress.getByName("2001:db8::9").getAddress();

    assertEquals(
        InetAddress.getByName("203.0.113.9"),
        text("PROXY TCP4 203.0.113.9 127.0.0.1 65535 25\r\n").orElseThrow());
    assertEquals(
        InetAddress.getByName("2001:db8::9"),
        text("PROXY TCP6 2001:db8::9 ::1 0 25\r\n").orElseThrow());
    assertEquals(
        InetAddress.getByName("203.0.113.9"),
        read(binary(0x21, 0x11, FROM4, TO4, PORTS)).orElseThrow());
    assertEquals(
        InetAddress.getByName("2001:db8::9"),
        read(binary(0x21, 0x21, six, six, PORTS)).orElseThrow());
  }

  @Test
  void whoSpeaksForThemselfOrDoesNotKnowNamesNobody() throws Exception {
    assertThat(text("PROXY UNKNOWN\r\n")).isEmpty();
    assertThat(text("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")).isEmpty();
    assertThat(read(binary(0x20, 0x00))).isEmpty();
    assertThat(read(binary(0x20, 0x11, FROM4, TO4, PORTS))).isEmpty();
    assertThat(read(binary(0x21, 0x00, new byte[20]))).isEmpty();
  }

  @Test
  void takesItsOwnOctetsAndNoMore() throws Exception {
    var more = "EHLO x".getBytes(StandardCharsets.US_ASCII);
    var skipped = new byte[1000];
    var header = binary(0x21, 0x11, FROM4, TO4, PORTS, skipped);
    var binary = new ByteArrayInputStream(joined(header, more));
    var text =
        new ByteArrayInputStream("PROXY UNKNOWN\r\nEHLO x".getBytes(StandardCharsets.US_ASCII));

    read(binary);
    read(text);

    assertEquals("EHLO x", new String(binary.readAllBytes(), StandardCharsets.US_ASCII));
    assertEquals("EHLO x", new String(text.readAllBytes(), StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO client.example\r\n",
        "\n",
        "PROXX TCP4 203.0.113.9 127.0.0.1 1 25\r\n",
        "PROXY\r\n",
        "PROXY \r\n",
        "PROXYUNKNOWN\r\n",
        "PROXY tcp4 203.0.113.9 127.0.0.1 1 25\r\n",
        "PROXY UDP4 203.0.113.9 127.0.0.1 1 25\r\n",
        "PROXY TCP4 203.0.113.9 127.0.0.1 1 25\n",
        "PROXY TCP4 203.0.113.9 127.0.0.1 1\r\n",
        "PROXY TCP4 203.0.113.9 127.0.0.1 1 25 6\r\n",
        "PROXY TCP4 203.0.113.9  127.0.0.1 1 25\r\n",
        "PROXY TCP4 203.0.113.256 127.0.0.1 1 25\r\n",
        "PROXY TCP4 203.0.113 127.0.0.1 1 25\r\n",
        "PROXY TCP4 localhost 127.0.0.1 1 25\r\n",
        "PROXY TCP4 203.0.113.9 x 1 25\r\n",
        "PROXY TCP4 2001:db8::9 ::1 1 25\r\n",
        "PROXY TCP6 203.0.113.9 127.0.0.1 1 25\r\n",
        "PROXY TCP6 fe80::1%lo ::1 1 25\r\n",
        "PROXY TCP4 203.0.113.9 127.0.0.1 65536 25\r\n",
        "PROXY TCP4 203.0.113.9 127.0.0.1 -1 25\r\n",
        "PROXY TCP4 203.0.113.9\0 127.0.0.1 1 25\r\n",
      })
  void refusesWhatIsNoHeader(String line) {
    assertThrows(ProxyHeader.MalformedException.class, () -> text(line));
  }

  @Test
  void refusesALineWithoutEndAndALengthBeyondMeasure() {
    var rest = new byte[ProxyHeader.MAX_BINARY + 1];

    assertThrows(
        ProxyHeader.MalformedException.class, () -> text("PROXY UNKNOWN " + "x".repeat(1000)));
    assertThrows(ProxyHeader.MalformedException.class, () -> read(binary(0x21, 0x11, rest)));
    assertThrows(ProxyHeader.MalformedException.class, () -> read(binary(0x20, 0x00, rest)));
  }

  @Test
  void refusesOtherVersionsFamiliesAndShortAddresses() {
    assertThrows(
        ProxyHeader.MalformedException.class, () -> read(binary(0x11, 0x11, FROM4, TO4, PORTS)));
    assertThrows(
        ProxyHeader.MalformedException.class, () -> read(binary(0x22, 0x11, FROM4, TO4, PORTS)));
    assertThrows(
        ProxyHeader.MalformedException.class, () -> read(binary(0x21, 0x12, FROM4, TO4, PORTS)));
    assertThrows(
        ProxyHeader.MalformedException.class, () -> read(binary(0x21, 0x31, new byte[216])));
    assertThrows(ProxyHeader.MalformedException.class, () -> read(binary(0x21, 0x11, FROM4, TO4)));
    assertThrows(
        ProxyHeader.MalformedException.class, () -> read(binary(0x21, 0x21, FROM4, TO4, PORTS)));
  }

  @Test
  void whatEndsTooEarlyIsNoHeader() {
    var whole = binary(0x21, 0x11, FROM4, TO4, PORTS);
    var line = "PROXY TCP4 203.0.113.9 127.0.0.1 1 25\r\n";

    for (int length = 0; length < whole.length; length++) {
      var cut = Arrays.copyOf(whole, length);
      assertThrows(EOFException.class, () -> read(cut));
    }
    for (int length = 0; length < line.length(); length++) {
      var cut = line.substring(0, length);
      assertThrows(EOFException.class, () -> text(cut));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyOctetsEndInAnAddressOrItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    var octets = binary(0x21, 0x11, FROM4, TO4, PORTS);
    for (int i = 0; i < 3; i++) {
      octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
    }

    try {
      assertThat(read(octets)).isNotNull();
    } catch (IOException refused) {
      assertThat(refused).isInstanceOfAny(ProxyHeader.MalformedException.class, EOFException.class);
    }
  }
}
