package io.postern.bridge;

import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Taken;
import java.io.IOException;
import java.util.Objects;

/** Another program that has an opinion about mails. May be asked by several threads. */
interface MailFilter {
  /**
   * @param soFar what is known of the mail
   * @throws FilterException if the program does not answer, or nothing that can be understood
   * @throws IOException if the mail's file cannot be read
   */
  Answer ask(ArrivedMail mail, Taken soFar)
      throws FilterException, IOException, InterruptedException;

  /** What becomes of the mail. */
  enum Action {
    ACCEPT,
    /** It is taken, and its reader warned. */
    CAUTION,
    DEFER,
    REJECT
  }

  /**
   * What the program says.
   *
   * @param words for the client or the reader, on one line; empty if it says no more
   */
  record Answer(Action action, String words) {
    private static final int MAX_WORDS = 200;

    public Answer {
      Objects.requireNonNull(action, "action");
      var line = words.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+", " ").strip();
      words =
          line.codePointCount(0, line.length()) > MAX_WORDS
              ? line.substring(0, line.offsetByCodePoints(0, MAX_WORDS)) + "…"
              : line;
    }
  }

  /** The program could not be asked. */
  final class FilterException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param message why, for the log
     */
    FilterException(String message) {
      super(message);
    }
  }
}
