package io.postern.mapping;

import io.postern.mail.MailId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The mail ids that Postern gives, and what it can read back from one. spec/content-types.md §10.3.
 *
 * <p>All but a notice's are made from what they name, so the mail of a message has the same id
 * however often it is made. A person can write any id: reading one back authorises nothing.
 */
public final class ThreadIds {
  /** How many ids References holds beside the root, at most. */
  static final int MAX_REFERENCES = 9;

  private static final Pattern MESSAGE = Pattern.compile("<x-([0-9a-f]{64})@([^>]+)>");

  private final List<String> domains;

  /**
   * @param domains the bridge domains; ids are made in the first one
   */
  public ThreadIds(List<String> domains) {
    if (domains.isEmpty()) {
      throw new IllegalArgumentException("ids need a bridge domain to stand in");
    }
    this.domains = domains.stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList();
  }

  /** The mail that would open the conversation: listed first in References, never sent. */
  public MailId root(ConversationId conversation) {
    return id("c-" + conversation);
  }

  /**
   * The mail whose first message this is.
   *
   * @param messageId 64 lower-case hex digits
   */
  public MailId message(String messageId) {
    return id("x-" + HexId.requireMessage(messageId));
  }

  /**
   * The digest whose first part is the mail that this message names.
   *
   * @param messageId 64 lower-case hex digits
   */
  public MailId digest(String messageId) {
    return id("d-" + HexId.requireMessage(messageId));
  }

  /** A mail that Postern writes by itself. */
  public MailId notice(UUID id) {
    return id("n-" + id);
  }

  /** The message that an id of ours names, whether or not such a mail was ever sent. */
  public Optional<String> messageIn(MailId id) {
    var match = MESSAGE.matcher(id.value());
    return match.matches() && domains.contains(match.group(2))
        ? Optional.of(match.group(1))
        : Optional.empty();
  }

  /** The References of a conversation's first mail: its root alone. */
  public List<MailId> references(ConversationId conversation) {
    return List.of(root(conversation));
  }

  /**
   * The References of a mail that answers another: the root, what the parent referred to, and the
   * parent (RFC 5322 §3.6.4). Of a long thread the root and the last nine remain.
   */
  public List<MailId> references(ConversationId conversation, ThreadLink parent) {
    var root = root(conversation);
    var line = new ArrayList<>(parent.references());
    line.removeIf(id -> id.equals(root) || id.equals(parent.mailId()));
    line.add(parent.mailId());
    var last = line.subList(Math.max(0, line.size() - MAX_REFERENCES), line.size());
    var all = new ArrayList<MailId>();
    all.add(root);
    all.addAll(last);
    return List.copyOf(all);
  }

  private MailId id(String left) {
    return new MailId("<" + left + "@" + domains.get(0) + ">");
  }
}
