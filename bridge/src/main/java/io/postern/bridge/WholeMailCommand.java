package io.postern.bridge;

import io.postern.mapping.AskedMail;
import io.postern.mapping.AskedMails;
import io.postern.mapping.ConversationId;
import io.postern.mapping.KeptMail;
import io.postern.mapping.KeptMailStore;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Takes the command of a peer who asks for a mail as it came. It is mailed to nobody. Which mail is
 * meant is decided at once; that it was asked for is stored in the transaction that takes the
 * command, and {@link WholeMailLoop} gives it after that: in the same conversation, from the inbox
 * of the person whose mail it is.
 */
final class WholeMailCommand {
  /** The same mail is not given again within this time: a large answer to a short question. */
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(10);

  private final KeptMailStore kept;
  private final AskedMails asked;
  private final XmtpClient client;
  private final Runnable next;
  private final InstantSource clock;

  /**
   * @param next called when a mail is to be given
   */
  WholeMailCommand(
      KeptMailStore kept, AskedMails asked, XmtpClient client, Runnable next, InstantSource clock) {
    this.kept = kept;
    this.asked = asked;
    this.client = client;
    this.next = next;
    this.clock = clock;
  }

  /**
   * What became of a command.
   *
   * @param afterwards what is to be done when the transaction stands
   * @param words for the journey
   */
  record Answer(Runnable afterwards, String words) {}

  /**
   * Takes a command.
   *
   * @param person the inbox that the command was said to
   */
  Answer answer(Handle handle, InboxId person, Message command) {
    var conversation =
        client.inbox(command.installation()).map(inbox -> inbox.conversation(command.group()));
    if (conversation.isEmpty()) {
      return nothing("a command to the bridge, by an inbox that is not run here");
    }
    var dm = ConversationId.ofDm(person, command.sender());
    var mail = meant(handle, dm, command);
    var now = clock.instant();
    if (mail.isEmpty()) {
      sayNone(handle, conversation.get(), dm, now);
      // If this fails then, the client tries again by itself.
      return new Answer(
          conversation.get()::publish, "a command to the bridge; the mail is not kept");
    }
    // A flood of commands costs a row each.
    if (!kept.give(handle, mail.get(), dm, now.minus(AGAIN_AFTER), now)) {
      return nothing("a command to the bridge, again within minutes");
    }
    var spoolId = mail.get().spoolId();
    boolean isNew =
        asked.add(
            handle,
            new AskedMail(
                command.installation(),
                command.id().toString(),
                command.group().toString(),
                dm,
                command.sender(),
                spoolId,
                now));
    return isNew
        ? new Answer(next, "a command to the bridge; it asks for mail " + spoolId)
        : nothing("a command to the bridge; mail " + spoolId + " is still to be given");
  }

  private static Answer nothing(String words) {
    return new Answer(() -> {}, words);
  }

  /** The mail of the answered message; without one the newest of the conversation. */
  private Optional<KeptMail> meant(Handle handle, ConversationId dm, Message command) {
    if (ContentCodec.decode(command.content()) instanceof Reply reply) {
      return reply
          .target()
          .map(MessageId::toString)
          .flatMap(message -> kept.of(handle, dm, message));
    }
    return kept.newest(handle, dm);
  }

  /** Once a day: a machine may have nothing else to say. */
  static void sayNone(Handle handle, Conversation conversation, ConversationId dm, Instant now) {
    var key = "whole:none:" + dm + ":" + now.truncatedTo(ChronoUnit.DAYS);
    say(handle, conversation, new Text("No whole mail is kept here."), key, false);
  }

  /** Stores something to be said in a conversation, once under each key. */
  static void say(
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
