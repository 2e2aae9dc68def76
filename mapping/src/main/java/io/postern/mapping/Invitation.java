package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.Objects;

/**
 * The one request by which a peer has caused mail to a person who never wrote to them.
 *
 * @param person canonical
 */
public record Invitation(Mailbox person, InboxId peer, Instant at) {
  public Invitation {
    person = person.canonical();
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(at, "at");
  }
}
