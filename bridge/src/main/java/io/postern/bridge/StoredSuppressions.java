package io.postern.bridge;

import io.postern.bridge.web.Suppressions;
import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The suppressed mailboxes as the operator changes them: in the database. */
final class StoredSuppressions implements Suppressions {
  private final SuppressionList list;
  private final Clock clock;

  StoredSuppressions(Jdbi jdbi, Clock clock) {
    this.list = new SuppressionList(jdbi);
    this.clock = clock;
  }

  @Override
  public List<Suppression> find(String name, int count) {
    return list.find(name, count);
  }

  @Override
  public void add(Mailbox mailbox) {
    list.add(
        new Suppression(
            mailbox, Optional.empty(), Suppression.Reason.OPERATOR, "", clock.instant()));
  }

  @Override
  public int remove(Mailbox mailbox) {
    return list.remove(mailbox);
  }
}
