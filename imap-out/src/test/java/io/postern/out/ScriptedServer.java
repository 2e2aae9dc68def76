package io.postern.out;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server that plays a script on the loopback: the script is written first, line by line, then the
 * client under test connects. {@link #close} fails the test if the client strayed from the script
 * or left it early. After its last line the server says goodbye to QUIT and is gone.
 */
final class ScriptedServer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private interface Step {
    void play() throws IOException;
  }

  private final ServerSocket listener;
  private final Queue<Step> script = new ArrayDeque<>();
  private final Thread thread = new Thread(this::run, "scripted-server");
  private final List<Socket> abandoned = new ArrayList<>();
  private boolean started;
  private Optional<Socket> plain = Optional.empty();
  private InputStream in;
  private OutputStream out;
  private String tag = "";
  private volatile Throwable failure;

  ScriptedServer() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(PATIENCE_MILLIS);
    thread.setDaemon(true);
  }

  int port() {
    return listener.getLocalPort();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), port());
  }

  /** The script is complete; from here on clients may come. */
  void start() {
    started = true;
    thread.start();
  }

  /** The client sends exactly this line. */
  ScriptedServer expect(String line) {
    return add(
        () -> {
          var got = readLine();
          if (!got.equals(line)) {
            throw new AssertionError("expected \"" + line + "\", got \"" + got + "\"");
          }
        });
  }

  /** The client sends, behind a tag of its choice, a command that begins so. */
  ScriptedServer expectTagged(String command) {
    return add(
        () -> {
          var got = readLine();
          int space = got.indexOf(' ');
          if (space < 0 || !got.substring(space + 1).startsWith(command)) {
            throw new AssertionError("expected \"" + command + "\", got \"" + got + "\"");
          }
          tag = got.substring(0, space);
        });
  }

  /** The client sends exactly these octets. */
  ScriptedServer expectOctets(byte[] octets) {
    return add(
        () -> {
          var got = in.readNBytes(octets.length);
          if (!Arrays.equals(got, octets)) {
            throw new AssertionError(
                "expected other octets, got: " + new String(got, StandardCharsets.ISO_8859_1));
          }
        });
  }

  /** The client sends this many octets of whatever kind. */
  ScriptedServer expectSome(int octets) {
    return add(
        () -> {
          if (in.readNBytes(octets).length < octets) {
            throw new EOFException("the client stopped");
          }
        });
  }

  /** Sends lines. */
  ScriptedServer reply(String... lines) {
    return send((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a line behind the tag of the last command. */
  ScriptedServer replyTagged(String line) {
    return add(
        () -> {
          out.write((tag + " " + line + "\r\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
        });
  }

  /** Tells the test that the script has come so far. */
  ScriptedServer tell(Runnable listener) {
    return add(listener::run);
  }

  /** Sends octets as they are. */
  ScriptedServer send(byte[] octets) {
    return add(
        () -> {
          out.write(octets);
          out.flush();
        });
  }

  /** Sends octets again and again until the client hangs up. */
  ScriptedServer flood(byte[] octets) {
    return add(
        () -> {
          try {
            while (true) {
              out.write(octets);
            }
          } catch (IOException hungUp) {
            hangUp();
          }
        });
  }

  /**
   * Reads nothing more while the client writes, and goes on to the next connection, which the
   * client opens when it has given up on this one.
   */
  ScriptedServer stopReading() {
    return add(
        () -> {
          abandoned.add(plain.orElseThrow());
          plain = Optional.empty();
        });
  }

  /** Waits until the client hangs up. */
  ScriptedServer expectHangUp() {
    return add(
        () -> {
          try {
            int octet = in.read();
            if (octet >= 0) {
              throw new AssertionError("expected the client to hang up, got octet " + octet);
            }
          } catch (IOException reset) {
            // As good as an end.
            plain.orElseThrow().close();
          }
          hangUp();
        });
  }

  /** Closes the connection; the next step waits for another. */
  ScriptedServer drop() {
    return add(this::hangUp);
  }

  /** Shakes hands as a TLS server. */
  ScriptedServer startTls() {
    return startTls(TestTls.server());
  }

  /** The same with a certificate of one's own. */
  ScriptedServer startTls(SSLContext identity) {
    return add(() -> use(shakeHands(identity)));
  }

  /** Begins a handshake that the client breaks off. */
  ScriptedServer startTlsInVain() {
    return startTlsInVain(TestTls.server());
  }

  /** The same with a certificate of one's own. */
  ScriptedServer startTlsInVain(SSLContext identity) {
    return add(
        () -> {
          try {
            // With TLS 1.3 the server hears of it only after its own part is done.
            shakeHands(identity).getInputStream().read();
          } catch (IOException brokenOff) {
            hangUp();
            return;
          }
          throw new AssertionError("the client trusts this certificate");
        });
  }

  private SSLSocket shakeHands(SSLContext identity) throws IOException {
    var socket = plain.orElseThrow();
    var factory = identity.getSocketFactory();
    var tls = (SSLSocket) factory.createSocket(socket, null, socket.getPort(), true);
    tls.setUseClientMode(false);
    tls.startHandshake();
    return tls;
  }

  private ScriptedServer add(Step step) {
    if (started) {
      throw new IllegalStateException("the script is being played");
    }
    script.add(step);
    return this;
  }

  private void run() {
    try (listener) {
      while (!script.isEmpty()) {
        if (plain.isEmpty()) {
          var socket = listener.accept();
          socket.setSoTimeout(PATIENCE_MILLIS);
          socket.setTcpNoDelay(true);
          plain = Optional.of(socket);
          use(socket);
        }
        script.element().play();
        script.remove();
      }
      sayGoodbye();
    } catch (IOException | AssertionError | RuntimeException strayed) {
      failure = strayed;
    } finally {
      hangUp();
    }
  }

  private void use(Socket socket) throws IOException {
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  private void hangUp() {
    if (plain.isPresent()) {
      try {
        plain.get().close();
      } catch (IOException gone) {
        failure = gone;
      }
      plain = Optional.empty();
    }
  }

  private void sayGoodbye() throws IOException {
    if (plain.isPresent()) {
      try {
        if (readLine().equals("QUIT")) {
          out.write("221 2.0.0 bye\r\n".getBytes(StandardCharsets.US_ASCII));
          out.flush();
        }
      } catch (IOException hungUp) {
        // Not every client is polite, and the script is at its end.
        plain.get().close();
      }
    }
  }

  private String readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException("the client hung up after \"" + line + "\"");
      }
      if (octet == '\n') {
        var text = line.toString(StandardCharsets.UTF_8);
        if (!text.endsWith("\r")) {
          throw new AssertionError("a command ends in a bare LF: " + text);
        }
        return text.substring(0, text.length() - 1);
      }
      line.write(octet);
    }
  }

  /**
   * @throws AssertionError if the script was not played to its end
   */
  @Override
  public void close() throws IOException {
    if (!started) {
      listener.close();
      throw new AssertionError("nobody started the script");
    }
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    listener.close();
    for (var socket : abandoned) {
      socket.close();
    }
    if (failure != null) {
      throw new AssertionError("the client strayed from the script: " + failure, failure);
    }
    if (thread.isAlive()) {
      throw new AssertionError("the script has not ended");
    }
  }
}
