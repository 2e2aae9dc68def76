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

/**
 * The messages that a mail becomes for one recipient. The first are made once and held, in nearly
 * every mail all; beyond {@link #MOST_HELD} each is made when it is asked for, and the same each
 * time, so that of a mail with many files one is in memory at a time. For one thread.
 */
final class MessageParts {
  /** Octets of what is held. */
  static final int MOST_HELD = 512 << 10;

  private final Arrival arrival;
  private final Mailbox recipient;
  private final GroupId group;
  private final List<MailToContent.Part> parts;
  private final List<String> ids = new ArrayList<>();

  /** Those that are held, in their order from the first. */
  private final List<EncodedMessage> held = new ArrayList<>();

  private final List<Translation> heldRows = new ArrayList<>();

  /** The one of the others that was made last. */
  private Optional<Made> last = Optional.empty();

  private record Made(int part, EncodedMessage message) {}

  /**
   * @throws ContentException if one of them may not be sent
   */
  MessageParts(Arrival arrival, Mailbox recipient, GroupId group, List<MailToContent.Part> parts)
      throws ContentException {
    this.arrival = arrival;
    this.recipient = recipient;
    this.group = group;
    this.parts = parts;
    long octets = 0;
    for (int i = 0; i < parts.size(); i++) {
      var message = encode(i);
      ids.add(message.id(group.octets()).toString());
      octets += message.envelope().content().length();
      if (octets <= MOST_HELD) {
        held.add(message);
        heldRows.add(row(i, message));
      } else {
        last = Optional.of(new Made(i, message));
      }
    }
  }

  /** Of all messages, in their order. */
  List<String> ids() {
    return List.copyOf(ids);
  }

  /** As they are stored. */
  List<Translation> rows() {
    return new AbstractList<>() {
      @Override
      public Translation get(int i) {
        return i < heldRows.size() ? heldRows.get(i) : row(i, message(i));
      }

      @Override
      public int size() {
        return parts.size();
      }
    };
  }

  private Translation row(int i, EncodedMessage message) {
    return new Translation(
        arrival.id(),
        recipient,
        i,
        key(i),
        group.toString(),
        ids.get(i),
        message.envelope().content().toByteArray(),
        Optional.empty());
  }

  /** One of them; asked for again at once, it is not made again. */
  EncodedMessage message(int i) {
    if (i < held.size()) {
      return held.get(i);
    }
    if (last.filter(made -> made.part() == i).isEmpty()) {
      last = Optional.of(new Made(i, again(i)));
    }
    return last.orElseThrow().message();
  }

  private EncodedMessage again(int i) {
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
