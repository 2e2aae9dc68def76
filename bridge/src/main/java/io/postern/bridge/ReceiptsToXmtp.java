package io.postern.bridge;

import io.postern.mail.DispositionReceipt;
import io.postern.mapping.Bundle;
import io.postern.mapping.DisplayedMails;
import io.postern.mapping.OutboxState;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Tells a peer that the person's mail program has displayed a mail of theirs. RFC 8098, {@code
 * spec/content-types.md} §10.10. What a peer's app shows then is that all was read, so it is not
 * told of a mail after which there was another message.
 */
final class ReceiptsToXmtp {
  /** How far back the peer's last word is looked for. */
  private static final int RECENT = 200;

  private final ClientStore store;
  private final Consents consents;
  private final SuppressionList suppressions;
  private final DisplayedMails displayed;
  private final XmtpClient client;
  private final boolean on;
  private final InstantSource clock;

  /**
   * @param on whether peers are told at all
   */
  ReceiptsToXmtp(ClientStore store, XmtpClient client, boolean on, InstantSource clock) {
    this.store = store;
    this.consents = new Consents(store);
    this.suppressions = new SuppressionList(store.jdbi());
    this.displayed = new DisplayedMails(store.jdbi());
    this.client = client;
    this.on = on;
    this.clock = clock;
  }

  /**
   * Takes a receipt.
   *
   * @param about the mails with the return path that it came to
   * @return for the journey: what became of it
   */
  String take(DispositionReceipt receipt, Collection<Bundle> about) {
    if (!on) {
      return "a receipt; receipts are not carried";
    }
    if (!receipt.displayed()) {
      return "a receipt that does not say that a mail was displayed";
    }
    var bundle =
        about.stream()
            .filter(mail -> receipt.original().map(mail.mailId()::equals).orElse(true))
            .findFirst();
    if (bundle.isEmpty()) {
      return "a receipt for no mail of ours that we know";
    }
    return receipt.isOf(bundle.get().recipient())
        ? tell(bundle.get())
        : "a receipt of somebody to whom the mail was not sent";
  }

  private String tell(Bundle bundle) {
    var conversation =
        client.inbox(bundle.installation()).flatMap(inbox -> inbox.findDm(bundle.sender()));
    if (conversation.isEmpty()) {
      return "a receipt; there is no conversation to tell it in";
    }
    try {
      var message = EncodedMessage.of(new ReadReceipt(), "receipt:" + bundle.mailId());
      var silence =
          store.jdbi().inTransaction(handle -> store(handle, bundle, conversation.get(), message));
      if (silence.isPresent()) {
        return "a receipt; the peer is not told: " + silence.get();
      }
    } catch (ContentException impossible) {
      return "a receipt; the peer is not told: " + impossible.getMessage();
    }
    // If this fails now, the client tries again by itself.
    conversation.get().publish();
    return "a receipt; the peer is told";
  }

  /** The note and the message stand or fall together; or the reason why neither is made. */
  private Optional<String> store(
      Handle handle, Bundle bundle, Conversation conversation, EncodedMessage message) {
    var silence = silence(handle, bundle);
    if (silence.isPresent()) {
      return silence;
    }
    if (!displayed.first(handle, bundle.mailId(), bundle.recipient(), clock.instant())) {
      return Optional.of("they were told before");
    }
    consents.unchanged(handle, conversation.key(), () -> conversation.enqueue(handle, message));
    return Optional.empty();
  }

  private Optional<String> silence(Handle handle, Bundle bundle) {
    if (bundle.state() != OutboxState.BUNDLED && bundle.state() != OutboxState.DELIVERED) {
      return Optional.of("the mail was not delivered");
    }
    boolean wanted =
        consents.of(handle, bundle.installation(), bundle.sender()) == State.ALLOWED
            && suppressions.of(handle, bundle.recipient(), bundle.sender()).isEmpty();
    if (!wanted) {
      return Optional.of("the person has not allowed them");
    }
    return isLastWord(handle, bundle)
        ? Optional.empty()
        : Optional.of("they have written again since");
  }

  /** Whether nothing came from the peer after what the mail holds, but receipts. */
  private boolean isLastWord(Handle handle, Bundle bundle) {
    var groups =
        store.groups().dms(handle, bundle.installation(), bundle.sender()).stream()
            .map(GroupRow::group)
            .toList();
    if (groups.isEmpty()) {
      return false;
    }
    var messages = store.messages().newest(handle, bundle.installation(), groups, RECENT);
    return messages.stream()
        .filter(message -> isWordOf(bundle, message))
        .reduce((former, later) -> later)
        .map(last -> bundle.messageIds().contains(last.id().toString()))
        .orElse(true);
  }

  private static boolean isWordOf(Bundle bundle, Message message) {
    return message.kind() == Kind.APPLICATION
        && message.sender().equals(bundle.sender())
        && !(ContentCodec.decode(message.content()) instanceof ReadReceipt);
  }
}
