package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;

/**
 * The port by which mail leaves: one try to hand one mail to its next holder. Implementations may
 * be used by several threads at once, keep no queue and never try again by themselves: when to try
 * again is the caller's business.
 */
public interface MailSender {
  /**
   * Hands the mail over, or says why not.
   *
   * <p>An envelope with several forward-paths is delivered to all of them or to none; the first
   * failure is the answer.
   *
   * @param envelope the reverse-path and the recipients
   * @param octets the final mail, lines ended by CR LF. They are sent as they are; what cannot
   *     travel unchanged is refused, never converted, because it is signed already. They are not
   *     copied: nobody may change them before this returns
   * @return {@code Deferred} if a later try with the same octets may succeed. Where it cannot be
   *     known whether the far side has taken the mail, the reason says that a duplicate, of the
   *     same Message-ID, is possible
   */
  Delivery send(Envelope envelope, byte[] octets);
}
