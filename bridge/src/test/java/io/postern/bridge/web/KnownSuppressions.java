package io.postern.bridge.web;

import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression;
import io.postern.mapping.Suppression.Reason;
import io.postern.xmtp.identity.InboxId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A list of which everything is known, and that can be changed. */
final class KnownSuppressions implements Suppressions {
  private final List<Suppression> entries;

  private KnownSuppressions(List<Suppression> entries) {
    this.entries = new CopyOnWriteArrayList<>(entries);
  }

  static KnownSuppressions of(Suppression... entries) {
    return new KnownSuppressions(List.of(entries));
  }

  static Suppression bounced(Mailbox mailbox, String detail) {
    return new Suppression(mailbox, Optional.empty(), Reason.BOUNCED, detail, KnownStatus.BEGUN);
  }

  static Suppression blocked(Mailbox mailbox) {
    return new Suppression(
        mailbox,
        Optional.of(new InboxId(KnownStatus.INBOX_ID)),
        Reason.BLOCKED,
        "by mail",
        KnownStatus.BEGUN);
  }

  @Override
  public List<Suppression> find(String name, int count) {
    return entries.stream()
        .filter(entry -> entry.mailbox().toString().contains(name))
        .limit(count)
        .toList();
  }

  @Override
  public void add(Mailbox mailbox) {
    entries.add(new Suppression(mailbox, Optional.empty(), Reason.OPERATOR, "", KnownStatus.BEGUN));
  }

  @Override
  public int remove(Mailbox mailbox) {
    int before = entries.size();
    entries.removeIf(entry -> entry.mailbox().sameAs(mailbox) && !entry.reason().isPersonsWord());
    return before - entries.size();
  }

  /** Its mailboxes. */
  List<String> mailboxes() {
    return entries.stream().map(entry -> entry.mailbox().toString()).toList();
  }
}
