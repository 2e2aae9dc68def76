package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.IdempotencyKey;
import io.postern.mapping.MailToContent;
import io.postern.mapping.Translation;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.network.GroupId;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The messages that a mail becomes for one recipient. Each is made when it is asked for, and the
 * same each time, so that of a mail with many files one is in memory at a time. For one thread.
 */
final class MessageParts {
  private final Arrival arrival;
  private final Mailbox recipient;
  private final GroupId group;
  private final List<MailToContent.Part> parts;
  private final List<String> ids = new ArrayList<>();

  /**
   * @throws ContentException if one of them may not be sent
   */
  MessageParts(Arrival arrival, Mailbox recipient, GroupId group, List<MailToContent.Part> parts)
      throws ContentException {
    this.arrival = arrival;
    this.recipient = recipient;
    this.group = group;
    this.parts = parts;
    for (int i = 0; i < parts.size(); i++) {
      ids.add(encode(i).id(group.octets()).toString());
    }
  }

  /** Of all messages, in their order. */
  List<String> ids() {
    return List.copyOf(ids);
  }

  /** Hands out each message, in their order. */
  void forEach(Consumer<EncodedMessage> taker) {
    for (int i = 0; i < parts.size(); i++) {
      taker.accept(message(i));
    }
  }

  /** As they are stored. */
  List<Translation> rows() {
    return new AbstractList<>() {
      @Override
      public Translation get(int i) {
        return new Translation(
            arrival.id(),
            recipient,
            i,
            key(i),
            group.toString(),
            ids.get(i),
            message(i).envelope().content().toByteArray(),
            Optional.empty());
      }

      @Override
      public int size() {
        return parts.size();
      }
    };
  }

  private EncodedMessage message(int i) {
    try {
      var message = encode(i);
      if (!message.id(group.octets()).toString().equals(ids.get(i))) {
        throw new IllegalStateException("a part of a mail did not become the same twice");
      }
      return message;
    } catch (ContentException before) {
      throw new IllegalStateException("a part of a mail could be sent a moment ago", before);
    }
  }

  private EncodedMessage encode(int i) throws ContentException {
    var part = parts.get(i);
    var message = EncodedMessage.of(part.content(), key(i).value());
    return part.push() ? message : message.silent();
  }

  private IdempotencyKey key(int i) {
    return arrival.key(recipient, i);
  }
}
