package io.postern.out;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to an SMTP server: command lines out, replies in, each within its time. */
final class SmtpConnection implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpConnection.class);
  private static final int BLOCK = 64 * 1024;
  private static final Duration GOODBYE = Duration.ofSeconds(2);
  private static final byte[] QUIT = {'Q', 'U', 'I', 'T', '\r', '\n'};

  private final Socket socket;
  private final StepLimit limit;
  private final SmtpTimeouts timeouts;
  private final long begun = System.nanoTime();
  private CompletableFuture<Boolean> end;
  private Socket channel;
  private InputStream in;
  private OutputStream out;

  private SmtpConnection(Socket socket, SmtpTimeouts timeouts) throws IOException {
    this.socket = socket;
    this.timeouts = timeouts;
    // The TCP socket, since closing a TLS socket waits for whoever is writing to it.
    this.limit = new StepLimit(socket);
    this.end = limit.closeAfter(timeouts.session());
    use(socket);
  }

  static SmtpConnection open(InetSocketAddress address, SmtpTimeouts timeouts) throws IOException {
    var socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(address, Math.toIntExact(timeouts.connect().toMillis()));
      return new SmtpConnection(socket, timeouts);
    } catch (IOException unreachable) {
      socket.close();
      throw unreachable;
    }
  }

  private void use(Socket channel) throws IOException {
    this.channel = channel;
    // A new buffer: what was sent in the clear behind the reply to STARTTLS is dropped with the old
    // one and never taken for an answer (RFC 3207 §4.2).
    this.in = new BufferedInputStream(channel.getInputStream());
    this.out = channel.getOutputStream();
  }

  /** The session may last longer for what it carries. */
  void extend(Duration more) {
    if (end.complete(false)) {
      var spent = Duration.ofNanos(System.nanoTime() - begun);
      end = limit.closeAfter(timeouts.session().minus(spent).plus(more));
    }
  }

  /** Goes on encrypted. */
  void startTls(TlsPeer peer) throws TlsFailedException {
    try {
      limit.within(
          timeouts.tls(),
          () -> {
            var tls =
                (SSLSocket)
                    peer.trust()
                        .getSocketFactory()
                        .createSocket(socket, peer.name(), socket.getPort(), true);
            if (peer.checkName()) {
              var parameters = tls.getSSLParameters();
              parameters.setEndpointIdentificationAlgorithm("HTTPS");
              tls.setSSLParameters(parameters);
            }
            tls.startHandshake();
            use(tls);
            return tls;
          });
    } catch (IOException failed) {
      throw new TlsFailedException(failed);
    }
  }

  boolean isTls() {
    return channel != socket;
  }

  /** Writes command lines in one go. They must be without line ends. */
  void write(List<String> commands) throws IOException {
    for (var command : commands) {
      if (command.indexOf('\r') >= 0 || command.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a line end in an SMTP command");
      }
    }
    write((String.join("\r\n", commands) + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Writes octets as they are. */
  void write(byte[] octets) throws IOException {
    for (int from = 0; from < octets.length; from += BLOCK) {
      int start = from;
      int length = Math.min(BLOCK, octets.length - from);
      limit.within(
          timeouts.block(),
          () -> {
            out.write(octets, start, length);
            out.flush();
            return length;
          });
    }
  }

  ServerReply command(String command) throws IOException, MalformedReplyException {
    write(List.of(command));
    return reply();
  }

  ServerReply reply() throws IOException, MalformedReplyException {
    return limit.within(timeouts.reply(), () -> ServerReply.read(in));
  }

  /** The reply to the final dot, which may take longer. */
  ServerReply lastReply() throws IOException, MalformedReplyException {
    return limit.within(timeouts.last(), () -> ServerReply.read(in));
  }

  /**
   * Says QUIT, waits for the answer no longer than a moment, and closes: RFC 5321 §4.1.1.10 asks
   * for this even after an error.
   */
  void quit() {
    try {
      limit.within(
          GOODBYE,
          () -> {
            out.write(QUIT);
            out.flush();
            return ServerReply.read(in);
          });
    } catch (IOException | MalformedReplyException unfriendly) {
      // The outcome is known without it.
      LOG.debug("saying goodbye: {}", unfriendly.getMessage());
    } finally {
      close();
    }
  }

  /** Closes the TCP connection at once, without a word. */
  @Override
  public void close() {
    end.complete(false);
    try {
      socket.close();
    } catch (IOException gone) {
      LOG.debug("closing a connection: {}", gone.getMessage());
    }
  }
}
