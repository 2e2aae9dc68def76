package io.postern.xmtp.client;

import io.postern.xmtp.network.V3Settings;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A version that a group may demand of its members, read and compared as others do: a pre-release
 * comes before its release (semver.org), and what was built from it after both, where semver.org
 * sees no difference. No length is too long: what is a version to others must be one to us.
 *
 * @param major unsigned, as the next two
 * @param preRelease empty if it is none
 * @param build likewise
 */
record ProtocolVersion(long major, long minor, long patch, String preRelease, String build)
    implements Comparable<ProtocolVersion> {
  /** What the table takes. */
  private static final int MAX_STORED = 64;

  private static final String HIGHEST = Long.toUnsignedString(-1);

  /** The version whose rules we follow. */
  static final ProtocolVersion OURS = parse(V3Settings.LIBXMTP_VERSION).orElseThrow();

  /** Reads a version in the form of semver.org; empty if it is none. */
  static Optional<ProtocolVersion> parse(String text) {
    int plus = text.indexOf('+');
    var plain = plus < 0 ? text : text.substring(0, plus);
    var build = plus < 0 ? "" : text.substring(plus + 1);
    int dash = plain.indexOf('-');
    var numbers = (dash < 0 ? plain : plain.substring(0, dash)).split("\\.", 4);
    var preRelease = dash < 0 ? "" : plain.substring(dash + 1);
    if (numbers.length != 3
        || !isNumber(numbers[0])
        || !isNumber(numbers[1])
        || !isNumber(numbers[2])
        || (dash >= 0 && !areParts(preRelease, false))
        || (plus >= 0 && !areParts(build, true))) {
      return Optional.empty();
    }
    return Optional.of(
        new ProtocolVersion(
            Long.parseUnsignedLong(numbers[0]),
            Long.parseUnsignedLong(numbers[1]),
            Long.parseUnsignedLong(numbers[2]),
            preRelease,
            build));
  }

  /** Reads a version of ASCII octets; empty if they are none. */
  static Optional<ProtocolVersion> read(byte[] octets) {
    return parse(text(octets));
  }

  /** Octets as text, in which those that are not ASCII make no version. */
  static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  /**
   * What is kept and told of a demanded version that is above ours: the text or, of one that is too
   * long, its beginning. That is above ours, too, and never above what is demanded, so that a later
   * version which has reached the one has not passed by the other. Empty if it is not above ours,
   * or no version.
   */
  static Optional<String> aboveOurs(String text) {
    return isAboveOurs(text) ? Optional.of(stored(text)) : Optional.empty();
  }

  private static boolean isAboveOurs(String text) {
    return parse(text).filter(version -> version.compareTo(OURS) > 0).isPresent();
  }

  /** The numbers alone have no more than 62 digits and dots: there is room for what follows. */
  private static String stored(String text) {
    int length = Math.min(text.length(), MAX_STORED);
    while (!isAboveOurs(text.substring(0, length))) {
      length--; // A dot, a plus or a hyphen at the end makes no version.
    }
    return text.substring(0, length);
  }

  /** A number of 64 bit without zeros before it. */
  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && areDigits(text)
        && (text.length() == 1 || text.charAt(0) != '0')
        && (text.length() < HIGHEST.length()
            || (text.length() == HIGHEST.length() && text.compareTo(HIGHEST) <= 0));
  }

  private static boolean areDigits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Whether these are letters, digits and hyphens between dots. */
  private static boolean areParts(String text, boolean zerosBefore) {
    for (int from = 0; from <= text.length(); ) {
      int to = endOfPart(text, from);
      var part = text.substring(from, to);
      if (part.isEmpty()
          || !part.chars().allMatch(ProtocolVersion::mayStandInAPart)
          || (!zerosBefore && part.length() > 1 && part.charAt(0) == '0' && areDigits(part))) {
        return false;
      }
      from = to + 1;
    }
    return true;
  }

  private static boolean mayStandInAPart(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  }

  private static int endOfPart(String text, int from) {
    int dot = text.indexOf('.', from);
    return dot < 0 ? text.length() : dot;
  }

  @Override
  public int compareTo(ProtocolVersion other) {
    int order = Long.compareUnsigned(major, other.major);
    order = order != 0 ? order : Long.compareUnsigned(minor, other.minor);
    order = order != 0 ? order : Long.compareUnsigned(patch, other.patch);
    order = order != 0 ? order : Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    order = order != 0 ? order : compareParts(preRelease, other.preRelease);
    return order != 0 ? order : compareParts(build, other.build);
  }

  private static int compareParts(String one, String other) {
    int from = 0;
    int otherFrom = 0;
    while (true) {
      int to = endOfPart(one, from);
      int otherTo = endOfPart(other, otherFrom);
      int order = comparePart(one.substring(from, to), other.substring(otherFrom, otherTo));
      boolean isLast = to == one.length();
      boolean isOtherLast = otherTo == other.length();
      if (order != 0 || isLast || isOtherLast) {
        return order != 0 ? order : Boolean.compare(isOtherLast, isLast);
      }
      from = to + 1;
      otherFrom = otherTo + 1;
    }
  }

  /** Numbers come before words, nothing before both; of equal numbers the longer is the later. */
  private static int comparePart(String one, String other) {
    boolean number = areDigits(one);
    if (number != areDigits(other)) {
      return number ? -1 : 1;
    }
    if (!number) {
      return one.compareTo(other);
    }
    var digits = withoutZeros(one);
    var otherDigits = withoutZeros(other);
    int order = Integer.compare(digits.length(), otherDigits.length());
    order = order != 0 ? order : digits.compareTo(otherDigits);
    return order != 0 ? order : Integer.compare(one.length(), other.length());
  }

  private static String withoutZeros(String digits) {
    int from = 0;
    while (from < digits.length() && digits.charAt(from) == '0') {
      from++;
    }
    return digits.substring(from);
  }
}
