package io.postern.bridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server of this machine that can be cut and mended. */
final class TestRelay implements AutoCloseable {
  private final int to;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket listener;

  /**
   * @param to the port of the server
   */
  TestRelay(int to) throws IOException {
    this.to = to;
    listen(0);
    this.port = listener.getLocalPort();
  }

  int port() {
    return port;
  }

  private void listen(int at) throws IOException {
    var opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
    listener = opened;
    daemon(() -> accept(opened));
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        var client = from.accept();
        open.add(client);
        var server = new Socket(InetAddress.getLoopbackAddress(), to);
        open.add(server);
        daemon(() -> pass(client, server));
        daemon(() -> pass(server, client));
        if (from.isClosed()) {
          cutOpen();
        }
      }
    } catch (IOException cut) {
      return; // That is what it is for.
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException cut) {
      return;
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  void cut() throws IOException {
    listener.close();
    cutOpen();
  }

  private void cutOpen() {
    open.forEach(
        socket -> {
          try {
            socket.close();
          } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
          }
        });
  }

  void mend() throws IOException {
    listen(port);
  }

  private static void daemon(Runnable task) {
    var thread = new Thread(task, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    cut();
  }
}
