package io.postern.out;

import java.util.Arrays;

/** Transparency of the mail data: a line that begins with a dot gets another. RFC 5321 §4.5.2. */
final class DotStuffing {
  private DotStuffing() {}

  /**
   * @param octets whole lines, each ended by CR LF
   * @return what to write before the line with the final dot
   */
  static byte[] stuff(byte[] octets) {
    int dots = 0;
    for (int i = 0; i < octets.length; i++) {
      dots += leadsLine(octets, i) ? 1 : 0;
    }
    if (dots == 0) {
      return octets;
    }
    var stuffed = Arrays.copyOf(octets, octets.length + dots);
    int to = 0;
    for (int i = 0; i < octets.length; i++) {
      if (leadsLine(octets, i)) {
        stuffed[to++] = '.';
      }
      stuffed[to++] = octets[i];
    }
    return stuffed;
  }

  private static boolean leadsLine(byte[] octets, int at) {
    return octets[at] == '.' && (at == 0 || octets[at - 1] == '\n');
  }
}
