package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.mail.BaseSubject;
import io.postern.mail.DeliveryReport;
import io.postern.mail.DispositionReceipt;
import io.postern.mail.EmojiReaction;
import io.postern.mail.Mail;
import io.postern.mail.NamedMailbox;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Summary;
import io.postern.xmtp.content.Text;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes the messages that a mail becomes in one conversation. spec/content-types.md §10.3, §10.6,
 * §10.9, §10.12.
 *
 * <p>Pure: the same mail and circumstances give the same parts in the same order, so a part's
 * number can stand in its {@link IdempotencyKey}.
 */
public final class MailToContent {
  /** Characters of a mail's text that a message shows; a longer text goes along as a file. */
  public static final int SHOWN_CHARACTERS = 10_000;

  /** Files that become messages; of more, the names are told. */
  public static final int MAX_FILES = 100;

  /** Said where something was cut that the peer never read. */
  public static final String REST = "[…] " + WholeMail.COMMAND + " shows the rest";

  /** More than the octets that a message has beside those of its file: names and types. */
  private static final int BESIDE_FILE = 1 << 10;

  private static final String LONG_TEXT = "message.txt";
  private static final String EMPTY = "(empty message)";
  private static final int MAX_NAMED = 5;
  private static final int MAX_LINE = 500;

  private static final Duration PUNCTUAL = Duration.ofHours(24);

  private static final DateTimeFormatter SENT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** What the mail is to the conversation. */
  public sealed interface Result {
    /**
     * Messages.
     *
     * @param parts one or more in publishing order, numbered from 0 by their place; each is made,
     *     and its file read, when it is asked for
     */
    record Messages(List<Part> parts) implements Result {
      /**
       * @throws IllegalArgumentException if there is none
       */
      public Messages {
        if (parts.isEmpty()) {
          throw new IllegalArgumentException("a mail becomes one message or more");
        }
      }
    }

    /** No message, but news of a mail of ours. §10.11. */
    record Report(DeliveryReport report) implements Result {}

    /** No message, but news of its reader. §10.10. */
    record Receipt(DispositionReceipt receipt) implements Result {}

    /**
     * No message.
     *
     * @param reason for the journey; tells nothing of what the mail says
     */
    record Nothing(String reason) implements Result {
      public Nothing {
        Objects.requireNonNull(reason, "reason");
      }
    }
  }

  /**
   * One message.
   *
   * @param push whether devices ought to ring: not for what machines and lists send
   */
  public record Part(Content content, boolean push) {
    public Part {
      Objects.requireNonNull(content, "content");
    }
  }

  private final Mail mail;
  private final ReadableMail readable;

  /** The pictures that the reader has seen before, and does not get again. */
  private final List<ReadableMail.Picture> gone;

  private final Circumstances circumstances;

  private MailToContent(Mail mail, ReadableMail readable, Circumstances circumstances) {
    this.mail = mail;
    this.readable = circumstances.withoutRepeated(readable);
    this.gone = new ArrayList<>(readable.pictures());
    gone.removeAll(this.readable.pictures());
    this.circumstances = circumstances;
  }

  /**
   * Never fails: whatever a mail holds is text, a file, or named in a line.
   *
   * @param readable what the mail says to people; costly to make, and the same for each recipient
   */
  public static Result convert(Mail mail, ReadableMail readable, Circumstances circumstances) {
    if (mail.report().isPresent()) {
      return new Result.Report(mail.report().get());
    }
    if (mail.receipt().isPresent()) {
      return new Result.Receipt(mail.receipt().get());
    }
    if (isForOperators(mail.reportType())) {
      return new Result.Nothing("a report for the operator");
    }
    var target =
        circumstances
            .answered()
            .filter(
                answered ->
                    mail.reaction()
                        .map(EmojiReaction::target)
                        .equals(Optional.of(answered.foundBy())));
    return target
        .map(answered -> reactions(mail.reaction().orElseThrow(), answered, circumstances))
        .orElseGet(() -> new MailToContent(mail, readable, circumstances).messages());
  }

  /**
   * Whether a message says what a part of the same mail says, whatever stands before it: that
   * depends on the conversation of the time, as does whether the rest is offered.
   */
  public static boolean saysTheSame(Content then, Content now) {
    var before = PeerLines.inside(then);
    var after = PeerLines.inside(now);
    if (before instanceof Text text && after instanceof Text same) {
      return endsWith(text.text(), same.text(), REST);
    }
    if (before instanceof Markdown text && after instanceof Markdown same) {
      return endsWith(text.markdown(), same.markdown(), MailText.escaped(REST));
    }
    return before.equals(after);
  }

  private static boolean endsWith(String whole, String words, String rest) {
    return whole.endsWith(words) || whole.endsWith(words + "\n\n" + rest);
  }

  /** RFC 6522 reports of other kinds than those of deliveries and readers, such as RFC 5965. */
  private static boolean isForOperators(String reportType) {
    return !Set.of("", "delivery-status", "disposition-notification").contains(reportType);
  }

  /** §10.9: an RFC 9078 mail holds the complete set, Gmail's one more. */
  private static Result reactions(
      EmojiReaction reaction, Circumstances.AnsweredMessage target, Circumstances circumstances) {
    var parts = new ArrayList<Part>();
    for (var emoji : reaction.emoji()) {
      if (!circumstances.reactions().contains(emoji)) {
        parts.add(reaction(target, Reaction.Action.ADDED, emoji));
      }
    }
    if (reaction.completeSet()) {
      var gone = new TreeSet<>(circumstances.reactions());
      reaction.emoji().forEach(gone::remove);
      gone.forEach(emoji -> parts.add(reaction(target, Reaction.Action.REMOVED, emoji)));
    }
    return parts.isEmpty()
        ? new Result.Nothing("a reaction that changes nothing")
        : new Result.Messages(List.copyOf(parts));
  }

  private static Part reaction(
      Circumstances.AnsweredMessage target, Reaction.Action action, String emoji) {
    return new Part(Reaction.emoji(target.id(), target.sender().value(), action, emoji), false);
  }

  private Result messages() {
    boolean kept = circumstances.quotes() == Circumstances.Quotes.KEPT;
    // Pictures of what is cut go with it.
    var files = new ArrayList<>(kept ? mail.attachments() : readable.files());
    var text = MailText.of(mail, readable, gone, circumstances);
    var beginning = text.cutAt(SHOWN_CHARACTERS);
    if (beginning.isPresent()) {
      files.add(0, Attachment.of(LONG_TEXT, "text/plain", octets(text.text())));
      text = beginning.get().before(List.of("… (continues in " + LONG_TEXT + ")"));
    }
    var contents = new ArrayList<Supplier<Content>>();
    var missing = new ArrayList<String>();
    for (var file : files) {
      addFile(file, contents, missing);
    }
    if (isUnreadCut()) {
      text = text.before(List.of(REST));
    }
    text = text.before(calendars()).before(missing);
    var subject = subjectLine();
    if (text.isEmpty() && contents.isEmpty() && subject.isEmpty()) {
      text = MailText.plain(EMPTY);
    }
    text = text.after(head(subject));
    if (!text.isEmpty()) {
      contents.add(0, text::content);
    }
    return new Result.Messages(parts(contents, !mail.automatic() && !mail.fromList()));
  }

  private List<Part> parts(List<Supplier<Content>> contents, boolean push) {
    return new AbstractList<>() {
      @Override
      public Part get(int i) {
        var content = contents.get(i).get();
        return new Part(i == 0 ? answering(content) : content, push);
      }

      @Override
      public int size() {
        return contents.size();
      }
    };
  }

  /**
   * Whether a quote is cut that is none of a message of this conversation: a mail by which somebody
   * draws the peer into what others have said, say. Of other cuts nothing is told.
   */
  private boolean isUnreadCut() {
    return circumstances.quotes() == Circumstances.Quotes.CUT_AND_TOLD
        && circumstances.answered().isEmpty()
        && readable.quoteCut();
  }

  /** As one more message, or else a line in the text. §10.6, "attachment". */
  private static void addFile(
      Attachment file, List<Supplier<Content>> contents, List<String> missing) {
    if (contents.size() == MAX_FILES) {
      missing.add("📎 " + file.filename() + " was not delivered: too many files");
      return;
    }
    if (fits(file)) {
      contents.add(() -> FileContent.of(file));
    } else {
      var line = Summary.ofFile(file.filename(), file.size());
      missing.add(line + " was not delivered: too large");
    }
  }

  /** Only of a file at the limit its octets have to be read for that. */
  private static boolean fits(Attachment file) {
    return file.size() <= ContentCodec.MAX_ENCODED_BYTES - BESIDE_FILE
        || file.size() <= ContentCodec.MAX_ENCODED_BYTES && FileContent.fits(FileContent.of(file));
  }

  /** §10.13: an invitation in words beside its file. */
  private List<String> calendars() {
    return CalendarInvitation.calendarsIn(mail)
        .flatMap(calendar -> CalendarSummary.of(calendar).stream())
        // The same invitation as an alternative and as a file, written in two ways.
        .distinct()
        .limit(MAX_NAMED)
        .toList();
  }

  /**
   * §10.3: a reply where the reader could not guess what is answered. In a DM that is so when
   * something was said since.
   */
  private Content answering(Content content) {
    return circumstances
        .answered()
        .filter(answered -> !answered.newest() || circumstances.members() > 2)
        .<Content>map(answered -> Reply.to(answered.id(), answered.sender().value(), content))
        // A file at the limit of size goes without its wrapper rather than not at all.
        .filter(FileContent::fits)
        .orElse(content);
  }

  /** The lines above the text, each only where it tells something. */
  private List<String> head(Optional<String> subject) {
    var lines = new ArrayList<String>();
    circumstances.introduction().map(line -> OneLine.of(line, MAX_LINE)).ifPresent(lines::add);
    circumstances.caution().map(line -> OneLine.of(line, MAX_LINE)).ifPresent(lines::add);
    var authors = mail.from();
    if (mail.fromList() && !authors.isEmpty()) {
      lines.add(authors.get(0).toString());
    }
    if (authors.size() > 1) {
      lines.add("Also from: " + named(authors.subList(1, authors.size())));
    }
    subject.ifPresent(lines::add);
    if (!circumstances.others().isEmpty()) {
      lines.add("Cc: " + named(circumstances.others()));
    }
    if (startsThread() && !mail.fromList() && answersGoElsewhere()) {
      lines.add("Replies go to: " + named(mail.replyTo()));
    }
    mail.date()
        .filter(date -> isFar(date, circumstances.receivedAt()))
        .ifPresent(date -> lines.add("Sent: " + SENT.format(date)));
    return lines;
  }

  private static boolean isFar(Instant date, Instant receivedAt) {
    return Duration.between(date, receivedAt).abs().compareTo(PUNCTUAL) > 0;
  }

  private boolean answersGoElsewhere() {
    var authors = mail.from().stream().map(author -> author.mailbox().canonical()).toList();
    return mail.replyTo().stream()
        .anyMatch(place -> !authors.contains(place.mailbox().canonical()));
  }

  /** §10.3, "Subject": once, where a thread begins or its subject changes. */
  private Optional<String> subjectLine() {
    var subject = mail.subject();
    boolean shown =
        !subject.isBlank() && !mail.fromChatClient() && (mail.fromList() || startsThread());
    return shown ? Optional.of("Subject: " + subject) : Optional.empty();
  }

  private boolean startsThread() {
    return !mail.isAnswer()
        || circumstances
            .threadSubject()
            .map(BaseSubject::of)
            .filter(mail.baseSubject()::sameAs)
            .isEmpty();
  }

  private static String named(List<NamedMailbox> people) {
    var shown =
        people.stream()
            .limit(MAX_NAMED)
            .map(NamedMailbox::toString)
            .collect(Collectors.joining(", "));
    return people.size() > MAX_NAMED
        ? shown + " and " + (people.size() - MAX_NAMED) + " more"
        : shown;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
