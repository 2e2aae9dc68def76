package io.postern.xmtp.client;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version that a group may demand of its members, compared as semver: a pre-release comes before
 * its release.
 */
record ProtocolVersion(long major, long minor, long patch, String preRelease)
    implements Comparable<ProtocolVersion> {
  /** The version whose rules we follow. */
  static final ProtocolVersion OURS = new ProtocolVersion(1, 10, 0, "");

  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\\+.*)?");

  static Optional<ProtocolVersion> parse(String text) {
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
      boolean number = ours[i].matches("\\d{1,9}");
      boolean otherNumber = theirs[i].matches("\\d{1,9}");
      int order =
          number && otherNumber
              ? Long.compare(Long.parseLong(ours[i]), Long.parseLong(theirs[i]))
              : number ? -1 : otherNumber ? 1 : ours[i].compareTo(theirs[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(ours.length, theirs.length);
  }
}
