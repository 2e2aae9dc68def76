package io.postern.bridge;

import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.InboxId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with inboxes of ours: one has nearly as many installations as it can have, or came
 * back from a backup and cannot be used. May be used by several threads.
 */
final class InboxTroubles {
  private static final Logger log = LoggerFactory.getLogger(InboxTroubles.class);

  /** Of ten. Time is left to find out who adds them. */
  private static final int MANY = 8;

  private static final int NAMED = 10;

  private final XmtpClient client;
  private volatile Map<InboxId, Integer> crowded = Map.of();

  InboxTroubles(XmtpClient client) {
    this.client = client;
  }

  /** Counts the installations of all inboxes. For a regular job. */
  void count() throws XmtpException {
    var now = client.installations(MANY);
    now.forEach(
        (inbox, installations) -> {
          if (!installations.equals(crowded.get(inbox))) {
            log.warn(
                "inbox has many installations inbox={} installations={}", inbox, installations);
          }
        });
    crowded = Map.copyOf(now);
  }

  /** A sentence for each, of the first ones. */
  List<String> list() {
    var troubles = new ArrayList<String>();
    crowded.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(InboxId::toString)))
        .limit(NAMED)
        .forEach(
            one ->
                troubles.add(
                    "the inbox "
                        + one.getKey()
                        + " has "
                        + one.getValue()
                        + " of 10 installations; revoke those that nobody uses, or the next one is"
                        + " refused"));
    var lost = client.lost();
    lost.stream()
        .filter(one -> !one.trouble().isEmpty())
        .limit(NAMED)
        .forEach(one -> troubles.add(one.trouble()));
    long waiting = lost.stream().filter(one -> one.trouble().isEmpty()).count();
    if (waiting > 0) {
      troubles.add(waiting + " restored inboxes have no installation yet");
    }
    return troubles;
  }
}
