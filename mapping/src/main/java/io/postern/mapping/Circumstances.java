package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.NamedMailbox;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a mail does not say itself: where it arrives, and how its reader wants it. {@link
 * MailToContent} needs it all.
 *
 * @param receivedAt when we took the mail
 * @param answered the message that it answers, if that is one of the same person and conversation
 * @param members of the conversation; 2 is a DM
 * @param threadSubject the base subject that the thread had last; empty if the thread is new
 * @param introduction the line that opens the first message of a DM: {@code bob@gmail.com, by mail
 *     via bridge.example}
 * @param caution what the reader should know of how far the author is verified
 * @param others further people who got the mail, for the line {@code Cc:}
 * @param repeated small pictures that earlier mails of the person brought: {@link SeenPictures}
 * @param reactions the emoji that the person has on the answered message now
 * @param form how text is published
 * @param quotes whether the quoted tail is cut
 */
public record Circumstances(
    Instant receivedAt,
    Optional<AnsweredMessage> answered,
    int members,
    Optional<String> threadSubject,
    Optional<String> introduction,
    Optional<String> caution,
    List<NamedMailbox> others,
    Set<String> repeated,
    Set<String> reactions,
    Form form,
    Quotes quotes) {

  /** How text is published. Some clients do not show Markdown, §2.3. */
  public enum Form {
    TEXT,
    MARKDOWN;

    /** That of a message that says something; empty for any other. */
    public static Optional<Form> of(Content content) {
      var inside = PeerLines.inside(content);
      if (inside instanceof Text) {
        return Optional.of(TEXT);
      }
      return inside instanceof Markdown ? Optional.of(MARKDOWN) : Optional.empty();
    }
  }

  /** What becomes of what the mail quotes, and of its signature. */
  public enum Quotes {
    CUT,

    /** The peer can ask for the whole mail, and is told so where they do not know what is cut. */
    CUT_AND_TOLD,
    KEPT
  }

  /**
   * The message that the mail answers.
   *
   * @param foundBy the id in the mail that names it
   * @param sender who said it
   * @param newest whether nothing visible was said after it
   */
  public record AnsweredMessage(MailId foundBy, MessageId id, InboxId sender, boolean newest) {
    public AnsweredMessage {
      Objects.requireNonNull(foundBy, "foundBy");
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(sender, "sender");
    }
  }

  /**
   * @throws IllegalArgumentException if the conversation has fewer than two members
   */
  public Circumstances {
    Objects.requireNonNull(receivedAt, "receivedAt");
    Objects.requireNonNull(answered, "answered");
    Objects.requireNonNull(threadSubject, "threadSubject");
    Objects.requireNonNull(introduction, "introduction");
    Objects.requireNonNull(caution, "caution");
    others = List.copyOf(others);
    repeated = Set.copyOf(repeated);
    reactions = Set.copyOf(reactions);
    Objects.requireNonNull(form, "form");
    Objects.requireNonNull(quotes, "quotes");
    if (members < 2) {
      throw new IllegalArgumentException("a conversation has two members or more");
    }
  }

  /**
   * The mail without the logos that its reader has seen, §10.6 "inline image"; whole if it would
   * say nothing without them.
   */
  ReadableMail withoutRepeated(ReadableMail readable) {
    if (repeated.isEmpty()) {
      return readable;
    }
    var gone = Logos.known(readable, repeated);
    var without = readable.without(gone);
    return without.isEmpty() ? readable : without;
  }

  /** A mail that opens a thread in a DM. */
  public static Circumstances newThread(Instant receivedAt) {
    return new Circumstances(
        receivedAt,
        Optional.empty(),
        2,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        Set.of(),
        Form.TEXT,
        Quotes.CUT);
  }
}
