package io.postern.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of one test: closed when it and its own {@code @AfterEach} methods are over, their
 * logs printed first if it failed.
 */
public final class Servers implements AfterEachCallback {
  private final Deque<DebianServer> servers = new ArrayDeque<>();

  /** A port that nobody listens on. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public <T extends DebianServer> T add(T server) {
    servers.push(server);
    return server;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (servers.isEmpty()) {
      return;
    }
    try (var server = servers.pop()) {
      if (context.getExecutionException().isPresent()) {
        System.out.println(server.getClass().getSimpleName() + " logged:\n" + server.log());
      }
    } finally {
      afterEach(context); // Whatever became of this one.
    }
  }
}
