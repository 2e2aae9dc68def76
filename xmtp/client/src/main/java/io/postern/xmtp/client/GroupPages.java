package io.postern.xmtp.client;

import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.Node.Page;
import io.postern.xmtp.network.NodeException;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What the network holds of a group, page by page. While one page is read the next one is asked
 * for, unless they are large: then one at a time is enough to hold.
 */
final class GroupPages implements AutoCloseable {
  /** Octets of a page beyond which no other is held beside it. */
  private static final long LARGE = 1024 * 1024;

  private final Node node;
  private final Executor others;
  private final GroupId group;
  private Optional<Ahead> ahead = Optional.empty();

  /** A page that has been asked for. */
  private record Ahead(Cursor after, Meanwhile<Page<GroupEnvelope>> page) {}

  GroupPages(Node node, Executor others, GroupId group) {
    this.node = node;
    this.others = others;
    this.group = group;
  }

  /** What comes after a cursor. */
  Page<GroupEnvelope> after(Cursor cursor) throws NodeException {
    var page = asked(cursor);
    var end = cursor;
    long octets = 0;
    for (var envelope : page.items()) {
      end = end.with(envelope.position());
      octets += envelope.data().length;
    }
    if (page.more() && octets <= LARGE && !end.equals(cursor)) {
      var next = end;
      ahead =
          Optional.of(
              new Ahead(next, Meanwhile.begin(others, () -> node.groupMessages(group, next))));
    }
    return page;
  }

  private Page<GroupEnvelope> asked(Cursor cursor) throws NodeException {
    var asked = ahead;
    ahead = Optional.empty();
    if (asked.isPresent() && asked.get().after().equals(cursor)) {
      return asked.get().page().await();
    }
    asked.ifPresent(other -> other.page().drop());
    return node.groupMessages(group, cursor);
  }

  /** What has been asked for and is not needed is not asked for any more. */
  @Override
  public void close() {
    ahead.ifPresent(asked -> asked.page().drop());
    ahead = Optional.empty();
  }
}
