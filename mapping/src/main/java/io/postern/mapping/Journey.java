package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All that happened to one mail or one message, step by step, and its outcome for each who should
 * have it. design.md §1, §6: nothing is accepted and then dropped.
 *
 * @param id the spool id of a mail; of a message {@code installation/message}
 * @param outcomes by recipient; never empty
 * @param steps in the order in which they were told
 */
public record Journey(
    String id,
    Kind kind,
    Instant begun,
    Instant changed,
    Map<Mailbox, Outcome> outcomes,
    List<Step> steps) {

  /** Which way it goes. */
  public enum Kind {
    MAIL,
    MESSAGE
  }

  /** How it ended for one recipient. The order is that of concern: what is later needs a look. */
  public enum Outcome {
    /** The far side has it. */
    DELIVERED,
    /** Not sent, with its reason: a receipt, a denied peer, a machine. */
    WITHHELD,
    /** Turned down, and its sender was told. */
    REFUSED,
    /** Under way. */
    PENDING,
    /** In the dead-letter box. */
    DEAD;

    /** The word for people. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The ten places of the two ways, by the class that does the work there (style.md §3). */
  public enum Place {
    MAIL_TRANSACTION("MailTransaction"),
    SPOOL("Spool"),
    MAIL_TO_XMTP("MailToXmtp"),
    CONVERSATION("Conversation"),
    NODE("Node"),
    NODE_STREAM("NodeStream"),
    GROUP_SYNC("GroupSync"),
    XMTP_TO_MAIL("XmtpToMail"),
    MAIL_WRITER("MailWriter"),
    MAIL_SENDER("MailSender");

    private final String className;

    Place(String className) {
      this.className = className;
    }

    @Override
    public String toString() {
      return className;
    }
  }

  /**
   * One thing that happened.
   *
   * @param words for people; never content, a subject or a key
   */
  public record Step(Instant at, Place place, String words) {
    /** A step is a line, not a document: what is longer is cut. */
    public static final int MAX_WORDS = 1000;

    public Step {
      words = words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS - 1) + "…" : words;
    }
  }

  /**
   * @throws IllegalArgumentException if nobody is to have it
   */
  public Journey {
    if (outcomes.isEmpty()) {
      throw new IllegalArgumentException("a journey goes to somebody");
    }
    outcomes = Collections.unmodifiableMap(new LinkedHashMap<>(outcomes));
    steps = List.copyOf(steps);
  }

  /** The outcome as a whole: the one that most needs a look. */
  public Outcome outcome() {
    return outcomes.values().stream().max(Comparator.naturalOrder()).orElseThrow();
  }
}
