package io.postern.mapping;

import io.postern.xmtp.identity.InboxId;
import java.nio.charset.StandardCharsets;

/**
 * A conversation as its members see it, which outlives the group below it: two inboxes may own
 * several DM groups and still have one conversation (spec/content-types.md §8.3). Names the root of
 * a mail thread (§10.3).
 *
 * @param hex 32 lower-case hex digits
 */
public record ConversationId(String hex) {
  private static final int LENGTH = 32;

  /**
   * @throws IllegalArgumentException if this is not 32 lower-case hex digits
   */
  public ConversationId {
    HexId.requireGroup(hex);
  }

  /** The conversation of a group chat: its group id. */
  public static ConversationId ofGroup(String groupId) {
    return new ConversationId(groupId);
  }

  /**
   * The conversation of two inboxes, in whatever order they are given: the first 16 octets of the
   * SHA-256 of their {@code dm_id} (spec/groups.md: {@code dm:a:b}, sorted).
   */
  public static ConversationId ofDm(InboxId one, InboxId other) {
    var a = one.toString();
    var b = other.toString();
    var pair = a.compareTo(b) <= 0 ? "dm:" + a + ":" + b : "dm:" + b + ":" + a;
    return new ConversationId(
        Columns.digest(pair.getBytes(StandardCharsets.UTF_8)).substring(0, LENGTH));
  }

  @Override
  public String toString() {
    return hex;
  }
}
