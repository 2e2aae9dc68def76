package io.postern.mail;

import java.util.ArrayList;
import java.util.List;

/** The ids that a References field carries. RFC 5322 §3.6.4, bounded. */
public final class ReferenceChain {
  /** So many ids stand behind the root, {@code spec/content-types.md} §10.3. */
  public static final int MAX_BEHIND_ROOT = 9;

  private ReferenceChain() {}

  /**
   * The chain of an answer: the root of the conversation, then what the parent referred to, then
   * the parent; the root and the last nine remain.
   *
   * @param root the id that every mail of the conversation lists first
   * @param ofParent the parent's own References, in order
   * @param parent the mail that is answered
   */
  public static List<MailId> answering(MailId root, List<MailId> ofParent, MailId parent) {
    var behind = new ArrayList<>(ofParent);
    behind.add(parent);
    behind.removeIf(root::equals);
    int last = behind.lastIndexOf(parent);
    // The parent may refer to itself by mistake; it stands once, at the end.
    for (int i = last - 1; i >= 0; i--) {
      if (behind.get(i).equals(parent)) {
        behind.remove(i);
      }
    }
    int from = Math.max(0, behind.size() - MAX_BEHIND_ROOT);
    var chain = new ArrayList<MailId>();
    chain.add(root);
    chain.addAll(behind.subList(from, behind.size()));
    return List.copyOf(chain);
  }
}
