package io.postern.out;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * The TCP connections under Angus' IMAP, kept in hand for two things that Angus does not do: to cut
 * off a server that answers too slowly, octet by octet, and one that answers without end.
 */
final class ImapSockets implements Closeable {
  /** As many octets a server may send while a mail is appended; a few hundred are usual. */
  static final int MAX_OCTETS = 4 * 1024 * 1024;

  private final AtomicReference<Optional<Socket>> current = new AtomicReference<>(Optional.empty());
  private final AtomicInteger left;
  private final int maxOctets;
  private final SSLSocketFactory tls;
  private volatile boolean stopped;

  /**
   * @param maxOctets as many octets a server may send between two calls of {@link #renew}
   */
  ImapSockets(SSLContext authorities, int maxOctets) {
    this.tls = authorities.getSocketFactory();
    this.maxOctets = maxOctets;
    this.left = new AtomicInteger(maxOctets);
  }

  /** From here on the server may send as much again. */
  void renew() {
    left.set(maxOctets);
  }

  /** Closes the connection, and each later one at its beginning; does not block. */
  void stop() throws IOException {
    stopped = true;
    close();
  }

  /** Closes the TCP connection under whatever is going on; does not block. */
  @Override
  public void close() throws IOException {
    var socket = current.getAndSet(Optional.empty());
    if (socket.isPresent()) {
      socket.get().close();
    }
  }

  /** Not the other one: Angus begins with TLS at once on what an SSLSocketFactory has made. */
  SocketFactory plain() {
    return new Plain();
  }

  /** Angus connects what the factory makes, then has TLS put on it by the same factory. */
  SSLSocketFactory tls() {
    return new Tls(tls);
  }

  private Socket keep() throws SocketException {
    var socket = new Limited();
    current.set(Optional.of(socket));
    // Asked after it is there to be closed: whoever stops meanwhile meets it, or we meet them.
    if (stopped) {
      throw new SocketException("stopped");
    }
    return socket;
  }

  private final class Limited extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int octet = super.read();
          count(1);
          return octet;
        }

        @Override
        public int read(byte[] octets, int from, int length) throws IOException {
          int count = super.read(octets, from, length);
          count(count);
          return count;
        }

        private void count(int octets) throws IOException {
          if (left.addAndGet(-Math.max(octets, 0)) < 0) {
            throw new IOException("the server sent more than " + maxOctets + " octets");
          }
        }
      };
    }
  }

  private final class Plain extends SocketFactory {
    @Override
    public Socket createSocket() throws SocketException {
      return keep();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw UnconnectedTls.unasked();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      throw UnconnectedTls.unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      throw UnconnectedTls.unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      throw UnconnectedTls.unasked();
    }
  }

  private final class Tls extends UnconnectedTls {
    Tls(SSLSocketFactory tls) {
      super(tls);
    }

    @Override
    public Socket createSocket() throws SocketException {
      return keep();
    }
  }
}
