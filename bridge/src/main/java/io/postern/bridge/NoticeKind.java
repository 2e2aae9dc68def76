package io.postern.bridge;

import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.store.MessageStore.Message;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a notice tells. Its key is made from the message that it answers, so that whoever receives
 * it knows by its id that it is one, another bridge too: of a notice that becomes no mail no notice
 * is made. Else two people who cannot be reached would tell each other so for ever. Whoever forges
 * one hears nothing of its failure, and that is all. spec/content-types.md §10.12.
 */
enum NoticeKind {
  FAILED,
  DELAYED,
  WITHHELD;

  /** The idempotency key of the notice about this message. */
  String key(MessageId about) {
    return "notice:" + name().toLowerCase(Locale.ROOT) + ":" + about;
  }

  /** Whether a message is such a notice, whosoever. */
  static boolean isNotice(Message message) {
    return ContentCodec.decode(message.content()) instanceof Reply reply
        && reply.target().stream()
            .flatMap(about -> Arrays.stream(values()).map(kind -> kind.key(about)))
            .map(key -> MessageId.of(message.group().octets(), key, message.content()))
            .anyMatch(message.id()::equals);
  }
}
