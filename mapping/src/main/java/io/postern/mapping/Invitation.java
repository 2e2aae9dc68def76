package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The one request by which a peer has caused mail to a person who never wrote to them.
 *
 * @param person canonical
 * @param token by which the person can block the peer: 32 hex digits that cannot be guessed
 */
public record Invitation(Mailbox person, InboxId peer, String token, Instant at) {
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  /**
   * @throws IllegalArgumentException if the token has another form
   */
  public Invitation {
    person = person.canonical();
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(at, "at");
    if (!TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException("a token is 32 hex digits");
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Invitation[" + person + ", " + peer + "]";
  }
}
