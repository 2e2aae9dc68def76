package io.postern.mapping;

import java.util.regex.Pattern;

/** Ids of XMTP that this module passes on as text: lower-case hex of a fixed length. */
final class HexId {
  private static final Pattern MESSAGE = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GROUP = Pattern.compile("[0-9a-f]{32}");

  private HexId() {}

  /** A message id: SHA-256, spec/content-types.md §1.2. */
  static String requireMessage(String id) {
    return require(MESSAGE, id, "a message id of 64 lower-case hex digits");
  }

  /** A group id: 16 octets, spec/groups.md. */
  static String requireGroup(String id) {
    return require(GROUP, id, "a group id of 32 lower-case hex digits");
  }

  private static String require(Pattern form, String id, String what) {
    if (!form.matcher(id).matches()) {
      throw new IllegalArgumentException("expected " + what + ", got \"" + id + "\"");
    }
    return id;
  }
}
