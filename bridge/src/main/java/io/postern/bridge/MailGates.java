package io.postern.bridge;

import io.postern.mail.MailReader;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.util.List;

/**
 * All that a mail must pass at the end of DATA, in this order; what refuses it ends the questions.
 * A gate that counts comes last, so that nothing is counted that is refused.
 */
final class MailGates implements MailJudge {
  private static final int PATIENCE_SECONDS = 30;

  private final MemoryShares memory = MemoryShares.ofAThird();
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
    // A larger one is skimmed, and hashed as a stream.
    long held = Math.min(mail.size(), MailReader.SKIMMED_OCTETS);
    try {
      if (!memory.take(held, PATIENCE_SECONDS)) {
        return busy();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return busy();
    }
    try {
      return judgeInMemory(mail);
    } finally {
      memory.giveBack(held);
    }
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
