package io.postern.smtp;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
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

  /** With its CR LF. RFC 4954 §4: what every mechanism has room in. */
  static final int MAX_AUTH_LINE = 12_288;

  /** A line that is this long will not become a command any more: the session ends. */
  private static final int MAX_DROPPED_LINE = 64 * 1024;

  /** What is still read after the last reply, so that the client sees the reply and no reset. */
  private static final int MAX_LINGER_OCTETS = 1 << 20;

  private static final int LINGER_MILLIS = 500;

  /** How long a proxy may take for its header. */
  private static final long PROXY_HEADER_NANOS = Duration.ofSeconds(10).toNanos();

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
    this.idleNanos = settings.timeouts().idle().toNanos();
    this.sessionEndsAt = System.nanoTime() + settings.timeouts().session().toNanos();
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
    return text(commandLine());
  }

  /**
   * The next command line, whose octets are not yet looked at. It may hold a password: whoever
   * takes it erases it, and here nothing of it stays.
   *
   * @throws CommandException 500 5.5.2 if it is too long or does not end in CR LF
   */
  byte[] commandLine() throws IOException, CommandException {
    return line(MAX_LINE, "5.5.2");
  }

  /**
   * The next line of an AUTH dialogue, as {@link #commandLine}.
   *
   * @throws CommandException 500 5.5.6 if it is too long
   */
  byte[] authLine() throws IOException, CommandException {
    return line(MAX_AUTH_LINE, "5.5.6");
  }

  private byte[] line(int most, String tooLong) throws IOException, CommandException {
    turnEndsAt = System.nanoTime() + idleNanos;
    var line = new byte[most];
    int length = 0;
    betweenCommands = position == limit;
    try {
      for (int octet = octet(); octet != '\n'; octet = octet()) {
        betweenCommands = false;
        buffer[position - 1] = 0;
        if (length < most) {
          line[length] = (byte) octet;
        }
        length++;
        if (length > MAX_DROPPED_LINE) {
          throw new EndlessLineException();
        }
      }
      if (length + 1 > most) {
        throw new CommandException(500, tooLong, "Line too long; the limit is " + most);
      }
      if (length == 0 || line[length - 1] != '\r') {
        throw new CommandException(500, "5.5.2", "Lines end in CR LF, not in LF alone");
      }
      return Arrays.copyOf(line, length - 1);
    } finally {
      betweenCommands = false;
      Arrays.fill(line, (byte) 0);
    }
  }

  /**
   * A command line as text.
   *
   * @throws CommandException 500 5.5.2 if it holds octets that no command has
   */
  static String text(byte[] line) throws CommandException {
    for (byte octet : line) {
      if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
        throw new CommandException(500, "5.5.2", "No control characters in a command");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException malformed) {
      throw new CommandException(500, "5.5.2", "Not UTF-8");
    }
  }

  /**
   * What the proxy before us says of the client; goes before anything else is read.
   *
   * @return the client's address; empty if it says that it speaks for itself
   * @throws ProxyHeader.MalformedException if it says something else
   * @throws SocketTimeoutException if it takes too long
   */
  Optional<InetAddress> proxyHeader() throws IOException {
    turnEndsAt = System.nanoTime() + Math.min(idleNanos, PROXY_HEADER_NANOS);
    betweenCommands = true;
    try {
      return ProxyHeader.read(this::unbufferedOctet);
    } finally {
      betweenCommands = false;
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
    position = 0;
    limit = 0;
    limit = read(buffer, buffer.length);
  }

  /** What comes after it may be the first octet of TLS, so nothing is read ahead. */
  private int unbufferedOctet() throws IOException {
    var one = new byte[1];
    read(one, 1);
    return one[0] & 0xff;
  }

  /** One read, of one octet at least. */
  private int read(byte[] into, int most) throws IOException {
    long now = System.nanoTime();
    long left = Math.min(idleNanos, Math.min(turnEndsAt - now, sessionEndsAt - now));
    if (left <= 0) {
      throw new SocketTimeoutException("the client is too slow");
    }
    socket.setSoTimeout(millis(left));
    startWait(left);
    try {
      int count = in.read(into, 0, most);
      if (count <= 0) {
        throw new EOFException("the client closed the connection");
      }
      return count;
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
