package io.postern.bridge;

import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * All that a mail must pass at the end of DATA, in this order; what refuses it ends the questions.
 * A gate that counts comes last, so that nothing is counted that is refused.
 */
final class MailGates implements MailJudge {
  static final int SHARE_OCTETS = 64 << 10;

  /** A mail, its parts and what is made of them, beside each other. */
  private static final int COPIES = 4;

  private static final int PATIENCE_SECONDS = 30;

  /**
   * A third of the memory that there is, so that many sessions with large mails do not use it up.
   */
  static final int SHARES =
      (int) Math.min(1 << 20, Runtime.getRuntime().maxMemory() / 3 / SHARE_OCTETS);

  private final Semaphore memory = new Semaphore(SHARES, true);
  private final MailJudge first;
  private final List<MailGate> gates;

  /**
   * @param first says who speaks
   */
  MailGates(MailJudge first, List<MailGate> gates) {
    this.first = first;
    this.gates = List.copyOf(gates);
  }

  @Override
  public Judgement judge(ArrivedMail mail) throws IOException {
    int share = share(mail.size());
    try {
      if (!memory.tryAcquire(share, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return busy();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return busy();
    }
    try {
      return judgeInMemory(mail);
    } finally {
      memory.release(share);
    }
  }

  /** How much of the memory the judging of a mail of this size takes. */
  static int share(long octets) {
    return (int) Math.min(SHARES, (octets / SHARE_OCTETS + 1) * COPIES);
  }

  private static Judgement busy() {
    return new Refused(SmtpReply.of(451, "4.3.2", "Too many large mails at once; try again later"));
  }

  private Judgement judgeInMemory(ArrivedMail mail) throws IOException {
    var judgement = first.judge(mail);
    for (var gate : gates) {
      if (!(judgement instanceof Taken taken)) {
        return judgement;
      }
      judgement = gate.check(mail, taken);
    }
    return judgement;
  }
}
