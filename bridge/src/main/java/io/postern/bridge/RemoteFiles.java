package io.postern.bridge;

import io.postern.out.PublicAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
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
  private final ScheduledExecutorService scheduler;
  private final Duration longest;

  /**
   * @param scheduler ends what takes too long
   */
  RemoteFiles(ScheduledExecutorService scheduler) {
    this(
        PublicAddress::isPublic,
        (SSLSocketFactory) SSLSocketFactory.getDefault(),
        scheduler,
        LONGEST);
  }

  RemoteFiles(
      Predicate<InetAddress> allowed,
      SSLSocketFactory tls,
      ScheduledExecutorService scheduler,
      Duration longest) {
    this.allowed = allowed;
    this.tls = tls;
    this.scheduler = scheduler;
    this.longest = longest;
  }

  /** What is larger than the limit. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(long limit) {
      super("more than " + limit + " octets");
    }
  }

  /** In our own words, which name no host. */
  private static final class NotFetchedException extends IOException {
    private static final long serialVersionUID = 1L;

    NotFetchedException(String words) {
      super(words);
    }

    NotFetchedException(String words, Exception cause) {
      super(words, cause);
    }
  }

  /**
   * @param maxOctets the most that is read
   * @throws TooLargeException if there is more
   * @throws IOException if it cannot be had; the message names no URL
   */
  byte[] fetch(URI where, int maxOctets) throws IOException {
    var sockets = new Sockets(allowed);
    var end = scheduler.schedule(sockets::closeAll, longest.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return follow(where, maxOctets, sockets);
    } catch (TooLargeException | NotFetchedException ours) {
      throw ours;
    } catch (UnknownHostException unknown) {
      throw new NotFetchedException("the file's host has no address", unknown);
    } catch (SSLException untrusted) {
      throw new NotFetchedException(
          sockets.areClosed() ? "the file's host is too slow" : "the file's host has no valid TLS",
          untrusted);
    } catch (IOException broken) {
      throw new NotFetchedException(
          sockets.areClosed() || broken instanceof SocketTimeoutException
              ? "the file's host is too slow"
              : "the file's host cannot be reached",
          broken);
    } finally {
      end.cancel(false);
    }
  }

  private byte[] follow(URI where, int maxOctets, Sockets sockets) throws IOException {
    var uri = where;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
        throw new NotFetchedException("only https is fetched");
      }
      var connection = open(uri.toURL(), sockets);
      try {
        int status = connection.getResponseCode();
        if (status == 200) {
          return body(connection, maxOctets);
        }
        var location = connection.getHeaderField("Location");
        if (status / 100 != 3 || location == null) {
          throw new NotFetchedException("the file's host answered " + status);
        }
        uri = uri.resolve(location);
      } catch (IllegalArgumentException malformed) {
        throw new NotFetchedException("the file's host redirects to no address", malformed);
      } finally {
        connection.disconnect();
      }
    }
    throw new NotFetchedException("too many redirects");
  }

  private HttpsURLConnection open(URL url, Sockets sockets) throws IOException {
    var connection = (HttpsURLConnection) url.openConnection(Proxy.NO_PROXY);
    connection.setSSLSocketFactory(new Checked(tls, sockets));
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    connection.setUseCaches(false);
    connection.setRequestProperty("User-Agent", "Postern");
    connection.setRequestProperty("Accept", "application/octet-stream, */*");
    return connection;
  }

  private static byte[] body(HttpsURLConnection connection, int maxOctets) throws IOException {
    long declared = connection.getContentLengthLong();
    if (declared > maxOctets) {
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
      }
      return octets.toByteArray();
    }
  }

  /**
   * The connections of one file, all redirects included. A read timeout starts anew with each
   * octet: a host that drips is only stopped by closing its connection.
   */
  private static final class Sockets {
    private final Predicate<InetAddress> allowed;
    private final List<Socket> open = new ArrayList<>();
    private boolean closed;

    private Sockets(Predicate<InetAddress> allowed) {
      this.allowed = allowed;
    }

    /** An unconnected socket that looks at the address it is about to connect to. */
    private synchronized Socket make() throws IOException {
      if (closed) {
        throw new NotFetchedException("the file's host is too slow");
      }
      var socket =
          new Socket(Proxy.NO_PROXY) {
            @Override
            public void connect(SocketAddress endpoint) throws IOException {
              connect(endpoint, 0);
            }

            @Override
            public void connect(SocketAddress endpoint, int timeout) throws IOException {
              var address = ((InetSocketAddress) endpoint).getAddress();
              if (address == null) {
                throw new NotFetchedException("the file's host has no address");
              }
              if (!allowed.test(address)) {
                throw new NotFetchedException("the file's host has no public address");
              }
              super.connect(endpoint, timeout);
            }
          };
      open.add(socket);
      return socket;
    }

    private synchronized boolean areClosed() {
      return closed;
    }

    private synchronized void closeAll() {
      closed = true;
      for (var socket : open) {
        try {
          socket.close();
        } catch (IOException alreadyBroken) {
          continue; // Closed or not, nothing more is read from it.
        }
      }
    }
  }

  /** Gives out those sockets, and puts TLS over them. Everything else it refuses. */
  private static final class Checked extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final Sockets sockets;

    private Checked(SSLSocketFactory tls, Sockets sockets) {
      this.tls = tls;
      this.sockets = sockets;
    }

    @Override
    public Socket createSocket() throws IOException {
      return sockets.make();
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
