package io.postern.smtp;

import io.postern.mail.auth.IpNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a proxy says of the client before the client's first octet: the PROXY protocol of HAProxy,
 * versions 1 and 2.
 */
final class ProxyHeader {
  /** With its CR LF, as the protocol says. */
  static final int MAX_TEXT = 107;

  /** Addresses and whatever else a proxy tells, which is skipped. */
  static final int MAX_BINARY = 4096;

  private static final byte[] SIGNATURE = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };
  private static final int VERSION_2_LOCAL = 0x20;
  private static final int VERSION_2_PROXY = 0x21;
  private static final int UNSPECIFIED = 0x00;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;
  private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

  private ProxyHeader() {}

  /** The proxy said something else, or nothing of the kind. */
  static final class MalformedException extends IOException {
    MalformedException(String what) {
      super("no PROXY header: " + what);
    }
  }

  /** Where the next octet comes from; exactly those of the header are taken. */
  interface Octets {
    int next() throws IOException;
  }

  /**
   * Reads one header and not an octet more.
   *
   * @return the client's address; empty if the proxy speaks for itself (LOCAL) or does not know it
   *     (UNKNOWN, UNSPEC), so that the connection's own address counts
   */
  static Optional<InetAddress> read(Octets octets) throws IOException {
    int first = octets.next();
    if (first == 'P') {
      return text(octets);
    }
    if (first == SIGNATURE[0]) {
      return binary(octets);
    }
    throw new MalformedException("the first octet is " + first);
  }

  /** Version 1: {@code PROXY TCP4 192.0.2.1 198.51.100.1 56324 25}. */
  private static Optional<InetAddress> text(Octets octets) throws IOException {
    var line = new byte[MAX_TEXT];
    line[0] = 'P';
    int length = 1;
    while (length < 2 || line[length - 1] != '\n') {
      if (length == MAX_TEXT) {
        throw new MalformedException("the line is longer than " + MAX_TEXT + " octets");
      }
      line[length++] = (byte) octets.next();
    }
    var text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\r\n")) {
      throw new MalformedException("the line does not end in CR LF");
    }
    var words = text.substring(0, length - 2).split(" ", -1);
    if (!words[0].equals("PROXY") || words.length < 2) {
      throw new MalformedException("the line does not begin with PROXY");
    }
    if (words[1].equals("UNKNOWN")) {
      return Optional.empty();
    }
    if (words.length != 6 || !isPort(words[4]) || !isPort(words[5])) {
      throw new MalformedException("expected two addresses and two ports");
    }
    boolean six = words[1].equals("TCP6");
    if (!six && !words[1].equals("TCP4")) {
      throw new MalformedException("expected TCP4, TCP6 or UNKNOWN");
    }
    address(words[3], six);
    return Optional.of(address(words[2], six));
  }

  private static boolean isPort(String word) {
    return PORT.matcher(word).matches() && Integer.parseInt(word) <= 65_535;
  }

  private static InetAddress address(String word, boolean six) throws MalformedException {
    return Optional.of(word)
        .filter(text -> six == text.contains(":"))
        .flatMap(IpNetwork::parseAddress)
        .orElseThrow(() -> new MalformedException("an address is malformed"));
  }

  /** Version 2: signature, command, family, length, addresses, then what is skipped. */
  private static Optional<InetAddress> binary(Octets octets) throws IOException {
    for (int i = 1; i < SIGNATURE.length; i++) {
      if (octets.next() != SIGNATURE[i]) {
        throw new MalformedException("the signature is another one");
      }
    }
    int command = octets.next();
    int family = octets.next();
    int length = octets.next() << 8 | octets.next();
    if (command != VERSION_2_LOCAL && command != VERSION_2_PROXY) {
      throw new MalformedException("version and command are " + command);
    }
    if (length > MAX_BINARY) {
      throw new MalformedException("it has " + length + " octets, more than " + MAX_BINARY);
    }
    var rest = new byte[length];
    for (int i = 0; i < length; i++) {
      rest[i] = (byte) octets.next();
    }
    if (command == VERSION_2_LOCAL || family == UNSPECIFIED) {
      return Optional.empty();
    }
    int size =
        switch (family) {
          case TCP_OVER_IPV4 -> 4;
          case TCP_OVER_IPV6 -> 16;
          default -> throw new MalformedException("the family is " + family + ", not TCP over IP");
        };
    // Two addresses of this size, and two ports of two octets.
    if (length < 2 * size + 4) {
      throw new MalformedException("it ends within the addresses");
    }
    return Optional.of(InetAddress.getByAddress(Arrays.copyOf(rest, size)));
  }
}
