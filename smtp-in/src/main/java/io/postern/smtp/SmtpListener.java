package io.postern.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One address at which connections are accepted, and what they are for. */
final class SmtpListener implements Closeable {
  private static final int BACKLOG = 100;

  /** How long one wait for a connection lasts. */
  private static final int TURN_MILLIS = 500;

  private final ListenerKind kind;
  private final ServerSocket socket;

  private SmtpListener(ListenerKind kind, ServerSocket socket) {
    this.kind = kind;
    this.socket = socket;
  }

  /**
   * Opens all that the settings name, that of the MX first; or none.
   *
   * @throws IOException if an address cannot be listened on; the message says which
   */
  static List<SmtpListener> openAll(SmtpSettings settings) throws IOException {
    var open = new ArrayList<SmtpListener>();
    try {
      open.add(open(ListenerKind.MX, settings.host(), settings.port()));
      if (settings.submission().isPresent()) {
        var submission = settings.submission().get();
        add(open, ListenerKind.SUBMISSION, submission.starttls());
        add(open, ListenerKind.SUBMISSIONS, submission.implicitTls());
      }
      return open;
    } catch (IOException | RuntimeException failed) {
      for (var listener : open) {
        listener.close();
      }
      throw failed;
    }
  }

  private static void add(
      List<SmtpListener> open, ListenerKind kind, Optional<InetSocketAddress> address)
      throws IOException {
    if (address.isPresent()) {
      open.add(open(kind, address.get().getHostString(), address.get().getPort()));
    }
  }

  private static SmtpListener open(ListenerKind kind, String host, int port) throws IOException {
    var socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.setSoTimeout(TURN_MILLIS);
      socket.bind(new InetSocketAddress(host, port), BACKLOG);
      return new SmtpListener(kind, socket);
    } catch (IOException failed) {
      socket.close();
      throw new IOException(
          "cannot listen on " + host + ":" + port + ": " + failed.getMessage(), failed);
    } catch (RuntimeException failed) {
      socket.close();
      throw failed;
    }
  }

  ListenerKind kind() {
    return kind;
  }

  int port() {
    return socket.getLocalPort();
  }

  /**
   * The next connection.
   *
   * @throws java.net.SocketTimeoutException if nobody has called for a moment
   */
  Socket accept() throws IOException {
    return socket.accept();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** For logs. */
  @Override
  public String toString() {
    return socket.getInetAddress().getHostAddress() + ":" + port();
  }
}
