package io.postern.node;

import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the node listens: a client address has so many connections at most, and what comes beyond
 * is closed before anything of it is read.
 */
final class LimitedListener extends NioServerSocketChannel {
  /** Official clients have one or two; a test machine may run hundreds of clients. */
  static final int MAX_CONNECTIONS = 1_000;

  private final ConcurrentHashMap<InetAddress, Integer> connections = new ConcurrentHashMap<>();

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    var count = super.doReadMessages(accepted);
    if (count == 1 && accepted.get(accepted.size() - 1) instanceof SocketChannel connection) {
      var address = connection.remoteAddress();
      if (address == null) {
        return count; // it has gone already
      }
      var from = address.getAddress();
      if (connections.merge(from, 1, Integer::sum) > MAX_CONNECTIONS) {
        release(from);
        accepted.remove(accepted.size() - 1);
        connection.unsafe().closeForcibly();
        return 0;
      }
      connection.closeFuture().addListener(closed -> release(from));
    }
    return count;
  }

  private void release(InetAddress address) {
    connections.computeIfPresent(
        address, (key, count) -> count == 1 ? null : count - 1); // null: the map drops it
  }
}
