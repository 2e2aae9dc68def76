package io.postern.bridge;

import io.postern.out.PublicAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.function.Predicate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * Fetches what a peer has stored somewhere and named in a message. The host is a stranger's choice:
 * only https, also after redirects; the address that is connected to is the one that was checked,
 * and private addresses are refused; size and time are bounded; nothing identifies us.
 */
final class RemoteFiles {
  private static final int MAX_REDIRECTS = 3;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final int CHUNK = 64 * 1024;

  private final Predicate<InetAddress> allowed;
  private final SSLSocketFactory tls;

  RemoteFiles() {
    this(PublicAddress::isPublic, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  RemoteFiles(Predicate<InetAddress> allowed, SSLSocketFactory tls) {
    this.allowed = allowed;
    this.tls = tls;
  }

  /** What is larger than the limit. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(long limit) {
      super("more than " + limit + " octets");
    }
  }

  /**
   * @param maxOctets the most that is read
   * @throws TooLargeException if there is more
   * @throws IOException if it cannot be had; the message names no URL
   */
  byte[] fetch(URI where, int maxOctets) throws IOException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    var uri = where;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
        throw new IOException("only https is fetched");
      }
      var connection = open(uri.toURL());
      try {
        int status = connection.getResponseCode();
        if (status == 200) {
          return body(connection, maxOctets, deadline);
        }
        var location = connection.getHeaderField("Location");
        if (status / 100 != 3 || location == null) {
          throw new IOException("the file's host answered " + status);
        }
        uri = uri.resolve(location);
      } catch (IllegalArgumentException malformed) {
        throw new IOException("the file's host redirects to no address", malformed);
      } finally {
        connection.disconnect();
      }
    }
    throw new IOException("too many redirects");
  }

  private HttpsURLConnection open(URL url) throws IOException {
    var connection = (HttpsURLConnection) url.openConnection(Proxy.NO_PROXY);
    connection.setSSLSocketFactory(new Checked(tls, allowed));
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    connection.setUseCaches(false);
    connection.setRequestProperty("User-Agent", "Postern");
    connection.setRequestProperty("Accept", "application/octet-stream, */*");
    return connection;
  }

  private static byte[] body(HttpsURLConnection connection, int maxOctets, long deadline)
      throws IOException {
    if (connection.getContentLengthLong() > maxOctets) {
      throw new TooLargeException(maxOctets);
    }
    try (var in = connection.getInputStream()) {
      var octets = new ByteArrayOutputStream();
      var chunk = new byte[CHUNK];
      int read;
      while ((read = in.read(chunk)) >= 0) {
        octets.write(chunk, 0, read);
        if (octets.size() > maxOctets) {
          throw new TooLargeException(maxOctets);
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("the file's host is too slow");
        }
      }
      return octets.toByteArray();
    }
  }

  /** Makes sockets that look at the address they are about to connect to. */
  private static final class Checked extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final Predicate<InetAddress> allowed;

    private Checked(SSLSocketFactory tls, Predicate<InetAddress> allowed) {
      this.tls = tls;
      this.allowed = allowed;
    }

    @Override
    public Socket createSocket() {
      return new Socket() {
        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
          var address = ((InetSocketAddress) endpoint).getAddress();
          if (address == null || !allowed.test(address)) {
            throw new IOException("the file's host has no public address");
          }
          super.connect(endpoint, timeout);
        }
      };
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean autoClose)
        throws IOException {
      return tls.createSocket(plain, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new IOException("only checked sockets are made");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new IOException("only checked sockets are made");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      throw new IOException("only checked sockets are made");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new IOException("only checked sockets are made");
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return tls.getSupportedCipherSuites();
    }
  }
}
