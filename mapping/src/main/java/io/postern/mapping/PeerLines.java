package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.MultiRemoteAttachment;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.RemoteAttachment;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What one peer wrote to one person within a short while, and where its mail belongs: all that
 * {@link ContentToMail} needs to know.
 *
 * @param lines at least one, in the network's order
 * @param sender who wrote them
 * @param name how the sender is called
 * @param mailbox the sender's own address at the bridge domain
 * @param person whose mail it will be
 * @param conversation a DM
 * @param last the latest mail between the person and the conversation, either way; empty if theirs
 *     is yet to begin
 * @param readsReactions whether the person's mail program has sent a reaction (RFC 9078) or calls
 *     itself a chat client: then a reaction mail tells the whole set, and one taken back makes a
 *     mail, too
 */
public record PeerLines(
    List<Line> lines,
    InboxId sender,
    PeerName name,
    Mailbox mailbox,
    NamedMailbox person,
    ConversationId conversation,
    Optional<ThreadLink> last,
    boolean readsReactions) {

  /**
   * One message.
   *
   * @param sentAt the network's time
   * @param files what came of each of its {@link #remoteFiles}, in their order
   * @param target the message that a reply, a reaction or an edit is about, if it is known and
   *     stands in a mail of this person
   */
  public record Line(
      MessageId id, Content content, Instant sentAt, List<Fetched> files, Optional<Target> target) {
    /**
     * @throws IllegalArgumentException if there is not one result for each remote file
     */
    public Line {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(sentAt, "sentAt");
      Objects.requireNonNull(target, "target");
      files = List.copyOf(files);
      if (files.size() != remoteFiles(content).size()) {
        throw new IllegalArgumentException("each remote file was fetched, or not");
      }
    }

    /** A message without remote files that refers to none. */
    public static Line of(MessageId id, Content content, Instant sentAt) {
      return new Line(id, content, sentAt, List.of(), Optional.empty());
    }

    /** The same message, about another. */
    public Line about(Target other) {
      return new Line(id, content, sentAt, files, Optional.of(other));
    }

    /** The same place in the conversation with what an edit says. */
    Line edited(Line edit, Content content) {
      return new Line(id, content, sentAt, edit.files, target);
    }
  }

  /** What came of one remote file. */
  public sealed interface Fetched {
    /** It was fetched and opened. Name and type are the peer's. */
    record File(String name, String mediaType, Octets octets) implements Fetched {
      public File {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mediaType, "mediaType");
        Objects.requireNonNull(octets, "octets");
      }
    }

    /** It is too large for mail, and was left where it is. */
    record TooLarge() implements Fetched {}

    /** Its server did not give it, or what it gave did not open. */
    record NotFetched() implements Fetched {}
  }

  /**
   * A message that others are about.
   *
   * @param mail the mail in which the person sent or received it
   * @param sentAt when it was said
   * @param author who said it, as the person knows them
   * @param text its beginning, cut here if it is long; empty if it is deleted or no text
   * @param byPerson whether the person said it
   * @param reactions the emoji that the peer had put on it before these lines
   * @param invitation that the mail brought, if the peer can answer it
   */
  public record Target(
      ThreadLink mail,
      Instant sentAt,
      String author,
      String text,
      boolean byPerson,
      Set<String> reactions,
      Optional<CalendarInvitation> invitation) {
    /** More than a quote shows, in UTF-16 units. */
    private static final int MAX_BEGINNING = 4000;

    public Target {
      Objects.requireNonNull(mail, "mail");
      Objects.requireNonNull(sentAt, "sentAt");
      Objects.requireNonNull(author, "author");
      text = text.substring(0, Math.min(text.length(), MAX_BEGINNING));
      reactions = Set.copyOf(reactions);
      Objects.requireNonNull(invitation, "invitation");
    }

    /** A message that invites nobody. */
    public Target(
        ThreadLink mail,
        Instant sentAt,
        String author,
        String text,
        boolean byPerson,
        Set<String> reactions) {
      this(mail, sentAt, author, text, byPerson, reactions, Optional.empty());
    }

    /** The same message, which invites the peer. */
    public Target inviting(Optional<CalendarInvitation> other) {
      return new Target(mail, sentAt, author, text, byPerson, reactions, other);
    }
  }

  /**
   * @throws IllegalArgumentException if there is no line
   */
  public PeerLines {
    lines = List.copyOf(lines);
    Objects.requireNonNull(sender, "sender");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(mailbox, "mailbox");
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(last, "last");
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("a mail is made from a line");
    }
  }

  /** When the last of the lines was sent: the mail was complete then, RFC 5322 §3.6.1. */
  Instant completeAt() {
    return lines.stream().map(Line::sentAt).max(Instant::compareTo).orElseThrow();
  }

  /** The files that must be fetched before content can be mailed, in their order. */
  public static List<RemoteAttachment> remoteFiles(Content content) {
    var inner = inside(content);
    if (inner instanceof RemoteAttachment one) {
      return List.of(one);
    }
    return inner instanceof MultiRemoteAttachment several ? several.attachments() : List.of();
  }

  /** What a reply or an edit holds; other content is itself. */
  static Content inside(Content content) {
    if (content instanceof Reply reply) {
      return inside(reply.content());
    }
    return content instanceof EditMessage edit ? inside(edit.content()) : content;
  }
}
