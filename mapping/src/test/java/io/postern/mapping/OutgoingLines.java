package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import io.postern.mail.MailWriter;
import io.postern.mail.NamedMailbox;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.RemoteAttachment;
import io.postern.xmtp.identity.InboxId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What Alice, on XMTP, writes to Bob, who has mail. */
final class OutgoingLines {
  static final ThreadIds IDS = new ThreadIds(List.of("bridge.example"));
  static final InboxId ALICE = inbox(1);
  static final NamedMailbox BOB = new NamedMailbox("Bob", mailbox("bob@mail.example"));
  static final ConversationId CONVERSATION = ConversationId.ofDm(ALICE, inbox(2));

  private OutgoingLines() {}

  static MessageId id(int n) {
    return MessageId.parse(message(n)).orElseThrow();
  }

  /** Line {@code n}, sent {@code n} seconds after T0. */
  static PeerLines.Line line(int n, Content content) {
    return PeerLines.Line.of(id(n), content, T0.plusSeconds(n));
  }

  static PeerLines.Line line(int n, Content content, PeerLines.Fetched... files) {
    return new PeerLines.Line(id(n), content, T0.plusSeconds(n), List.of(files), Optional.empty());
  }

  static PeerLines of(PeerLines.Line... lines) {
    return new PeerLines(
        List.of(lines),
        ALICE,
        new PeerName("alice.eth"),
        mailbox("alice.eth@bridge.example"),
        BOB,
        CONVERSATION,
        Optional.empty(),
        false);
  }

  static PeerLines after(ThreadLink last, PeerLines.Line... lines) {
    var peer = of(lines);
    return new PeerLines(
        peer.lines(),
        peer.sender(),
        peer.name(),
        peer.mailbox(),
        peer.person(),
        peer.conversation(),
        Optional.of(last),
        false);
  }

  static PeerLines readingReactions(PeerLines peer) {
    return new PeerLines(
        peer.lines(),
        peer.sender(),
        peer.name(),
        peer.mailbox(),
        peer.person(),
        peer.conversation(),
        peer.last(),
        true);
  }

  static PeerLines called(PeerLines peer, String name) {
    return new PeerLines(
        peer.lines(),
        peer.sender(),
        new PeerName(name),
        peer.mailbox(),
        peer.person(),
        peer.conversation(),
        peer.last(),
        peer.readsReactions());
  }

  /** A mail of the thread about lunch that carries message {@code n}. */
  static ThreadLink link(String mailId, ThreadLink.Direction direction, int n) {
    return link(mailId, direction, n, List.of());
  }

  static ThreadLink link(
      String mailId, ThreadLink.Direction direction, int n, List<MailId> references) {
    return new ThreadLink(
        new MailId(mailId),
        Optional.empty(),
        direction,
        CONVERSATION,
        group(1),
        BOB.mailbox(),
        ALICE,
        "lunch",
        references,
        List.of(message(n)),
        T0);
  }

  /** Bob's mail that said this. */
  static PeerLines.Target byBob(String mailId, int n, String text, String... reactions) {
    return new PeerLines.Target(
        link(mailId, ThreadLink.Direction.MAIL_TO_XMTP, n),
        T0,
        "Bob",
        text,
        true,
        Set.of(reactions));
  }

  /** Alice's message that an earlier mail carried. */
  static PeerLines.Target byAlice(String mailId, int n, String text) {
    return new PeerLines.Target(
        link(mailId, ThreadLink.Direction.XMTP_TO_MAIL, n), T0, "alice.eth", text, false, Set.of());
  }

  static RemoteAttachment remote(String filename) {
    return new RemoteAttachment(
        "https://files.example/secret-place",
        "ab".repeat(32),
        filled(32),
        filled(32),
        filled(12),
        "https",
        OptionalLong.of(1234),
        Optional.of(filename));
  }

  private static Octets filled(int length) {
    var octets = new byte[length];
    Arrays.fill(octets, (byte) 0x5a);
    return Octets.of(octets);
  }

  static PeerLines.Fetched.File fetched(String name, String mediaType, String text) {
    return new PeerLines.Fetched.File(
        name, mediaType, Octets.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  static ContentToMail.Result.Composed composed(PeerLines peer) {
    return assertInstanceOf(
        ContentToMail.Result.Composed.class, new ContentToMail(IDS).convert(peer));
  }

  static String withheld(PeerLines peer) {
    return assertInstanceOf(
            ContentToMail.Result.Nothing.class, new ContentToMail(IDS).convert(peer))
        .reason();
  }

  /** The octets as they would leave. */
  static String written(PeerLines peer) {
    return new String(MailWriter.write(composed(peer).draft()), StandardCharsets.UTF_8);
  }

  /** The mail as its recipient reads it. */
  static Mail read(PeerLines peer) {
    return read(MailWriter.write(composed(peer).draft()));
  }

  static Mail read(byte[] octets) {
    try {
      return MailReader.read(octets);
    } catch (MailException unreadable) {
      throw new AssertionError("a mail of ours cannot be read", unreadable);
    }
  }

  /** All that a mail without HTML says. */
  static String text(Mail mail) {
    return mail.bodies().get(0).plain().orElseThrow();
  }
}
