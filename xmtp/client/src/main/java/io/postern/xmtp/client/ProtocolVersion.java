package io.postern.xmtp.client;

import io.postern.xmtp.network.V3Settings;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version that a group may demand of its members, compared as semver: a pre-release comes before
 * its release.
 */
record ProtocolVersion(long major, long minor, long patch, String preRelease)
    implements Comparable<ProtocolVersion> {
  /** Longer ones are no versions to us; the limit of the table, too. */
  private static final int MAX_LENGTH = 64;

  private static final String NUMBER = "(0|[1-9]\\d{0,17})";
  private static final String PART = "(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)";
  private static final Pattern FORM =
      Pattern.compile(
          String.format(
              "%1$s\\.%1$s\\.%1$s(?:-(%2$s(?:\\.%2$s)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?",
              NUMBER, PART));
  private static final Pattern DIGITS = Pattern.compile("\\d+");

  /** The version whose rules we follow. */
  static final ProtocolVersion OURS = parse(V3Settings.LIBXMTP_VERSION).orElseThrow();

  /** Reads a version in the form of semver.org; empty if it is none. */
  static Optional<ProtocolVersion> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    var match = FORM.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ProtocolVersion(
            Long.parseLong(match.group(1)),
            Long.parseLong(match.group(2)),
            Long.parseLong(match.group(3)),
            match.group(4) == null ? "" : match.group(4)));
  }

  /** Reads a version of ASCII octets; empty if they are none. */
  static Optional<ProtocolVersion> read(byte[] octets) {
    return parse(new String(octets, StandardCharsets.ISO_8859_1));
  }

  boolean isAboveOurs() {
    return compareTo(OURS) > 0;
  }

  @Override
  public int compareTo(ProtocolVersion other) {
    int order = Long.compare(major, other.major);
    order = order != 0 ? order : Long.compare(minor, other.minor);
    order = order != 0 ? order : Long.compare(patch, other.patch);
    if (order != 0 || preRelease.equals(other.preRelease)) {
      return order;
    }
    if (preRelease.isEmpty()) {
      return 1;
    }
    return other.preRelease.isEmpty() ? -1 : comparePreRelease(other.preRelease);
  }

  private int comparePreRelease(String other) {
    var ours = preRelease.split("\\.");
    var theirs = other.split("\\.");
    for (int i = 0; i < Math.min(ours.length, theirs.length); i++) {
      boolean number = DIGITS.matcher(ours[i]).matches();
      boolean otherNumber = DIGITS.matcher(theirs[i]).matches();
      int order =
          number && otherNumber
              ? new BigInteger(ours[i]).compareTo(new BigInteger(theirs[i]))
              : number ? -1 : otherNumber ? 1 : ours[i].compareTo(theirs[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(ours.length, theirs.length);
  }
}
