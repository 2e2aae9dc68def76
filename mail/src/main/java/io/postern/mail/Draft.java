package io.postern.mail;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A mail of ours before it is written. Strangers choose much of what it says; {@link MailWriter}
 * lets none of it become a header field or a line of its own.
 *
 * @param from the author and only author
 * @param to one mailbox or more; there is no Bcc
 * @param replyTo where answers go; empty means to {@code from}
 * @param date written in {@code +0000}
 * @param inReplyTo the mail that it answers
 * @param references the chain of the thread, oldest first; see {@link ReferenceChain}
 * @param subject cut at 200 characters
 * @param attachments in their order
 * @param automation whether a machine made it, RFC 3834
 * @param extra more fields, after all others; see {@link #withExtra}
 */
public record Draft(
    NamedMailbox from,
    List<NamedMailbox> to,
    Optional<NamedMailbox> replyTo,
    Instant date,
    MailId id,
    Optional<MailId> inReplyTo,
    List<MailId> references,
    String subject,
    Body body,
    List<Attachment> attachments,
    Automation automation,
    List<MailHeader.Field> extra) {

  /** Who made a mail, RFC 3834 §5. */
  public enum Automation {
    /** A person; no Auto-Submitted field. */
    PERSON,
    /** A machine by itself: a notice. */
    GENERATED,
    /** A machine in answer to a mail: a receipt. */
    REPLIED
  }

  /** What a mail says. */
  public sealed interface Body permits Text, Markdown, Reaction, CalendarAnswer {}

  /**
   * Plain text, written as format=flowed (RFC 3676).
   *
   * @param text one paragraph per line
   * @param quote what it answers, shown below it
   * @param footer words of ours below all else, after a line {@code "-- "}; empty if there are none
   */
  public record Text(String text, Optional<Quote> quote, String footer) implements Body {
    public Text {
      text = SafeText.lines(text);
      Objects.requireNonNull(quote, "quote");
      footer = SafeText.lines(footer);
    }

    public Text(String text, Optional<Quote> quote) {
      this(text, quote, "");
    }

    public Text(String text) {
      this(text, Optional.empty());
    }
  }

  /**
   * Markdown, written as its source and as sanitised HTML.
   *
   * @param source CommonMark with GitHub's tables and strikethrough
   * @param quote what it answers, shown below it
   * @param footer as that of {@link Text}, in plain words
   */
  public record Markdown(String source, Optional<Quote> quote, String footer) implements Body {
    public Markdown {
      source = SafeText.lines(source);
      Objects.requireNonNull(quote, "quote");
      footer = SafeText.lines(footer);
    }

    public Markdown(String source, Optional<Quote> quote) {
      this(source, quote, "");
    }

    public Markdown(String source) {
      this(source, Optional.empty());
    }
  }

  /**
   * Emoji on another mail, valid for RFC 9078 and for Gmail at once. The mail must be {@link
   * #answering} one.
   *
   * @param emoji what the author has put on that mail now; empty withdraws all
   * @param name of who reacts
   * @param excerpt the beginning of what the reaction is about
   */
  public record Reaction(List<String> emoji, String name, String excerpt) implements Body {
    /**
     * @throws IllegalArgumentException if one of them is no emoji; see {@link
     *     EmojiReaction#isEmoji}
     */
    public Reaction {
      emoji = List.copyOf(emoji);
      if (!emoji.stream().allMatch(Emoji::isEmoji)) {
        throw new IllegalArgumentException("not an emoji in a reaction");
      }
      name = SafeText.line(name, 100);
      excerpt = SafeText.line(excerpt, 100);
    }
  }

  /**
   * An answer to an invitation, in words and for calendars. RFC 6047 §2.4.
   *
   * @param calendar of method REPLY (RFC 5546 §3.2.3)
   */
  public record CalendarAnswer(Text text, String calendar) implements Body {
    public CalendarAnswer {
      Objects.requireNonNull(text, "text");
      calendar = SafeText.lines(calendar);
    }
  }

  /**
   * What a mail answers.
   *
   * @param name of who said it
   * @param text cut at 5 lines and 500 characters
   */
  public record Quote(Instant date, String name, String text) {
    public Quote {
      Objects.requireNonNull(date, "date");
      name = SafeText.line(name, 100);
      text = SafeText.lines(text);
    }
  }

  private static final Pattern FIELD_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,75}");

  private static final Set<String> OWN_FIELDS =
      Set.of(
          "from",
          "sender",
          "to",
          "cc",
          "bcc",
          "reply-to",
          "subject",
          "date",
          "message-id",
          "in-reply-to",
          "references",
          "mime-version",
          "auto-submitted",
          "received",
          "return-path",
          "dkim-signature");

  /**
   * @throws IllegalArgumentException if there is no recipient, a reaction has no target, or an
   *     extra field has an invalid name or one that the writer itself decides
   */
  public Draft {
    Objects.requireNonNull(from, "from");
    to = List.copyOf(to);
    Objects.requireNonNull(replyTo, "replyTo");
    Objects.requireNonNull(date, "date");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(inReplyTo, "inReplyTo");
    references = List.copyOf(references);
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(body, "body");
    attachments = List.copyOf(attachments);
    Objects.requireNonNull(automation, "automation");
    extra = List.copyOf(extra);
    if (to.isEmpty()) {
      throw new IllegalArgumentException("a mail has one recipient or more");
    }
    for (var field : extra) {
      var name = field.name().toLowerCase(Locale.ROOT);
      if (!FIELD_NAME.matcher(name).matches()
          || OWN_FIELDS.contains(name)
          || name.startsWith("content-")) {
        throw new IllegalArgumentException("not the name of an extra field: " + name);
      }
    }
  }

  /** A mail that begins a thread. */
  public static Draft of(
      NamedMailbox from, NamedMailbox to, Instant date, MailId id, String subject, Body body) {
    return new Draft(
        from,
        List.of(to),
        Optional.empty(),
        date,
        id,
        Optional.empty(),
        List.of(),
        subject,
        body,
        List.of(),
        Automation.PERSON,
        List.of());
  }

  /** The same mail to others. */
  public Draft withTo(List<NamedMailbox> recipients) {
    return new Draft(
        from,
        recipients,
        replyTo,
        date,
        id,
        inReplyTo,
        references,
        subject,
        body,
        attachments,
        automation,
        extra);
  }

  /** The same mail with another place for answers. */
  public Draft withReplyTo(NamedMailbox mailbox) {
    return new Draft(
        from,
        to,
        Optional.of(mailbox),
        date,
        id,
        inReplyTo,
        references,
        subject,
        body,
        attachments,
        automation,
        extra);
  }

  /** The same mail as an answer. */
  public Draft answering(MailId parent, List<MailId> chain) {
    return new Draft(
        from,
        to,
        replyTo,
        date,
        id,
        Optional.of(parent),
        chain,
        subject,
        body,
        attachments,
        automation,
        extra);
  }

  /** The same mail under another subject, saying something else. */
  public Draft saying(String newSubject, Body newBody) {
    return new Draft(
        from,
        to,
        replyTo,
        date,
        id,
        inReplyTo,
        references,
        newSubject,
        newBody,
        attachments,
        automation,
        extra);
  }

  /** The same mail with these files. */
  public Draft withAttachments(List<Attachment> files) {
    return new Draft(
        from,
        to,
        replyTo,
        date,
        id,
        inReplyTo,
        references,
        subject,
        body,
        files,
        automation,
        extra);
  }

  /** The same mail, made by a machine or not. */
  public Draft withAutomation(Automation maker) {
    return new Draft(
        from,
        to,
        replyTo,
        date,
        id,
        inReplyTo,
        references,
        subject,
        body,
        attachments,
        maker,
        extra);
  }

  /**
   * The same mail with these fields after all others, for example {@code X-XMTP-Message-Id}. Values
   * are cleaned and encoded; names are ours.
   */
  public Draft withExtra(List<MailHeader.Field> fields) {
    return new Draft(
        from,
        to,
        replyTo,
        date,
        id,
        inReplyTo,
        references,
        subject,
        body,
        attachments,
        automation,
        fields);
  }

  /** Whether an address of it cannot be written in ASCII, so that every hop must offer SMTPUTF8. */
  public boolean needsSmtpUtf8() {
    return from.mailbox().needsSmtpUtf8()
        || to.stream().anyMatch(named -> named.mailbox().needsSmtpUtf8())
        || replyTo.map(named -> named.mailbox().needsSmtpUtf8()).orElse(false)
        || !SafeText.isAscii(id.value());
  }
}
