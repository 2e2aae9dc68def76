package io.postern.mapping;

import io.postern.mail.Draft;
import io.postern.mail.MailHeader;
import io.postern.mail.MailId;
import io.postern.mail.NamedMailbox;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentTypeId;
import io.postern.xmtp.content.DeleteMessage;
import io.postern.xmtp.content.EditMessage;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.content.LeaveRequest;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Summary;
import io.postern.xmtp.content.UnknownContent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes the mail that a peer's lines become. spec/content-types.md §10.3 to §10.5, §10.9.
 *
 * <p>Pure: the same lines give the same draft. What the peer chose is cleaned where it stands among
 * words of ours, and {@link Draft} lets none of it become a field, a recipient or a part.
 */
public final class ContentToMail {
  /** Octets of a mail that most servers take. */
  public static final long USUAL_MAIL_OCTETS = 25_000_000;

  private static final int MAX_EXCERPT = 80;
  private static final int MAX_TYPE = 120;

  private final ThreadIds ids;
  private final long maxMailOctets;

  /** What became of the lines. */
  public sealed interface Result {
    /**
     * A mail.
     *
     * @param messages those that it carries, the one that names it first
     */
    record Composed(Draft draft, List<MessageId> messages) implements Result {
      public Composed {
        Objects.requireNonNull(draft, "draft");
        messages = List.copyOf(messages);
      }
    }

    /**
     * Nothing to be mailed: the lines are withheld.
     *
     * @param reason for the journey; tells nothing of the content
     */
    record Nothing(String reason) implements Result {
      public Nothing {
        Objects.requireNonNull(reason, "reason");
      }
    }
  }

  /** Makes mails of the usual size. */
  public ContentToMail(ThreadIds ids) {
    this(ids, USUAL_MAIL_OCTETS);
  }

  /**
   * @param ids in the bridge domain
   * @param maxMailOctets what the next hop takes; files beyond it are named, not sent
   */
  public ContentToMail(ThreadIds ids, long maxMailOctets) {
    this.ids = Objects.requireNonNull(ids, "ids");
    this.maxMailOctets = maxMailOctets;
  }

  /** The one mail of these lines, or why there is none. */
  public Result convert(PeerLines peer) {
    var said = new ArrayList<PeerLines.Line>();
    var reactions = new ArrayList<PeerLines.Line>();
    var withheld = new LinkedHashSet<String>();
    var settled = SettledLines.of(peer.lines());
    for (var line : settled) {
      var reason = silence(line);
      if (answer(line).isPresent() && reason.isEmpty()) {
        if (isTakenBack(line, settled)) {
          withheld.add("an answer to an invitation, taken back");
        } else {
          said.add(line);
        }
      } else if (reason.isPresent()) {
        withheld.add(reason.get());
      } else if (line.content() instanceof Reaction) {
        reactions.add(line);
      } else {
        said.add(line);
      }
    }
    var changes = ReactionChange.of(reactions);
    if (said.isEmpty() && changes.size() == 1 && changes.get(0).words().isEmpty()) {
      return reaction(peer, changes.get(0), ids(reactions));
    }
    if (said.isEmpty() && changes.stream().allMatch(ReactionChange::addsNothing)) {
      if (!changes.isEmpty()) {
        withheld.add("reactions taken back");
      }
      var reasons = String.join("; ", withheld);
      return new Result.Nothing(reasons.isEmpty() ? "deleted by the sender" : reasons);
    }
    return mail(peer, said, changes, reactions);
  }

  /** What a line says to the invitation that it is about. spec/content-types.md §10.13. */
  private static Optional<Participation> answer(PeerLines.Line line) {
    return line.target()
        .filter(PeerLines.Target::byPerson)
        .flatMap(PeerLines.Target::invitation)
        .flatMap(invitation -> Participation.of(line.content()));
  }

  /** Whether a later line takes the same emoji off again. */
  private static boolean isTakenBack(PeerLines.Line line, List<PeerLines.Line> all) {
    return line.content() instanceof Reaction added
        && all.subList(all.indexOf(line), all.size()).stream()
            .map(PeerLines.Line::content)
            .anyMatch(
                later ->
                    later instanceof Reaction removed
                        && removed.action() == Reaction.Action.REMOVED
                        && removed.target().equals(added.target())
                        && ReactionChange.symbol(removed).equals(ReactionChange.symbol(added)));
  }

  /** Why a line makes no mail by itself; empty if it does. spec/content-types.md §10.5. */
  private static Optional<String> silence(PeerLines.Line line) {
    var content = line.content();
    if (content instanceof Reaction reaction) {
      boolean theirs = line.target().map(PeerLines.Target::byPerson).orElse(false);
      return theirs && reaction.target().isPresent()
          ? Optional.empty()
          : Optional.of("a reaction to a message that the person did not write");
    }
    return silence(PeerLines.inside(content));
  }

  /** Whether somebody says something by it, rather than their app. */
  public static boolean speaks(Content content) {
    return !(content instanceof Reaction)
        && !(content instanceof DeleteMessage)
        && silence(PeerLines.inside(content)).isEmpty();
  }

  private static Optional<String> silence(Content inner) {
    if (inner instanceof ReadReceipt) {
      return Optional.of("a read receipt");
    }
    if (inner instanceof LeaveRequest || inner instanceof GroupUpdated) {
      return Optional.of("a change of the group");
    }
    if (inner instanceof UnknownContent unknown && unknown.fallback().isEmpty()) {
      return Optional.of("content that cannot be read: " + OneLine.of(unknown.reason(), 200));
    }
    if (inner instanceof Reaction reaction) {
      return ReactionChange.symbol(reaction).isEmpty()
          ? Optional.of("an empty message")
          : Optional.empty();
    }
    boolean shown = inner.summary().map(text -> !text.isBlank()).orElse(false);
    return shown ? Optional.empty() : Optional.of("an empty message");
  }

  /** spec/content-types.md §10.9: one mail for RFC 9078 and Gmail. */
  private Result reaction(PeerLines peer, ReactionChange change, List<MessageId> messages) {
    boolean news = peer.readsReactions() ? change.changesSet() : !change.added().isEmpty();
    if (!news) {
      return new Result.Nothing("reactions taken back");
    }
    var body =
        new Draft.Reaction(
            peer.readsReactions() ? change.remaining() : change.added(),
            peer.name().text(),
            excerpt(change.target()));
    var parent = Optional.of(change.target().mail());
    return new Result.Composed(
        draft(peer, change.first(), parent, new ComposedBody.Finished(body, List.of()), List.of()),
        messages);
  }

  private Result mail(
      PeerLines peer,
      List<PeerLines.Line> said,
      List<ReactionChange> changes,
      List<PeerLines.Line> reactions) {
    var answered = said.stream().flatMap(line -> line.target().stream()).findFirst();
    var body = new ComposedBody();
    var answers = said.stream().filter(line -> answer(line).isPresent()).toList();
    for (var line : said) {
      if (answers.contains(line)) {
        body.said(peer.name() + " " + answerInWords(line), false);
      } else {
        write(body, line, answered);
      }
    }
    changes.forEach(change -> write(body, peer.name(), change));
    var lines = new ArrayList<>(said);
    lines.addAll(reactions);
    var finished = body.finish(quote(peer, said), maxMailOctets);
    if (!answers.isEmpty()) {
      finished = answering(peer, finished, answers.get(answers.size() - 1));
    }
    return new Result.Composed(
        draft(
            peer,
            lines.get(0),
            answered.map(PeerLines.Target::mail).or(peer::last),
            finished,
            lines.size() == 1 ? editOf(lines.get(0)) : List.of()),
        ids(lines));
  }

  /** {@code accepted: Lunch}. */
  private static String answerInWords(PeerLines.Line line) {
    var summary = invitation(line).summary();
    var words = answer(line).orElseThrow().words();
    return summary.isEmpty() ? words : words + ": " + summary;
  }

  private static CalendarInvitation invitation(PeerLines.Line line) {
    return line.target().flatMap(PeerLines.Target::invitation).orElseThrow();
  }

  /** A mail answers one invitation, RFC 5546 §3.2.3: of several answers the last counts. */
  private static ComposedBody.Finished answering(
      PeerLines peer, ComposedBody.Finished said, PeerLines.Line line) {
    var calendar = invitation(line).answer(answer(line).orElseThrow(), peer.completeAt());
    return new ComposedBody.Finished(
        new Draft.CalendarAnswer((Draft.Text) said.body(), calendar), said.files());
  }

  private static void write(
      ComposedBody body, PeerLines.Line line, Optional<PeerLines.Target> answered) {
    if (line.content() instanceof Reply && !line.target().equals(answered)) {
      // Only one message is quoted below; what answers another says so itself.
      line.target()
          .filter(target -> !target.text().isBlank())
          .ifPresent(target -> body.said(pointer(target), false));
    }
    var inner = PeerLines.inside(line.content());
    var remote = PeerLines.remoteFiles(inner);
    for (int i = 0; i < remote.size(); i++) {
      var fetched = line.files().get(i);
      if (fetched instanceof PeerLines.Fetched.File file) {
        var instead = Summary.tooLargeForMail(remote.get(i));
        body.file(file.name(), file.mediaType(), file.octets(), instead);
      } else if (fetched instanceof PeerLines.Fetched.TooLarge) {
        body.note(Summary.tooLargeForMail(remote.get(i)));
      } else {
        body.note(Summary.couldNotBeFetched(remote.get(i)));
      }
    }
    if (inner instanceof io.postern.xmtp.content.Attachment file) {
      var instead = ComposedBody.instead(file.safeFilename(), file.octets());
      body.file(file.safeFilename(), file.mimeType(), file.octets(), instead);
    } else if (inner instanceof Reaction reaction) {
      body.said(ReactionChange.symbol(reaction), false);
    } else if (remote.isEmpty()) {
      var mark = line.content() instanceof EditMessage ? "✏️ " : "";
      body.said(mark + inner.summary().orElse(""), inner instanceof Markdown);
    }
  }

  /** A reaction among other lines: a mail of its own could not keep its place. */
  private static void write(ComposedBody body, PeerName name, ReactionChange change) {
    var excerpt = excerpt(change.target());
    var to = excerpt.isEmpty() ? "" : " to “" + excerpt + "”";
    if (!change.added().isEmpty()) {
      body.said(name + " reacted " + String.join(" ", change.added()) + to, false);
    }
    for (var words : change.words()) {
      body.said(name + " reacted" + to + ": " + words, false);
    }
  }

  private static String pointer(PeerLines.Target target) {
    var author = OneLine.of(target.author(), PeerName.MAX_CODE_POINTS);
    return "↩ " + author + ": “" + excerpt(target) + "”";
  }

  private static String excerpt(PeerLines.Target target) {
    return OneLine.of(target.text(), MAX_EXCERPT);
  }

  /**
   * What the first reply among the lines answers, unless it stands in the mail directly before.
   * spec/content-types.md §10.5, "reply".
   */
  private static Optional<Draft.Quote> quote(PeerLines peer, List<PeerLines.Line> said) {
    return said.stream()
        .filter(line -> line.target().isPresent())
        .findFirst()
        .filter(line -> line.content() instanceof Reply)
        .flatMap(PeerLines.Line::target)
        .filter(target -> !target.text().isBlank())
        .filter(target -> !peer.last().map(ThreadLink::mailId).equals(mailId(target)))
        .map(target -> new Draft.Quote(target.sentAt(), target.author(), target.text()));
  }

  private static Optional<MailId> mailId(PeerLines.Target target) {
    return Optional.of(target.mail().mailId());
  }

  /** Delta Chat changes the mail that this field names. spec/content-types.md §10.5, "edit". */
  private static List<MailHeader.Field> editOf(PeerLines.Line line) {
    return line.content() instanceof EditMessage
        ? line.target().stream()
            .map(PeerLines.Target::mail)
            .filter(mail -> mail.direction() == ThreadLink.Direction.XMTP_TO_MAIL)
            .map(mail -> new MailHeader.Field("Chat-Edit", mail.mailId().asWritten()))
            .toList()
        : List.of();
  }

  private Draft draft(
      PeerLines peer,
      PeerLines.Line first,
      Optional<ThreadLink> parent,
      ComposedBody.Finished body,
      List<MailHeader.Field> more) {
    var extra = new ArrayList<>(more);
    extra.addAll(diagnostics(peer, first));
    // Outlook's reactions would come back as text.
    extra.add(new MailHeader.Field("x-ms-reactions", "disallow"));
    return new Draft(
        new NamedMailbox(peer.name() + " (via XMTP)", peer.mailbox()),
        List.of(peer.person()),
        Optional.empty(),
        peer.completeAt(),
        ids.message(first.id().toString()),
        parent.map(ThreadLink::mailId),
        parent
            .map(link -> ids.references(peer.conversation(), link))
            .orElseGet(() -> ids.references(peer.conversation())),
        subject(peer, parent),
        body.body(),
        body.files(),
        Draft.Automation.PERSON,
        extra);
  }

  /** spec/content-types.md §10.3, "Subject". */
  private static String subject(PeerLines peer, Optional<ThreadLink> parent) {
    return parent
        .map(link -> ("Re: " + link.subjectBase()).strip())
        .orElseGet(() -> "Message from " + peer.name());
  }

  /** spec/content-types.md §10.4. */
  private static List<MailHeader.Field> diagnostics(PeerLines peer, PeerLines.Line first) {
    return List.of(
        new MailHeader.Field("X-XMTP-Message-Id", first.id().toString()),
        new MailHeader.Field("X-XMTP-Conversation-Id", peer.conversation().toString()),
        new MailHeader.Field("X-XMTP-Sender", peer.sender().toString()),
        new MailHeader.Field("X-XMTP-Content-Type", type(first.content())));
  }

  private static String type(Content content) {
    return OneLine.of(content.type().map(ContentTypeId::toString).orElse("unknown"), MAX_TYPE);
  }

  private static List<MessageId> ids(List<PeerLines.Line> lines) {
    return lines.stream().map(PeerLines.Line::id).toList();
  }
}
