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
  /** As many octets a server may send for one mail; a few hundred are usual. */
  static final int MAX_OCTETS = 4 * 1024 * 1024;

  private final AtomicReference<Optional<Socket>> current = new AtomicReference<>(Optional.empty());
  private final AtomicInteger left = new AtomicInteger(MAX_OCTETS);
  private final SSLSocketFactory tls;

  ImapSockets(SSLContext authorities) {
    this.tls = authorities.getSocketFactory();
  }

  /** From here on the server may send {@link #MAX_OCTETS} again. */
  void renew() {
    left.set(MAX_OCTETS);
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
    return new Tls();
  }

  private Socket keep() {
    var socket = new Limited();
    current.set(Optional.of(socket));
    return socket;
  }

  private static SocketException unasked() {
    return new SocketException("only unconnected sockets are made here");
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
            throw new IOException("the server sent more than " + MAX_OCTETS + " octets");
          }
        }
      };
    }
  }

  private final class Plain extends SocketFactory {
    @Override
    public Socket createSocket() {
      return keep();
    }

    @Override
    public Socket createSocket(String host, int port) throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws SocketException {
      throw unasked();
    }
  }

  private final class Tls extends SSLSocketFactory {
    @Override
    public Socket createSocket() {
      return keep();
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
        throws IOException {
      return tls.createSocket(socket, host, port, autoClose);
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return tls.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket(String host, int port) throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws SocketException {
      throw unasked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws SocketException {
      throw unasked();
    }
  }
}
