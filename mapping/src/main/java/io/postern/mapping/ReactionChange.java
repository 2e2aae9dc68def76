package io.postern.mapping;

import io.postern.mail.EmojiReaction;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What several reaction lines change on one message, taken together: the last action on an emoji
 * counts. spec/content-types.md §3.7, §10.9.
 *
 * @param first the line that names the mail
 * @param target the message, and what stood on it before
 * @param added emoji that are new
 * @param remaining all emoji that stand on it now, those before first
 * @param words reactions that are no emoji, put on and not taken off again
 */
record ReactionChange(
    PeerLines.Line first,
    PeerLines.Target target,
    List<String> added,
    List<String> remaining,
    List<String> words) {
  private static final int MAX_WORDS = 60;

  ReactionChange {
    added = List.copyOf(added);
    remaining = List.copyOf(remaining);
    words = List.copyOf(words);
  }

  /** Whether other emoji stand on the message than before. */
  boolean changesSet() {
    return !target.reactions().equals(Set.copyOf(remaining));
  }

  /** Whether there is nothing that a mail could tell in words. */
  boolean addsNothing() {
    return added.isEmpty() && words.isEmpty();
  }

  /**
   * One change for each message, in the order in which they were first reacted to.
   *
   * @param lines with reactions whose targets are known
   */
  static List<ReactionChange> of(List<PeerLines.Line> lines) {
    var byTarget = new LinkedHashMap<MessageId, List<PeerLines.Line>>();
    for (var line : lines) {
      ((Reaction) line.content())
          .target()
          .ifPresent(id -> byTarget.computeIfAbsent(id, any -> new ArrayList<>()).add(line));
    }
    return byTarget.values().stream().map(ReactionChange::onOne).toList();
  }

  private static ReactionChange onOne(List<PeerLines.Line> lines) {
    var last = new LinkedHashMap<String, Boolean>();
    for (var line : lines) {
      var reaction = (Reaction) line.content();
      // An unknown action is shown as added by libxmtp.
      last.put(symbol(reaction), reaction.action() != Reaction.Action.REMOVED);
    }
    var target = lines.get(0).target().orElseThrow();
    var remaining = new LinkedHashSet<String>(target.reactions().stream().sorted().toList());
    var added = new ArrayList<String>();
    var words = new ArrayList<String>();
    for (var entry : last.entrySet()) {
      if (!EmojiReaction.isEmoji(entry.getKey())) {
        if (entry.getValue() && !entry.getKey().isEmpty()) {
          words.add(entry.getKey());
        }
      } else if (!entry.getValue()) {
        remaining.remove(entry.getKey());
      } else if (remaining.add(entry.getKey())) {
        added.add(entry.getKey());
      }
    }
    remaining.removeIf(emoji -> !EmojiReaction.isEmoji(emoji));
    return new ReactionChange(lines.get(0), target, added, List.copyOf(remaining), words);
  }

  /** The emoji if it is one or the name of one; else harmless words. */
  static String symbol(Reaction reaction) {
    var shown = reaction.shown().strip();
    if (EmojiReaction.isEmoji(shown)) {
      return shown;
    }
    var named =
        reaction.schema() == Reaction.Schema.SHORTCODE
            ? EmojiNames.emoji(shown)
            : Optional.<String>empty();
    return named.orElseGet(() -> words(reaction, shown));
  }

  private static String words(Reaction reaction, String shown) {
    var line = OneLine.of(shown, MAX_WORDS);
    if (line.isEmpty()) {
      return "";
    }
    if (line.contains("://")) {
      // A custom reaction may link to a picture, which would tell its server who reads the mail.
      return "(a picture)";
    }
    boolean bareName = reaction.schema() == Reaction.Schema.SHORTCODE && !line.startsWith(":");
    return bareName ? ":" + line + ":" : line;
  }
}
