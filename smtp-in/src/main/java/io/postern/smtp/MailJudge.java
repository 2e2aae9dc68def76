package io.postern.smtp;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

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
   * @param author who speaks by it; empty if nobody does
   */
  record Taken(Verdict verdict, Optional<Author> author) implements Judgement {
    public Taken {
      Objects.requireNonNull(verdict, "verdict");
      Objects.requireNonNull(author, "author");
    }

    /** A mail by which nobody speaks. */
    public Taken(Verdict verdict) {
      this(verdict, Optional.empty());
    }

    /** The same, with one more thing that its reader should know. */
    public Taken cautioned(String words) {
      return new Taken(verdict.cautioned(words), author);
    }
  }

  /**
   * Whoever speaks by a mail.
   *
   * @param mailbox of its From
   * @param organization the organizational domain of the mailbox, RFC 9989 §4.10.2
   */
  record Author(Mailbox mailbox, String organization) {
    public Author {
      Objects.requireNonNull(mailbox, "mailbox");
      Objects.requireNonNull(organization, "organization");
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
