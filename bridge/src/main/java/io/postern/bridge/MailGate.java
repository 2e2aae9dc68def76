package io.postern.bridge;

import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Judgement;
import io.postern.smtp.MailJudge.Taken;
import java.io.IOException;

/** One more question about a mail that would be taken as far as those before it go. */
interface MailGate {
  /**
   * @param soFar what would be answered without this gate
   * @return that, or the same with a caution, or a refusal
   * @throws IOException if the mail's file cannot be read; the client is told to try again
   */
  Judgement check(ArrivedMail mail, Taken soFar) throws IOException;
}
