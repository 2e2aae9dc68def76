package io.postern.mapping;

import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.DeleteMessage;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lines after what their sender changed of them before the mail went out: an edit replaces, a
 * delete takes away. design.md §5.2. All lines are of one sender, so each may change the others.
 */
final class SettledLines {
  private final Map<MessageId, PeerLines.Line> lines = new LinkedHashMap<>();

  /** What an edit may name instead of a line: an edit that went into it, or what it edits. */
  private final Map<MessageId, MessageId> changed = new HashMap<>();

  private SettledLines() {}

  /** The lines that remain, in their order; no delete is among them. */
  static List<PeerLines.Line> of(List<PeerLines.Line> given) {
    var settled = new SettledLines();
    var deleted = deleted(given);
    for (var line : given) {
      if (line.content() instanceof DeleteMessage || deleted.contains(line.id())) {
        continue;
      }
      if (line.content() instanceof EditMessage edit) {
        settled.edit(line, edit, deleted);
      } else {
        settled.lines.putIfAbsent(line.id(), line);
      }
    }
    return List.copyOf(settled.lines.values());
  }

  /** A delete may come before what it deletes: spec/content-types.md §3.16. */
  private static Set<MessageId> deleted(List<PeerLines.Line> given) {
    var deleted = new HashSet<MessageId>();
    for (var line : given) {
      if (line.content() instanceof DeleteMessage delete) {
        delete.target().ifPresent(deleted::add);
      }
    }
    return deleted;
  }

  private void edit(PeerLines.Line line, EditMessage edit, Set<MessageId> deleted) {
    // An edit may name an earlier edit of the same message.
    var target = changed.getOrDefault(edit.target(), edit.target());
    if (deleted.contains(target)) {
      return;
    }
    var original = lines.get(target);
    if (original == null) {
      lines.putIfAbsent(line.id(), line);
      // A later edit of what was mailed before takes the place of this one.
      changed.put(line.id(), line.id());
      changed.put(target, line.id());
    } else if (original.content() instanceof EditMessage earlier) {
      lines.put(target, original.edited(line, new EditMessage(earlier.target(), edit.content())));
      changed.put(line.id(), target);
    } else if (mayReplace(original.content(), edit.content())) {
      lines.put(target, original.edited(line, edit.content()));
      changed.put(line.id(), target);
    } else {
      lines.putIfAbsent(line.id(), line);
    }
  }

  /** spec/content-types.md §3.17: text, Markdown or a reply, by content of the same type. */
  private static boolean mayReplace(Content original, Content edited) {
    boolean editable =
        original instanceof Text || original instanceof Markdown || original instanceof Reply;
    return editable && original.getClass() == edited.getClass();
  }
}
