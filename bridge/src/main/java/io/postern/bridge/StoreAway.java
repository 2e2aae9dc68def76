package io.postern.bridge;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.MailJudge;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether it is the database that does not answer, and what clients hear while it does not answer
 * what is asked about their mail: come again. That is no mistake of ours, and where one stands by
 * it may last. docs/adr/0021.
 */
final class StoreAway {
  private static final Logger log = LoggerFactory.getLogger(StoreAway.class);

  private static final String STATUS = "4.3.0";
  private static final String WORDS = "The database cannot be asked now; try again later";

  /** A connection that broke, and a server that stops, starts, or has none left. */
  private static final String STATES = "08...|57P..|53...";

  private StoreAway() {}

  /** The same questions, each with an answer in any case. */
  static Reception answered(Reception asked) {
    return new Reception(
        (recipient, soFar) -> check(asked.recipients(), recipient, soFar),
        attempt -> check(asked.clients(), attempt),
        mail -> judge(asked.judge(), mail),
        asked.loops(),
        asked.spool(),
        asked.refusals(),
        asked.logins());
  }

  private static RecipientCheck.Answer check(
      RecipientCheck recipients, Mailbox recipient, Envelope soFar) {
    try {
      return recipients.check(recipient, soFar);
    } catch (JdbiException failed) {
      requireAway(failed);
      return new RecipientCheck.Unknown(STATUS, WORDS);
    }
  }

  private static Optional<SmtpReply> check(ClientCheck clients, ClientCheck.Attempt attempt) {
    try {
      return clients.check(attempt);
    } catch (JdbiException failed) {
      requireAway(failed);
      return Optional.of(SmtpReply.of(451, STATUS, WORDS));
    }
  }

  private static MailJudge.Judgement judge(MailJudge judge, ArrivedMail mail) throws IOException {
    try {
      return judge.judge(mail);
    } catch (JdbiException failed) {
      requireAway(failed);
      return new MailJudge.Refused(SmtpReply.of(451, STATUS, WORDS));
    }
  }

  /** Anything else is a mistake, and is told as one. */
  private static void requireAway(JdbiException failed) {
    if (reason(failed).isEmpty()) {
      throw failed;
    }
    log.debug("the database did not answer", failed); // Whoever asks it each second tells once.
  }

  /** Why the database did not answer, if that is what has failed. */
  static Optional<String> reason(Throwable failed) {
    for (var cause = failed; cause != null; cause = cause.getCause()) {
      if (isAway(cause)) {
        return Optional.of(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""));
      }
    }
    return Optional.empty();
  }

  private static boolean isAway(Throwable failed) {
    return failed instanceof ConnectionException
        // One that cannot begin: the hold is lost.
        || failed instanceof TransactionException
        || failed instanceof SQLTransientConnectionException
        || failed instanceof SQLNonTransientConnectionException
        || failed instanceof SQLException sql
            && sql.getSQLState() != null
            && sql.getSQLState().matches(STATES);
  }
}
