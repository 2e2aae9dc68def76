package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * Fetches policies by HTTPS. The host is a stranger's choice: its name is looked up once and the
 * address that was checked is connected to; no redirect is followed (RFC 8461 §3.3), no proxy
 * asked; size and time are bounded. May be used by several threads.
 */
final class HttpsStsSource implements StsSource {
  /** RFC 8461 §3.3: at least this much is to be read. */
  static final int MAX_OCTETS = 64 * 1024;

  private static final int HTTPS_PORT = 443;
  private static final int MAX_ADDRESSES = 4;
  private static final int CONNECT_MILLIS = 10_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final SecureDns dns;
  private final SSLSocketFactory tls;
  private final Predicate<InetAddress> reachable;
  private final int port;
  private final Duration timeout;

  HttpsStsSource(SecureDns dns) {
    this(
        dns,
        TlsTrust.authorities(),
        address -> PublicAddress.isPublic(address) && !PublicAddress.isOurs(address),
        HTTPS_PORT,
        TIMEOUT);
  }

  /**
   * @param authorities whom to believe
   * @param reachable whether an address may be connected to
   * @param timeout of one policy
   */
  HttpsStsSource(
      SecureDns dns,
      SSLContext authorities,
      Predicate<InetAddress> reachable,
      int port,
      Duration timeout) {
    this.dns = dns;
    this.tls = authorities.getSocketFactory();
    this.reachable = reachable;
    this.port = port;
    this.timeout = timeout;
  }

  @Override
  public String fetch(String domain) throws IOException {
    var host = "mta-sts." + domain;
    long end = System.nanoTime() + timeout.toNanos();
    var failure = new IOException(host + " has no public address");
    for (var address : addresses(host)) {
      var left = Duration.ofNanos(end - System.nanoTime());
      if (left.isNegative()) {
        break;
      }
      var socket = new PinnedSocket(address);
      try {
        return new StepLimit(socket)
            .within(left, () -> new Exchange(host, new Pinned(tls, socket)).text());
      } catch (SocketException | SocketTimeoutException unreachable) {
        failure = new IOException(host + " cannot be reached: " + unreachable.getMessage());
      }
    }
    throw failure;
  }

  private List<InetAddress> addresses(String host) throws IOException {
    try {
      return dns.host(host).addresses().stream().filter(reachable).limit(MAX_ADDRESSES).toList();
    } catch (DnsException unknown) {
      throw new IOException(unknown.getMessage(), unknown);
    }
  }

  /** One request and its answer. */
  private final class Exchange {
    private final String host;
    private final SSLSocketFactory sockets;

    Exchange(String host, SSLSocketFactory sockets) {
      this.host = host;
      this.sockets = sockets;
    }

    String text() throws IOException {
      var url = new URL("https", host, port, "/.well-known/mta-sts.txt");
      var connection = (HttpsURLConnection) url.openConnection(Proxy.NO_PROXY);
      connection.setSSLSocketFactory(sockets);
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout((int) timeout.toMillis());
      connection.setUseCaches(false);
      connection.setRequestProperty("User-Agent", "Postern");
      connection.setRequestProperty("Accept", "text/plain");
      connection.setRequestProperty("Connection", "close");
      try {
        return text(connection);
      } finally {
        connection.disconnect();
      }
    }

    private String text(HttpsURLConnection connection) throws IOException {
      int status = connection.getResponseCode();
      if (status != 200) {
        throw new IOException(host + " answered " + status);
      }
      var type = connection.getContentType();
      var mediaType = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      if (!mediaType.equals("text/plain")) {
        throw new IOException(host + " has no text/plain");
      }
      var octets = new ByteArrayOutputStream();
      try (var in = connection.getInputStream()) {
        octets.writeBytes(in.readNBytes(MAX_OCTETS + 1));
      }
      if (octets.size() > MAX_OCTETS) {
        throw new IOException(host + " sends more than " + MAX_OCTETS + " octets");
      }
      return octets.toString(StandardCharsets.UTF_8);
    }
  }

  /** Connects to an address that was looked up and checked before, whatever it is told. */
  private static final class PinnedSocket extends Socket {
    private final InetAddress address;

    PinnedSocket(InetAddress address) {
      super(Proxy.NO_PROXY);
      this.address = address;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      super.connect(
          new InetSocketAddress(address, ((InetSocketAddress) endpoint).getPort()), timeout);
    }
  }

  /** Gives out that socket, once. */
  private static final class Pinned extends UnconnectedTls {
    private final Socket socket;

    Pinned(SSLSocketFactory tls, Socket socket) {
      super(tls);
      this.socket = socket;
    }

    @Override
    public Socket createSocket() throws IOException {
      if (socket.isConnected()) {
        throw unasked();
      }
      return socket;
    }
  }
}
