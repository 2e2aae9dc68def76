package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;

/**
 * Finds what we sent into a group that waits for a later version of us: nothing there is read, but
 * our own octets are known by sight, and once they stand on the network the others have them.
 * Groups document 7.7. The cursor stays where it is: that later version meets them again.
 */
final class EchoFinder {
  private final Node node;

  EchoFinder(Node node) {
    this.node = node;
  }

  /**
   * How far was looked.
   *
   * @param cursor everything up to here was looked at
   * @param epoch in which the others are there, as far as the commits say
   */
  record Look(Cursor cursor, long epoch) {}

  /**
   * Looks at what the network has come to hold of a paused group, and marks as published what is
   * ours.
   *
   * @throws NodeException if the network could not be asked; what was found before is saved
   */
  void find(LiveGroup group) throws NodeException {
    boolean more = true;
    while (more) {
      var look = group.look();
      var page = node.groupMessages(group.row().group(), look.cursor());
      more = page.more();
      for (var envelope : page.items()) {
        if (!look.cursor().covers(envelope.position())) {
          look = new Look(look.cursor().with(envelope.position()), seen(group, look, envelope));
        }
      }
      more = more && !look.equals(group.look());
      group.save();
      group.looked(look);
    }
  }

  /** Answers the epoch in which the others are after this. */
  private long seen(LiveGroup group, Look look, GroupEnvelope envelope) {
    try {
      var header = MlsMessage.header(envelope.data());
      if (header.contentType() == ContentType.COMMIT) {
        return header.epoch() == look.epoch() ? look.epoch() + 1 : look.epoch();
      }
    } catch (MlsException unreadable) {
      return look.epoch(); // Nobody's word.
    }
    var hash = GroupSync.sha256(envelope.data());
    if (group.isOwnPayload(hash)) {
      group
          .payload(hash)
          .filter(payload -> GroupSync.isReadable(payload, look.epoch()))
          .ifPresent(payload -> group.published(payload, envelope));
    }
    return look.epoch();
  }
}
