package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.io.IOException;
import java.util.Optional;

/**
 * Who may send from their own mail program. Asked when somebody logs in.
 *
 * <p>Called from the threads of many sessions at once.
 */
@FunctionalInterface
public interface Logins {
  /**
   * Takes as long for a name that nobody has as for a wrong password.
   *
   * @param name what the client calls itself: anything
   * @param password its octets, which the caller erases
   * @return the address as which this login may write; empty if name or password are wrong
   * @throws IOException if it cannot be said now; the client is told to try again
   */
  Optional<Mailbox> check(String name, byte[] password) throws IOException;

  /** Nobody. */
  static Logins none() {
    return (name, password) -> Optional.empty();
  }
}
