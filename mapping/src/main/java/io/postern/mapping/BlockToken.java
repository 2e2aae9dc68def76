package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * By which a person says whether they want to hear from a peer. spec/content-types.md §10.16.
 *
 * @param person canonical
 * @param token 32 hex digits that cannot be guessed
 */
public record BlockToken(Mailbox person, InboxId peer, String token) {
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  /**
   * @throws IllegalArgumentException if the token has another form
   */
  public BlockToken {
    person = person.canonical();
    Objects.requireNonNull(peer, "peer");
    if (!TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException("a token is 32 hex digits");
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "BlockToken[" + person + ", " + peer + "]";
  }
}
