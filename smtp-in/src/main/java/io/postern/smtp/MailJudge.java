package io.postern.smtp;

import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.util.Objects;

/**
 * May this mail come in? Asked at the end of DATA, before the mail is durable and before 250.
 *
 * <p>Called from the threads of many sessions at once.
 */
@FunctionalInterface
public interface MailJudge {
  /**
   * @param mail complete and well framed; its {@code received().verdict()} is still {@code none}
   * @throws IOException if the mail's file cannot be read; the client is told to try again
   */
  Judgement judge(ArrivedMail mail) throws IOException;

  /** A judge that takes every mail and vouches for none. */
  static MailJudge takingAll() {
    return mail -> new Taken(Verdict.none());
  }

  /** What becomes of the mail. */
  sealed interface Judgement {}

  /**
   * It is taken.
   *
   * @param verdict who has been shown to have sent it; kept with the mail
   */
  record Taken(Verdict verdict) implements Judgement {
    public Taken {
      Objects.requireNonNull(verdict, "verdict");
    }
  }

  /**
   * It is refused, for now or for good.
   *
   * @param reply of class 4 or 5
   */
  record Refused(SmtpReply reply) implements Judgement {
    public Refused {
      if (!reply.isRefusal()) {
        throw new IllegalArgumentException("not a refusal: " + reply);
      }
    }
  }
}
