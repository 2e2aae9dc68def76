package io.postern.bridge.web;

import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression;
import java.util.List;

/**
 * The list of suppressed mailboxes as lines of text, for {@code postern suppress}, whether they
 * come from the daemon or from its database. Nothing in them steers a terminal.
 */
public final class SuppressionText {
  /** So many entries are written, the newest. */
  public static final int LISTED = 10_000;

  private SuppressionText() {}

  /**
   * @param entries {@link #LISTED} at most
   */
  public static String write(List<Suppression> entries) {
    if (entries.isEmpty()) {
      return "no mailbox is suppressed\n";
    }
    var text = new StringBuilder();
    for (var entry : entries) {
      var detail = entry.detail().isEmpty() ? "" : " (" + entry.detail() + ")";
      JourneyText.line(
          text,
          UtcTime.of(entry.since())
              + "  "
              + entry.mailbox()
              + "  "
              + peer(entry)
              + ": "
              + entry.reason().words()
              + detail);
    }
    if (entries.size() >= LISTED) {
      text.append("There may be more: these are the newest.\n");
    }
    return text.toString();
  }

  /** Whose messages are not mailed. */
  static String peer(Suppression entry) {
    return entry.peer().map(Object::toString).orElse("every peer");
  }

  /** What to say once a mailbox was put in. */
  public static String added(Mailbox mailbox) {
    return line(mailbox + " is mailed no more");
  }

  /**
   * What to say once a mailbox was taken out.
   *
   * @param entries how many went
   */
  public static String removed(Mailbox mailbox, int entries) {
    return line(entries == 0 ? "it was not on the list" : mailbox + " is mailed again");
  }

  private static String line(String words) {
    var text = new StringBuilder();
    JourneyText.line(text, words);
    return text.toString();
  }
}
