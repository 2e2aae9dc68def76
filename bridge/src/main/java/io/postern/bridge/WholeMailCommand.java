package io.postern.bridge;

import io.postern.mapping.ConversationId;
import io.postern.mapping.KeptMail;
import io.postern.mapping.WholeMail;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.MessageStore.Message;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Answers a peer who asks for a mail as it came: in the same conversation, from the inbox of the
 * person whose mail it is. The command itself is mailed to nobody.
 *
 * <p>The answer is stored in the transaction that takes the command, under a key made from the
 * command's message, so it is given once whenever the process dies.
 */
final class WholeMailCommand {
  /** The same mail is not given again within this time: a large answer to a short question. */
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(10);

  private final KeptMails kept;
  private final XmtpClient client;
  private final Scratch scratch;
  private final InstantSource clock;

  /** Where the bodies of a mail lie while it is read. */
  interface Scratch {
    /**
     * @param octets no mail's bodies have more together
     * @throws IOException if the disk has no room for them
     */
    CarriedBodies open(long octets) throws IOException;
  }

  WholeMailCommand(KeptMails kept, XmtpClient client, Scratch scratch, InstantSource clock) {
    this.kept = kept;
    this.client = client;
    this.scratch = scratch;
    this.clock = clock;
  }

  /**
   * What became of a command.
   *
   * @param conversation to be published after the transaction; empty if nothing is said
   * @param words for the journey
   */
  record Answer(Optional<Conversation> conversation, String words) {}

  /**
   * Stores the answer to a command.
   *
   * @param person the inbox that the command was said to
   * @throws java.io.UncheckedIOException if a disk of ours has no room to read the mail: then
   *     nothing is answered, and the command is to be taken again
   */
  Answer answer(Handle handle, InboxId person, Message command) {
    var conversation =
        client.inbox(command.installation()).map(inbox -> inbox.conversation(command.group()));
    if (conversation.isEmpty()) {
      return new Answer(conversation, "a command to the bridge, by an inbox that is not run here");
    }
    var dm = ConversationId.ofDm(person, command.sender());
    var mail = meant(handle, dm, command);
    var now = clock.instant();
    // Asked before the file is read, which may be large: a flood of commands costs a row each.
    if (mail.isPresent()
        && !kept.store().give(handle, mail.get(), dm, now.minus(AGAIN_AFTER), now)) {
      return new Answer(Optional.empty(), "a command to the bridge, again within minutes");
    }
    var contents = mail.flatMap(known -> kept.read(known, octets -> contents(known, octets)));
    if (contents.isEmpty()) {
      // Once a day: a machine may have nothing else to say.
      var key = "whole:none:" + dm + ":" + now.truncatedTo(ChronoUnit.DAYS);
      enqueue(handle, conversation.get(), new Text("No whole mail is kept here."), key, false);
      return new Answer(conversation, "a command to the bridge; the mail is not kept");
    }
    for (int i = 0; i < contents.get().size(); i++) {
      var key = "whole:" + command.id() + ":" + i;
      enqueue(handle, conversation.get(), contents.get().get(i), key, true);
    }
    var words = "a command to the bridge; the peer got mail " + mail.get().spoolId();
    return new Answer(conversation, words);
  }

  private List<Content> contents(KeptMail mail, KeptMails.Octets octets) throws IOException {
    // Its file is a little larger than all that is in it.
    try (var bodies = new ScratchBodies(() -> scratch.open(mail.fileOctets()));
        var whole = octets.open()) {
      return WholeMail.contents(whole, bodies);
    }
  }

  /** The mail of the answered message; without one the newest of the conversation. */
  private Optional<KeptMail> meant(Handle handle, ConversationId dm, Message command) {
    if (ContentCodec.decode(command.content()) instanceof Reply reply) {
      return reply
          .target()
          .map(MessageId::toString)
          .flatMap(message -> kept.store().of(handle, dm, message));
    }
    return kept.store().newest(handle, dm);
  }

  private static void enqueue(
      Handle handle, Conversation conversation, Content content, String key, boolean push) {
    try {
      var message = EncodedMessage.of(content, key);
      conversation.enqueue(handle, push ? message : message.silent());
    } catch (ContentException impossible) {
      // Each was seen to fit.
      throw new IllegalStateException(impossible);
    }
  }
}
