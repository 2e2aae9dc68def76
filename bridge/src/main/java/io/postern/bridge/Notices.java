package io.postern.bridge;

import io.postern.mapping.Bundle;
import io.postern.mapping.NoticeText;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a peer, in the conversation and once, that their message could not be mailed. A notice
 * changes no consent and never goes to a peer who is denied: publishing anything would allow them.
 */
final class Notices {
  private static final Logger log = LoggerFactory.getLogger(Notices.class);

  private final Jdbi jdbi;
  private final XmtpClient client;

  Notices(Jdbi jdbi, XmtpClient client) {
    this.jdbi = jdbi;
    this.client = client;
  }

  /**
   * @param words what the far mail server said, or why we gave up
   */
  void failed(Bundle bundle, String words) {
    var inbox = client.inbox(bundle.installation());
    if (inbox.isEmpty()) {
      return;
    }
    var conversation = inbox.get().findDm(bundle.sender());
    if (conversation.isEmpty()
        || inbox.get().consent(bundle.sender()) == ConsentStore.State.DENIED
        || inbox.get().consent(conversation.get().group()) != ConsentStore.State.ALLOWED) {
      log.info("failure not told bundle={} since the peer is not allowed", bundle.id());
      return;
    }
    try {
      var notice = notice(bundle, words);
      var message = EncodedMessage.of(notice, "notice:failed:" + bundle.mailId());
      jdbi.useTransaction(handle -> conversation.get().enqueue(handle, message));
      conversation.get().publish();
    } catch (ContentException impossible) {
      log.warn("failure not told bundle={} reason={}", bundle.id(), impossible.getMessage());
    }
  }

  private static Content notice(Bundle bundle, String words) {
    return MessageId.parse(bundle.messageIds().get(0))
        .<Content>map(id -> NoticeText.undelivered(id, bundle.sender(), bundle.recipient(), words))
        .orElseGet(() -> new Text(NoticeText.undelivered(bundle.recipient(), words)));
  }
}
