package io.postern.smtp;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * The connection of one session: command lines and octets in, replies out, every wait with an end.
 *
 * <p>Replies are gathered and leave before the next wait, so a pipelining client gets them together
 * (RFC 2920 §3.2). For one thread, except {@link #isOverdue}, {@link #wake} and {@link #abort}.
 */
final class Wire implements Closeable {
  /**
   * With its CR LF. RFC 5321 §4.5.3.1.4 wants 512 octets and more for the parameters of extensions.
   */
  static final int MAX_LINE = 2048;

  /** A line that is this long will not become a command any more: the session ends. */
  private static final int MAX_DROPPED_LINE = 64 * 1024;

  /** What is still read after the last reply, so that the client sees the reply and no reset. */
  private static final int MAX_LINGER_OCTETS = 1 << 20;

  private static final int LINGER_MILLIS = 500;

  private static final long OVERDUE_GRACE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Socket plain;
  private final long idleNanos;
  private final long sessionEndsAt;
  private final byte[] buffer = new byte[16 * 1024];
  private int position;
  private int limit;
  private InputStream in;
  private OutputStream out;
  private Socket socket;

  /** When the present command line or mail has to be here. */
  private long turnEndsAt;

  private volatile long waitEndsAt;
  private volatile boolean waiting;
  private volatile boolean betweenCommands;

  /** A line was longer than any command, and went on and on. */
  static final class EndlessLineException extends IOException {
    EndlessLineException() {
      super("a line of more than " + MAX_DROPPED_LINE + " octets");
    }
  }

  Wire(Socket socket, SmtpSettings settings) throws IOException {
    this.plain = socket;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = new BufferedOutputStream(socket.getOutputStream(), 8192);
    this.idleNanos = settings.idleTimeout().toNanos();
    this.sessionEndsAt = System.nanoTime() + settings.sessionTimeout().toNanos();
    this.turnEndsAt = sessionEndsAt;
    socket.setTcpNoDelay(true);
  }

  /**
   * The next command line, without its CR LF.
   *
   * @throws CommandException 500 5.5.2 if it is too long, does not end in CR LF or holds octets
   *     that no command has; the next line can be read then
   */
  String line() throws IOException, CommandException {
    turnEndsAt = System.nanoTime() + idleNanos;
    var line = new byte[MAX_LINE];
    int length = 0;
    betweenCommands = position == limit;
    try {
      for (int octet = octet(); octet != '\n'; octet = octet()) {
        betweenCommands = false;
        if (length < MAX_LINE) {
          line[length] = (byte) octet;
        }
        length++;
        if (length > MAX_DROPPED_LINE) {
          throw new EndlessLineException();
        }
      }
    } finally {
      betweenCommands = false;
    }
    if (length + 1 > MAX_LINE) {
      throw new CommandException(500, "5.5.2", "Line too long; the limit is " + MAX_LINE);
    }
    if (length == 0 || line[length - 1] != '\r') {
      throw new CommandException(500, "5.5.2", "Lines end in CR LF, not in LF alone");
    }
    return decoded(line, length - 1);
  }

  private static String decoded(byte[] line, int length) throws CommandException {
    for (int i = 0; i < length; i++) {
      if ((line[i] >= 0 && line[i] < ' ') || line[i] == 0x7f) {
        throw new CommandException(500, "5.5.2", "No control characters in a command");
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line, 0, length))
          .toString();
    } catch (CharacterCodingException malformed) {
      throw new CommandException(500, "5.5.2", "Not UTF-8");
    }
  }

  /** From here on the given time is left for all that is read until the next line. */
  void beginData(Duration timeout) {
    turnEndsAt = System.nanoTime() + timeout.toNanos();
  }

  /**
   * The next octet.
   *
   * @throws EOFException if the client has closed its side
   * @throws SocketTimeoutException if it kept us waiting too long
   */
  int octet() throws IOException {
    if (position == limit) {
      fill();
    }
    return buffer[position++] & 0xff;
  }

  /** Whether the client has sent more than has been read. */
  boolean hasMore() throws IOException {
    return position < limit || in.available() > 0;
  }

  /** Adds a reply to those that leave before the next wait. */
  void send(SmtpReply reply) throws IOException {
    startWait(idleNanos);
    try {
      out.write(reply.octets());
    } finally {
      waiting = false;
    }
  }

  void flush() throws IOException {
    startWait(idleNanos);
    try {
      out.flush();
    } finally {
      waiting = false;
    }
  }

  /**
   * Goes on over TLS. What the client sent in the clear and has not been read is dropped: it may be
   * somebody else's (RFC 3207 §6).
   *
   * @return protocol and cipher suite
   */
  String startTls(SSLSocketFactory factory) throws IOException {
    flush();
    position = 0;
    limit = 0;
    var secure =
        (SSLSocket)
            factory.createSocket(
                plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
    secure.setUseClientMode(false);
    secure.setEnabledProtocols(TlsIdentity.PROTOCOLS);
    startWait(idleNanos);
    try {
      secure.setSoTimeout(millis(idleNanos));
      secure.startHandshake();
    } finally {
      waiting = false;
    }
    socket = secure;
    in = secure.getInputStream();
    out = new BufferedOutputStream(secure.getOutputStream(), 8192);
    return secure.getSession().getProtocol() + " " + secure.getSession().getCipherSuite();
  }

  /** Whether a wait has gone on beyond its end; a client that reads nothing can cause it. */
  boolean isOverdue() {
    return waiting && System.nanoTime() - waitEndsAt > OVERDUE_GRACE_NANOS;
  }

  /** Ends a wait for the next command as if the client had closed its side; disturbs no other. */
  void wake() throws IOException {
    if (betweenCommands) {
      plain.shutdownInput();
    }
  }

  /** Ends the connection at once, whatever its thread is doing. */
  void abort() throws IOException {
    plain.close();
  }

  /**
   * Says that no reply follows, then waits for the client to close, but not for long. Closing at
   * once would reset the connection where octets are left unread, and the last reply be lost.
   */
  void linger() throws IOException {
    flush();
    socket.shutdownOutput();
    startWait(idleNanos);
    try {
      plain.setSoTimeout(LINGER_MILLIS);
      long endsAt = System.nanoTime() + idleNanos;
      int left = MAX_LINGER_OCTETS;
      while (left > 0 && System.nanoTime() < endsAt) {
        int count = plain.getInputStream().read(buffer);
        if (count < 0) {
          return;
        }
        left -= count;
      }
    } catch (SocketTimeoutException silent) {
      // It has nothing more to say, and the reply has had its time.
    } finally {
      waiting = false;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      flush();
    } finally {
      startWait(idleNanos);
      try {
        socket.close();
      } finally {
        waiting = false;
        plain.close();
      }
    }
  }

  private void fill() throws IOException {
    flush();
    long now = System.nanoTime();
    long left = Math.min(idleNanos, Math.min(turnEndsAt - now, sessionEndsAt - now));
    if (left <= 0) {
      throw new SocketTimeoutException("the client is too slow");
    }
    socket.setSoTimeout(millis(left));
    startWait(left);
    try {
      int count = in.read(buffer, 0, buffer.length);
      if (count <= 0) {
        throw new EOFException("the client closed the connection");
      }
      position = 0;
      limit = count;
    } finally {
      waiting = false;
    }
  }

  private void startWait(long nanos) {
    waitEndsAt = System.nanoTime() + nanos;
    waiting = true;
  }

  /** At least 1, because 0 would mean for ever. */
  private static int millis(long nanos) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, nanos / 1_000_000));
  }
}
