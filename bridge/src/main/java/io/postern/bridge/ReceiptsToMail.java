package io.postern.bridge;

import io.postern.mail.DisplayedReceipt;
import io.postern.mail.Mailbox;
import io.postern.mapping.ConversationId;
import io.postern.mapping.ReceiptRequest;
import io.postern.mapping.ReceiptRequests;
import io.postern.mapping.SuppressionList;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the author of a mail, who has asked for it, that the peer's app says that it was read. RFC
 * 8098, {@code spec/content-types.md} §10.10: one receipt for the newest mail, none for those
 * before it, and none for any mail twice. A crash between the note and the receipt costs the
 * receipt.
 */
final class ReceiptsToMail {
  private static final Logger log = LoggerFactory.getLogger(ReceiptsToMail.class);

  private static final String PRODUCT = "Postern";

  private final ClientStore store;
  private final ReceiptRequests requests;
  private final SuppressionList suppressions;
  private final SenderReports reports;
  private final ThreadIds threadIds;
  private final String hostname;
  private final boolean on;
  private final InstantSource clock;

  /**
   * @param hostname who says so
   * @param on whether receipts are sent at all
   */
  ReceiptsToMail(
      ClientStore store,
      SenderReports reports,
      ThreadIds threadIds,
      String hostname,
      boolean on,
      InstantSource clock) {
    this.store = store;
    this.requests = new ReceiptRequests(store.jdbi());
    this.suppressions = new SuppressionList(store.jdbi());
    this.reports = reports;
    this.threadIds = threadIds;
    this.hostname = hostname;
    this.on = on;
    this.clock = clock;
  }

  boolean isOn() {
    return on;
  }

  /**
   * Whether a mail's author asks for a receipt that may be sent: to the return path and nobody else
   * (RFC 8098 §2.1), and only where a report may be sent, too.
   */
  private boolean isAskedBy(Arrival arrival, Mailbox recipient) {
    var path = arrival.spooled().envelope().reversePath();
    return path.isPresent()
        && arrival.mail().receiptTo().equals(path)
        && DisplayedReceipt.canName(recipient, arrival.mail().id())
        && reports.silence(arrival.spooled(), arrival.mail()).isEmpty();
  }

  /**
   * Notes a mail whose author asks for a receipt, in the transaction that makes it messages.
   *
   * @param messageIds of those messages
   */
  void asked(
      Handle handle,
      Arrival arrival,
      Mailbox recipient,
      ConversationId conversation,
      List<String> messageIds) {
    if (!on || !isAskedBy(arrival, recipient)) {
      return;
    }
    requests.add(
        handle,
        new ReceiptRequest(
            arrival.id(),
            recipient,
            conversation,
            arrival.spooled().envelope().reversePath().orElseThrow(),
            arrival.mail().id(),
            messageIds.get(messageIds.size() - 1),
            clock.instant()));
  }

  /**
   * The peer has read what stands before this. What is to be reported of it counts as reported from
   * here on, so it is to be sent when the transaction stands.
   */
  Optional<ReceiptRequest> read(
      Handle handle, Message receipt, ConversationId conversation, Mailbox person) {
    var peer = receipt.sender();
    return requests
        .report(handle, conversation, asks -> isBefore(handle, asks, receipt), clock.instant())
        .filter(asks -> mayBeMailed(handle, person, peer))
        .filter(asks -> mayBeMailed(handle, asks.returnPath(), peer));
  }

  private boolean mayBeMailed(Handle handle, Mailbox mailbox, InboxId peer) {
    return suppressions.of(handle, mailbox, peer).isEmpty();
  }

  /** By the network's time; a message that is no longer kept was published, and has expired. */
  private boolean isBefore(Handle handle, ReceiptRequest asks, Message receipt) {
    return MessageId.parse(asks.messageId())
        .flatMap(id -> store.messages().find(handle, receipt.installation(), id))
        .map(said -> said.status() == Status.PUBLISHED && said.sentAtNs() <= receipt.sentAtNs())
        .orElseGet(() -> !asks.at().isAfter(XmtpToMail.instant(receipt.sentAtNs())));
  }

  /** Follows the transaction. What fails is not repeated: a receipt is not worth a second one. */
  void send(ReceiptRequest asks) {
    var name = "receipt/" + asks.spoolId() + "/" + asks.recipient().canonical();
    var id = threadIds.notice(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    var receipt = new DisplayedReceipt(hostname, PRODUCT, asks.recipient(), asks.mailId());
    var now = clock.instant();
    try {
      reports.accept(asks.returnPath(), receipt.write(asks.returnPath(), now, id), now);
    } catch (IOException | RuntimeException failed) {
      log.warn("receipt not sent spool={}", asks.spoolId(), failed);
    }
  }
}
