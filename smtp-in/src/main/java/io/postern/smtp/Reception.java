package io.postern.smtp;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * What the receiver asks, and where it puts what it takes.
 *
 * @param recipients at RCPT
 * @param clients at RCPT, of recipients that are served; not asked about who has logged in
 * @param judge at the end of DATA
 * @param loops at the end of DATA, before the judge
 * @param spool mail goes there while it arrives
 * @param refusals is told what was refused at the end of DATA, and for reasons of policy at RCPT
 * @param logins at AUTH
 */
public record Reception(
    RecipientCheck recipients,
    ClientCheck clients,
    MailJudge judge,
    LoopCheck loops,
    Spool spool,
    Consumer<Refusal> refusals,
    Logins logins) {
  public Reception {
    Objects.requireNonNull(recipients, "recipients");
    Objects.requireNonNull(clients, "clients");
    Objects.requireNonNull(judge, "judge");
    Objects.requireNonNull(loops, "loops");
    Objects.requireNonNull(spool, "spool");
    Objects.requireNonNull(refusals, "refusals");
    Objects.requireNonNull(logins, "logins");
  }

  /** Of every client, without logins, and without anybody who wants to know what was refused. */
  public Reception(RecipientCheck recipients, MailJudge judge, LoopCheck loops, Spool spool) {
    this(recipients, ClientCheck.none(), judge, loops, spool, refusal -> {}, Logins.none());
  }
}
