package io.postern.smtp;

import java.util.Objects;

/**
 * What the receiver asks, and where it puts what it takes.
 *
 * @param recipients at RCPT
 * @param judge at the end of DATA
 * @param loops at the end of DATA, before the judge
 * @param spool mail goes there while it arrives
 */
public record Reception(RecipientCheck recipients, MailJudge judge, LoopCheck loops, Spool spool) {
  public Reception {
    Objects.requireNonNull(recipients, "recipients");
    Objects.requireNonNull(judge, "judge");
    Objects.requireNonNull(loops, "loops");
    Objects.requireNonNull(spool, "spool");
  }
}
