package io.postern.bridge;

import io.postern.mapping.Bundle;
import io.postern.mapping.NoticeText;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a peer, in the conversation and once, that their message could not be mailed. A notice
 * changes no consent and never goes to a peer who is denied: publishing anything would allow them.
 */
final class Notices {
  private static final Logger log = LoggerFactory.getLogger(Notices.class);

  private final Consents consents;
  private final XmtpClient client;

  Notices(Consents consents, XmtpClient client) {
    this.consents = consents;
    this.client = client;
  }

  /**
   * Prepares to tell a peer of a failure.
   *
   * @param words what the far mail server said, or why we gave up
   * @return empty if there is no conversation to tell it in
   */
  Optional<Notice> failed(Bundle bundle, String words) {
    try {
      var message = EncodedMessage.of(content(bundle, words), "notice:failed:" + bundle.mailId());
      return client
          .inbox(bundle.installation())
          .flatMap(inbox -> inbox.findDm(bundle.sender()))
          .map(conversation -> new Notice(bundle, conversation, message));
    } catch (ContentException impossible) {
      log.warn("failure not told bundle={} reason={}", bundle.id(), impossible.getMessage());
      return Optional.empty();
    }
  }

  /** One failure, ready to be told. */
  final class Notice {
    private final Bundle bundle;
    private final Conversation conversation;
    private final EncodedMessage message;

    private Notice(Bundle bundle, Conversation conversation, EncodedMessage message) {
      this.bundle = bundle;
      this.conversation = conversation;
      this.message = message;
    }

    /**
     * Stores it in the transaction that notes the failure: so the peer is told once, whenever the
     * process dies.
     *
     * @return false, with nothing stored, if the person does not want to hear from the peer
     */
    boolean store(Handle handle) {
      var consent = consents.of(handle, bundle.installation(), bundle.sender());
      if (consent != ConsentStore.State.ALLOWED) {
        log.info("failure not told bundle={} since the peer is not allowed", bundle.id());
        return false;
      }
      conversation.enqueue(handle, message);
      return true;
    }

    /** Follows the transaction. If it fails now, the client tries again by itself. */
    void publish() {
      conversation.publish();
    }
  }

  /** For the journey. */
  static String told(boolean told) {
    return told ? "; the peer is told" : "; the peer is not told, being no longer wanted";
  }

  private static Content content(Bundle bundle, String words) {
    return MessageId.parse(bundle.messageIds().get(0))
        .<Content>map(id -> NoticeText.undelivered(id, bundle.sender(), bundle.recipient(), words))
        .orElseGet(() -> new Text(NoticeText.undelivered(bundle.recipient(), words)));
  }
}
