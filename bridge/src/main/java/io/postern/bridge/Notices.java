package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.Bundle;
import io.postern.mapping.Matter;
import io.postern.mapping.NoticeText;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.SuppressionList;
import io.postern.mapping.ToldPeers;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a peer, in the conversation and once, that their message is not mailed. A notice changes no
 * consent, and never goes to a peer of whom the person wants to hear nothing. design.md §2.
 */
final class Notices {
  private static final Logger log = LoggerFactory.getLogger(Notices.class);

  private final ClientStore store;
  private final Consents consents;
  private final SuppressionList suppressions;
  private final ToldPeers told;
  private final XmtpClient client;
  private final InstantSource clock;

  Notices(ClientStore store, XmtpClient client, InstantSource clock) {
    this.store = store;
    this.consents = new Consents(store);
    this.suppressions = new SuppressionList(store.jdbi());
    this.told = new ToldPeers(store.jdbi());
    this.client = client;
    this.clock = clock;
  }

  /**
   * Prepares to tell a peer of a failure.
   *
   * @param words what the far mail server said, or why we gave up
   * @return empty if there is no conversation to tell it in, or it is a notice itself that failed
   */
  Optional<Notice> failed(Bundle bundle, String words) {
    var pair = Pair.of(bundle);
    return about(bundle.installation(), bundle.messageIds())
        .flatMap(
            id ->
                notice(
                    pair, failure(pair, id, words), NoticeKind.FAILED.key(id), Optional.empty()));
  }

  /**
   * Prepares to tell a peer that their message still waits. A stranger is told only how it ends.
   * Parameters and result as for a failure.
   */
  Optional<Notice> delayed(Bundle bundle, String words) {
    var pair = Pair.of(bundle);
    return about(bundle.installation(), bundle.messageIds())
        .filter(id -> consent(pair) == State.ALLOWED)
        .flatMap(
            id ->
                notice(
                    pair,
                    NoticeText.delayed(id, pair.peer(), pair.person(), words),
                    NoticeKind.DELAYED.key(id),
                    Optional.empty()));
  }

  /** Prepares to tell a peer why their message becomes no mail; empty as for a failure. */
  Optional<Notice> withheld(OutboxLine line, Matter matter) {
    var pair = new Pair(line.installation(), line.recipient(), line.sender());
    return withheld(pair, List.of(line.messageId()), matter);
  }

  /** The same for a mail that is not sent although it was written. */
  Optional<Notice> withheld(Bundle bundle, Matter matter) {
    return withheld(Pair.of(bundle), bundle.messageIds(), matter);
  }

  private Optional<Notice> withheld(Pair pair, List<String> messageIds, Matter matter) {
    return about(pair.installation(), messageIds)
        .flatMap(
            id ->
                notice(
                    pair,
                    NoticeText.withheld(id, pair.peer(), matter),
                    NoticeKind.WITHHELD.key(id),
                    Optional.of(matter)));
  }

  /** The message that a notice answers: the first that is no notice itself. */
  private Optional<MessageId> about(InstallationId installation, List<String> messageIds) {
    return store
        .jdbi()
        .withHandle(
            handle ->
                messageIds.stream()
                    .flatMap(id -> MessageId.parse(id).stream())
                    .filter(id -> !isNotice(handle, installation, id))
                    .findFirst());
  }

  private boolean isNotice(Handle handle, InstallationId installation, MessageId id) {
    return store.messages().find(handle, installation, id).filter(NoticeKind::isNotice).isPresent();
  }

  private State consent(Pair pair) {
    return store.jdbi().withHandle(h -> consents.of(h, pair.installation(), pair.peer()));
  }

  /** A person, by their inbox and their mailbox, and the peer who is told. */
  private record Pair(InstallationId installation, Mailbox person, InboxId peer) {
    static Pair of(Bundle bundle) {
      return new Pair(bundle.installation(), bundle.recipient(), bundle.sender());
    }
  }

  private Optional<Notice> notice(Pair pair, Content content, String key, Optional<Matter> matter) {
    try {
      var message = EncodedMessage.of(content, key);
      return client
          .inbox(pair.installation())
          .flatMap(inbox -> inbox.findDm(pair.peer()))
          .map(conversation -> new Notice(pair, conversation, message, matter));
    } catch (ContentException impossible) {
      log.warn("not told peer={} reason={}", pair.peer(), impossible.getMessage());
      return Optional.empty();
    }
  }

  /** One matter, ready to be told. */
  final class Notice {
    private final Pair pair;
    private final Conversation conversation;
    private final EncodedMessage message;
    private final Optional<Matter> matter;

    private Notice(
        Pair pair, Conversation conversation, EncodedMessage message, Optional<Matter> matter) {
      this.pair = pair;
      this.conversation = conversation;
      this.message = message;
      this.matter = matter;
    }

    /**
     * Stores it in the transaction that notes what it tells of: so the peer is told once, whenever
     * the process dies.
     *
     * @return false, with nothing stored, if the person wants to hear nothing of the peer, or the
     *     peer was told of this matter before
     */
    boolean store(Handle handle) {
      if (isUnwanted(handle)) {
        log.info("not told peer={}, who is not wanted", pair.peer());
        return false;
      }
      boolean before =
          matter
              .filter(of -> !told.first(handle, pair.person(), pair.peer(), of, clock.instant()))
              .isPresent();
      if (before) {
        return false;
      }
      consents.unchanged(handle, conversation.key(), () -> conversation.enqueue(handle, message));
      return true;
    }

    private boolean isUnwanted(Handle handle) {
      return consents.of(handle, pair.installation(), pair.peer()) == State.DENIED
          || suppressions
              .of(handle, pair.person(), pair.peer())
              .filter(entry -> entry.reason().isSilent())
              .isPresent();
    }

    /** Follows the transaction. If it fails now, the client tries again by itself. */
    void publish() {
      conversation.publish();
    }
  }

  /** For the journey. */
  static String told(boolean told) {
    return told ? "; the peer is told" : "; the peer is not told";
  }

  /** A stranger hears neither of the address nor what was said there. */
  private Content failure(Pair pair, MessageId failed, String words) {
    return consent(pair) == State.ALLOWED
        ? NoticeText.undelivered(failed, pair.peer(), pair.person(), words)
        : NoticeText.requestFailed(failed, pair.peer());
  }
}
